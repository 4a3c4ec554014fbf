#pragma once

#include <functional>
#include <vector>

#include "algorithms/data/dataset.hpp"

namespace laconic::problems {

/// The Hessian of a convex f at some theta: H = B'B + shift I, d x d.
class Hessian {
 public:
  virtual ~Hessian() = default;
  virtual Vector times(const Vector& v) const = 0;
  virtual Vector diagonal() const = 0;
  virtual double shift() const = 0;
  virtual Index rows() const = 0;  ///< B's
  /// B diag(scale), some rows at a time.
  virtual void each_rows(const Vector& scale, const std::function<void(const RowMatrix&)>& take) const = 0;
};

/// sum_m X_m' diag(s_m) X_m + diagonal_part I; diagonal_part >= 0, s_m >= 0.
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
  double shift() const override { return diagonal_part; }
  Index rows() const override;
  void each_rows(const Vector& scale, const std::function<void(const RowMatrix&)>& take) const override;
};

/// Rows first, ..., first + count - 1 of x, dense.
RowMatrix dense_rows(const data::Rows& x, Index first, Index count);

/// How many dense rows of d entries are held at a time.
Index rows_at_once(Index d);

}  // namespace laconic::problems
