#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "algorithms/core/problem.hpp"
#include "algorithms/data/dataset.hpp"

namespace laconic::problems {

/// The Hessian of a convex f at some theta.
class Hessian {
 public:
  virtual ~Hessian() = default;
  virtual Vector times(const Vector& v) const = 0;
  virtual Vector diagonal() const = 0;
  /// Its lower triangle, where d is small enough to write it down.
  virtual std::optional<Eigen::MatrixXd> dense() const { return {}; }
};

/// sum_m X_m' diag(s_m) X_m + diagonal I; diagonal >= 0, s_m >= 0.
class GramHessian final : public Hessian {
 public:
  struct Block {
    const data::Rows* x;
    Vector s;
  };
  std::vector<Block> blocks;
  double diagonal_part = 0;

  Vector times(const Vector& v) const override;
  Vector diagonal() const override;
  std::optional<Eigen::MatrixXd> dense() const override;
};

/// min f of a convex f that attains it, to machine precision, by Newton's method from 0 with a backtracking line
/// search; the Newton step by factorisation for small d, else by preconditioned conjugate gradients. Throws RunError if
/// the remaining gap, estimated by half the squared Newton decrement, is above 1e-12 |f|, or 1e-15 of f(0) where the
/// minimum is next to 0.
Minimum minimum_by_newton(const Problem& problem,
                          const std::function<std::unique_ptr<Hessian>(const Vector& theta)>& hessian);

}  // namespace laconic::problems
