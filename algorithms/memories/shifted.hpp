#pragma once

#include "algorithms/core/setup.hpp"

namespace laconic::memories {

/// p = g - h, and h += alpha C(p), at both ends; the server steps by h + C(p). With an unbiased C the shifts h learn
/// the gradients at the optimum, which compression then no longer disturbs. Mishchenko, Gorbunov, Takac, Richtarik:
/// "Distributed learning with compressed gradient differences" (DIANA), 2019.
class Shifted final : public Memory {
 public:
  Shifted(Index d, double alpha) : h_(Vector::Zero(d)), alpha_(alpha) {}
  void compensate(Round, const Vector& g, Vector& wanted) override { wanted = g - h_; }
  void held(const Vector& sent, Vector& copy) const override { copy = h_ + sent; }
  void commit(const Vector&, const Vector& sent) override { h_ += alpha_ * sent; }
  std::optional<double> shift() const override { return alpha_; }

 private:
  Vector h_;
  double alpha_;
};

inline PerWorker<Memory> shifted(const Setup& s, Params& in) {
  const Range range{"a number above 0, at most 1", 0, 1, true};
  double alpha = s.omega ? 1 / (1 + *s.omega) : 0;
  if (in.look("alpha", s.omega ? "1/(1+omega)" : "required",
              "a number above 0, at most 1, or an expression such as \"1/L\"", "how fast the shifts follow") ||
      !s.omega)
    alpha = in.expression("alpha", nullptr, range, "how fast the shifts follow");
  return [d = s.d(), alpha](int) { return std::make_unique<Shifted>(d, alpha); };
}

}  // namespace laconic::memories
