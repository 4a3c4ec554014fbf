#pragma once

#include <cmath>
#include <string>

#include "algorithms/core/types.hpp"

namespace laconic {

/// A step size gamma_k. (algorithms.md section 1)
struct Schedule {
  enum class Kind { constant, inverse_sqrt, inverse };
  Kind kind = Kind::constant;
  double a = 1;  ///< constant: gamma; inverse_sqrt: c; inverse: a
  double b = 0;  ///< inverse: b

  double operator()(Round k) const {
    switch (kind) {
      case Kind::inverse_sqrt:
        return a / std::sqrt(static_cast<double>(k) + 1);
      case Kind::inverse:
        return a / (static_cast<double>(k) + b);
      case Kind::constant:
        break;
    }
    return a;
  }
};

}  // namespace laconic
