#pragma once

#include <functional>
#include <memory>

#include "algorithms/core/problem.hpp"
#include "algorithms/problems/hessian.hpp"

namespace laconic::problems {

/// What must be known of a convex f >= 0, f = sum_i w_i phi_i(B_i theta) + (shift / 2) ||theta||^2, to be certain of
/// its minimum.
struct Convexity {
  std::function<std::unique_ptr<Hessian>(const Vector& theta)> hessian;
  /// What no Hessian of f exceeds, shift included, if it is known: for where f is linear, and far from quadratic.
  std::shared_ptr<const Hessian> steepest;
  Vector curvature;  ///< an upper bound of the Hessian's diagonal for any theta, without the shift
  double shift = 0;
  bool float32 = false;  ///< runs compute losses from scores in float32
};

/// Sets p's optimum, by Newton's method from 0 with a backtracking line search, if it is certain; else p.no_optimum.
///
/// Certain means that a bound of what is left to gain is at most 1e-10 |f|, or 1e-15 f(0) where the minimum is next to
/// 0. The bound does not take the solver's word: for any step p, e = g - H p says what the solver missed of the
/// gradient, and f - min f <= (p'g + p'e + e' H^-1 e) / 2 where H is steady, with e' H^-1 e <= ||e||^2 / lambda for a
/// lower bound lambda of H's eigenvalues: the shift, or in scaled columns what NewtonSystem says. The gradient's own
/// rounding counts as a part of e. Where f has flat directions, e must be rounding.
void find_minimum(Problem& p, const Convexity& f);

}  // namespace laconic::problems
