#pragma once

#include <functional>
#include <vector>

#include "algorithms/data/dataset.hpp"
#include "algorithms/problems/problem.hpp"

namespace laconic {

/// The Hessian sum_m X_m' diag(s_m) X_m + diagonal I of a strongly convex f: diagonal > 0, s_m >= 0.
struct Curvature {
  struct Block {
    const Rows* x;
    Vector s;
  };
  std::vector<Block> blocks;
  double diagonal = 0;
};

/// min f to machine precision, by Newton's method from 0 with a backtracking line search; the Newton step by Cholesky
/// for small d, else by preconditioned conjugate gradients without forming the Hessian.
/// Throws RunError if the remaining gap, estimated by half the squared Newton decrement, is above 1e-12 |f|.
double minimum_by_newton(const Problem& problem, const std::function<Curvature(const Vector& theta)>& curvature);

}  // namespace laconic
