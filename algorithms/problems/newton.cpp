#include "algorithms/problems/newton.hpp"

#include <fmt/format.h>
#include <Eigen/Cholesky>
#include <Eigen/QR>

#include <cmath>

#include "algorithms/base/error.hpp"

namespace laconic::problems {
namespace {

constexpr Index dense_limit = 500;

Index features(const GramHessian& h) {
  return std::visit([](const auto& x) -> Index { return x.cols(); }, *h.blocks.front().x);
}

// A positive semidefinite matrix may have a null space, in which g has no part.
Vector solve_dense(const Eigen::MatrixXd& h, const Vector& g) {
  const Eigen::LLT<Eigen::MatrixXd> llt(h);  // reads the lower triangle
  if (llt.info() == Eigen::Success && llt.rcond() > 1e-15) return llt.solve(g);
  const Eigen::MatrixXd full = h.selfadjointView<Eigen::Lower>();
  return full.completeOrthogonalDecomposition().solve(g);
}

// Jacobi-preconditioned conjugate gradients, tightening as Newton converges.
Vector solve_by_cg(const Hessian& h, const Vector& g) {
  const Vector inverse = h.diagonal().unaryExpr([](double x) { return x > 0 ? 1 / x : 1; });
  const double tolerance = std::min(0.1, std::sqrt(g.norm())) * 1e-2 * g.norm();
  Vector x = Vector::Zero(g.size()), r = g, z = inverse.cwiseProduct(r), p = z;
  double rz = r.dot(z);
  for (Index i = 0; i < 10 * g.size() && r.norm() > tolerance; ++i) {
    const Vector hp = h.times(p);
    const double curvature = p.dot(hp);
    if (!(curvature > 0)) break;
    const double alpha = rz / curvature;
    x += alpha * p;
    r -= alpha * hp;
    z = inverse.cwiseProduct(r);
    const double next = r.dot(z);
    p = z + next / rz * p;
    rz = next;
  }
  return x;
}

}  // namespace

Vector GramHessian::times(const Vector& v) const {
  Vector y = diagonal_part * v;
  for (const auto& block : blocks) {
    std::visit(
        [&](const auto& x) {
          const Vector z = block.s.cwiseProduct(x * v);
          y.noalias() += x.transpose() * z;
        },
        *block.x);
  }
  return y;
}

Vector GramHessian::diagonal() const {
  Vector out = Vector::Constant(features(*this), diagonal_part);
  for (const auto& block : blocks)
    std::visit([&](const auto& x) { out.noalias() += x.cwiseAbs2().transpose() * block.s; }, *block.x);
  return out;
}

std::optional<Eigen::MatrixXd> GramHessian::dense() const {
  const Index d = features(*this);
  if (d > dense_limit) return {};
  Eigen::MatrixXd h = diagonal_part * Eigen::MatrixXd::Identity(d, d);
  for (const auto& block : blocks) {
    if (const auto* x = std::get_if<RowMatrix>(block.x)) {
      const RowMatrix scaled = block.s.cwiseSqrt().asDiagonal() * *x;
      h.selfadjointView<Eigen::Lower>().rankUpdate(scaled.transpose());
    } else {
      const auto& sparse = std::get<SparseRows>(*block.x);
      h += Eigen::MatrixXd(sparse.transpose() * (block.s.asDiagonal() * sparse));
    }
  }
  return h;
}

Minimum minimum_by_newton(const Problem& problem,
                          const std::function<std::unique_ptr<Hessian>(const Vector& theta)>& hessian) {
  Vector theta = Vector::Zero(problem.d), g(problem.d), next_g(problem.d);
  double f = problem.loss(theta, &g), gap = 0;
  const double f_0 = std::abs(f);
  const auto small = [&](double share, double share_of_start) {
    return gap <= std::max(share * std::abs(f), share_of_start * f_0);
  };
  for (int iteration = 0; iteration < 200; ++iteration) {
    const auto h = hessian(theta);
    const auto matrix = h->dense();
    const Vector step = matrix ? solve_dense(*matrix, g) : solve_by_cg(*h, g);
    const double decrement = g.dot(step);
    gap = decrement / 2;
    if (small(1e-26, 1e-28)) return {theta, f};  // the gradient, whose square this is, at 1e-13
    // Close to the optimum f no longer tells two points apart; the gradient still does.
    double t = 1, next_f = f;
    Vector next;
    bool better = false;
    for (int halvings = 0; halvings < 50 && !better; ++halvings, t /= 2) {
      next = theta - t * step;
      next_f = problem.loss(next, &next_g);
      better =
          next_f <= f - 1e-4 * t * decrement || (next_f <= f + 1e-14 * std::abs(f) && next_g.norm() < 0.9 * g.norm());
    }
    if (!better) break;
    theta = next;
    f = next_f;
    g.swap(next_g);
  }
  if (!small(1e-12, 1e-15))
    throw RunError(fmt::format("the optimum, which loss_gap needs, was found only to {:.1e} of {:.6g}", gap, f));
  return {theta, f};
}

}  // namespace laconic::problems
