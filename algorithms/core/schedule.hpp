#pragma once

#include <cmath>
#include <string>

#include <nlohmann/json.hpp>

#include "algorithms/base/params.hpp"
#include "algorithms/core/types.hpp"

namespace laconic {

/// A step size gamma_k.
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

/// Reads a step size: a number, which must be in `range`, an expression, or {"type": "inverse-sqrt" | "inverse", ...}.
/// A `fallback` of null makes it required.
Schedule read_schedule(Params& in, const std::string& key, const nlohmann::json& fallback, const char* meaning,
                       const Range& range = positive);

}  // namespace laconic
