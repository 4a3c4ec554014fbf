#pragma once

#include <Eigen/Cholesky>

#include "algorithms/problems/hessian.hpp"

namespace laconic::problems {

/// Newton's equations H p = g, solved in columns that are scaled (by powers of two, exactly) to a diagonal near 1: in
/// which units the features are given then makes no difference.
class NewtonSystem {
 public:
  enum class Effort {
    quick,     ///< Cholesky's factorisation of H for small d, else conjugate gradients
    thorough,  ///< singular values of B for small d, which tell apart what in H, where they are squared, is rounding
  };
  /// Refers to h.
  NewtonSystem(const Hessian& h, Effort effort);

  Vector solve(const Vector& g) const;
  /// What a model's coordinates are divided by: scaled, the Hessian is diag(scale) H diag(scale). 0 for columns of 0.
  const Vector& scale() const { return scale_; }
  /// A lower bound of the scaled Hessian's eigenvalues, but for those of directions that solve() leaves out; 0:
  /// unknown.
  double least_eigenvalue() const { return least_; }
  /// Whether there are directions in which f is flat to rounding, which solve() leaves out.
  bool deficient() const { return deficient_; }

 private:
  void factorise();
  template <class Real>
  void decompose();
  Vector conjugate_gradients(const Vector& g) const;

  const Hessian& h_;
  Vector scale_;
  Eigen::LLT<Eigen::MatrixXd> llt_;
  Eigen::MatrixXd directions_;  // right singular vectors of B diag(scale), without those left out
  Vector eigenvalues_;          // squares of their singular values
  bool factorised_ = false;
  double least_ = 0;
  bool deficient_ = false;
};

}  // namespace laconic::problems
