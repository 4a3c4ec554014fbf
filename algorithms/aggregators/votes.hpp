#pragma once

#include <cmath>

#include "algorithms/aggregators/sums.hpp"

namespace laconic::aggregators {

/// V = sign(sum_m sign(v_m)), a tie is +1. Bernstein, Wang, Azizzadenesheli, Anandkumar: "signSGD", ICML 2018,
/// Algorithm 2. `scaled`: times the mean of the workers' magnitudes. SCALED, Algorithm 3.
class MajorityVote final : public Aggregator {
 public:
  MajorityVote(Index d, int M, bool scaled) : tally_(d), M_(M), scaled_(scaled) {}
  void begin_round() override {
    tally_.setZero();
    magnitude_ = 0;
  }
  void add(int, const Vector& v) override {
    for (Index i = 0; i < v.size(); ++i) tally_[i] += v[i] < 0 ? -1 : 1;
    magnitude_ += std::abs(v[0]);
  }
  const Vector& result() override {
    const double a = scaled_ ? magnitude_ / M_ : 1;
    for (double& x : tally_) x = x < 0 ? -a : a;
    return tally_;
  }
  bool votes() const override { return true; }
  bool scaled() const override { return scaled_; }

 private:
  Vector tally_;
  int M_;
  bool scaled_;
  double magnitude_ = 0;
};

inline std::unique_ptr<Aggregator> majority_vote(const Setup& s, Reuse) {
  return std::make_unique<MajorityVote>(s.d(), s.M(), false);
}
inline std::unique_ptr<Aggregator> scaled_majority_vote(const Setup& s, Reuse) {
  return std::make_unique<MajorityVote>(s.d(), s.M(), true);
}

}  // namespace laconic::aggregators
