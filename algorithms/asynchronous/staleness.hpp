#pragma once

#include <cmath>

#include "algorithms/core/setup.hpp"

namespace laconic::asynchronous {

/// s(tau), the weight of an upload whose model is tau updates old. `busy`: the workers that compute at a time.
class Staleness {
 public:
  double operator()(Round tau) const {
    const auto t = static_cast<double>(tau);
    switch (kind_) {
      case Kind::polynomial:
        return std::pow(1 + t, -a_);
      case Kind::hinge:
        return t <= b_ ? 1 : 1 / (a_ * (t - b_) + 1);
      case Kind::delay_adaptive:
        return busy_ / std::max(busy_, t);
      case Kind::constant:
        break;
    }
    return 1;
  }

 private:
  enum class Kind { constant, polynomial, hinge, delay_adaptive };
  friend Staleness read_staleness(Params& in, const char* fallback, int busy);

  Kind kind_ = Kind::constant;
  double a_ = 0, b_ = 0, busy_ = 1;
};

/// Reads "staleness": a name, or an object with its "type", "a" and "b".
inline Staleness read_staleness(Params& in, const char* fallback, int busy) {
  const auto name =
      in.part_name("staleness", fallback, {"constant", "polynomial", "inverse-sqrt", "hinge", "delay-adaptive"},
                   "weight s(tau) of an upload whose model is tau updates old: 1; (1 + tau)^-a; its square "
                   "root; 1 up to tau = b, then 1/(a (tau - b) + 1); M / max(M, tau)");
  Params own = in.part("staleness");
  Staleness out;
  out.busy_ = busy;
  if (name == "polynomial") {
    out.kind_ = Staleness::Kind::polynomial;
    out.a_ = own.number("a", 0.5, non_negative, "how fast the weight falls");
  } else if (name == "inverse-sqrt") {
    out.kind_ = Staleness::Kind::polynomial;
    out.a_ = 0.5;
  } else if (name == "hinge") {
    out.kind_ = Staleness::Kind::hinge;
    out.a_ = own.number("a", 10, non_negative, "how fast the weight falls");
    out.b_ = own.number("b", 4, non_negative, "the staleness up to which it is 1");
  } else if (name == "delay-adaptive") {
    out.kind_ = Staleness::Kind::delay_adaptive;
  }
  return out;
}

}  // namespace laconic::asynchronous
