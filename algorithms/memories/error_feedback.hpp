#pragma once

#include "algorithms/core/setup.hpp"

namespace laconic::memories {

/// p = gamma_k g + e; after an upload e = p - C(p), C(p) as decoded; a silent round leaves e as it is (LE, Algorithm
/// 2). "error-feedback" has gamma_k = 1 here and the step at the server (LE); "scaled-error-feedback" has the step here
/// and the server applies C(p) as it is (SCALED (12)).
class ErrorFeedback final : public Memory {
 public:
  ErrorFeedback(Index d, std::optional<Schedule> gamma) : e_(Vector::Zero(d)), gamma_(gamma) {}
  void compensate(Round k, const Vector& g, Vector& wanted) override {
    wanted = (gamma_ ? (*gamma_)(k) : 1.0) * g + e_;
  }
  void commit(const Vector& wanted, const Vector& sent) override { e_ = wanted - sent; }
  bool needs_contraction() const override { return true; }
  bool applies_step() const override { return gamma_.has_value(); }
  const Vector& error() const { return e_; }

 private:
  Vector e_;
  std::optional<Schedule> gamma_;
};

inline PerWorker<Memory> error_feedback(const Setup& s, Params&) {
  return [d = s.d()](int) { return std::make_unique<ErrorFeedback>(d, std::nullopt); };
}

inline PerWorker<Memory> scaled_error_feedback(const Setup& s, Params&) {
  return [d = s.d(), gamma = s.step](int) { return std::make_unique<ErrorFeedback>(d, gamma); };
}

}  // namespace laconic::memories
