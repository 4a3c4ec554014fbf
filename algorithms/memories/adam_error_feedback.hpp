#pragma once

#include "algorithms/core/setup.hpp"
#include "algorithms/updates/adaptive.hpp"

namespace laconic::memories {

/// The worker's own Adam step, compressed with error feedback: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
/// p = gamma_k m / sqrt(v + eps) + e, then e = p - C(p). The server applies C(p) as it is. Chen, Shen, Huang, Liu:
/// "Quantized Adam with error feedback", 2020.
class AdamErrorFeedback final : public Memory {
 public:
  AdamErrorFeedback(Index d, Schedule gamma, updates::Moments p)
      : gamma_(gamma), p_(p), m_(Vector::Zero(d)), v_(Vector::Zero(d)), e_(Vector::Zero(d)) {}
  void compensate(Round k, const Vector& g, Vector& wanted) override {
    m_ = p_.beta1 * m_ + (1 - p_.beta1) * g;
    v_ = p_.beta2 * v_ + (1 - p_.beta2) * g.cwiseAbs2();
    wanted = (gamma_(k) * m_.array() / (v_.array() + p_.eps).sqrt()).matrix() + e_;
  }
  void commit(const Vector& wanted, const Vector& sent) override { e_ = wanted - sent; }
  bool needs_contraction() const override { return true; }
  bool applies_step() const override { return true; }
  bool normalises() const override { return true; }

 private:
  Schedule gamma_;
  updates::Moments p_;
  Vector m_, v_, e_;
};

inline PerWorker<Memory> adam_error_feedback(const Setup& s, Params& in) {
  return [p = updates::read_moments(in), d = s.d(), gamma = s.step](int) {
    return std::make_unique<AdamErrorFeedback>(d, gamma, p);
  };
}

}  // namespace laconic::memories
