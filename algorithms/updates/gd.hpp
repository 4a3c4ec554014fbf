#pragma once

#include "algorithms/core/setup.hpp"

namespace laconic::updates {

/// theta^{k+1} = theta^k - gamma_k G^k
class Descent final : public Update {
 public:
  explicit Descent(Schedule gamma) : gamma_(gamma) {}
  void apply(Round k, Vector& theta, const Vector& direction) override { theta -= gamma_(k) * direction; }
  bool tells_direction() const override { return true; }
  void find_direction(Round k, const Vector& before, const Vector& after, Vector& direction) override {
    direction = (before - after) / gamma_(k);
  }

 private:
  Schedule gamma_;
};

inline PerWorker<Update> descent(const Setup& s, Params&) {
  return [gamma = s.step](int) { return std::make_unique<Descent>(gamma); };
}

}  // namespace laconic::updates
