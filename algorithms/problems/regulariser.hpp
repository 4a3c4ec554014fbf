#pragma once

#include "algorithms/core/types.hpp"

namespace laconic::problems {

/// (l2 / 2) ||theta||^2 + nonconvex sum_i theta_i^2 / (1 + theta_i^2), a part of every f_m.
struct Regulariser {
  double l2 = 0;
  double nonconvex = 0;

  double value(const Vector& theta) const {
    double out = l2 > 0 ? 0.5 * l2 * theta.squaredNorm() : 0;
    if (nonconvex > 0) out += nonconvex * (theta.array().square() / (1 + theta.array().square())).sum();
    return out;
  }
  void add_gradient(const Vector& theta, Vector& g) const {
    g += l2 * theta;
    if (nonconvex > 0) g.array() += 2 * nonconvex * theta.array() / (1 + theta.array().square()).square();
  }
  /// t^2 / (1 + t^2) has second derivatives from -1/2 to 2.
  double smoothness() const { return l2 + 2 * nonconvex; }
};

}  // namespace laconic::problems
