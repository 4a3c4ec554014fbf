#include "algorithms/problems/newton.hpp"

#include <fmt/format.h>
#include <Eigen/Cholesky>

#include <cmath>

#include "algorithms/core/error.hpp"

namespace laconic {
namespace {

constexpr Index dense_limit = 500;

Vector product(const Curvature& c, const Vector& v) {
  Vector y = c.diagonal * v;
  for (const auto& block : c.blocks) {
    std::visit(
        [&](const auto& x) {
          const Vector z = block.s.cwiseProduct(x * v);
          y.noalias() += x.transpose() * z;
        },
        *block.x);
  }
  return y;
}

Vector diagonal(const Curvature& c, Index d) {
  Vector out = Vector::Constant(d, c.diagonal);
  for (const auto& block : c.blocks)
    std::visit([&](const auto& x) { out.noalias() += x.cwiseAbs2().transpose() * block.s; }, *block.x);
  return out;
}

Vector solve_dense(const Curvature& c, const Vector& g) {
  const Index d = g.size();
  Eigen::MatrixXd h = c.diagonal * Eigen::MatrixXd::Identity(d, d);
  for (const auto& block : c.blocks) {
    if (const auto* x = std::get_if<RowMatrix>(block.x)) {
      const RowMatrix scaled = block.s.cwiseSqrt().asDiagonal() * *x;
      h.selfadjointView<Eigen::Lower>().rankUpdate(scaled.transpose());
    } else {
      const auto& sparse = std::get<SparseRows>(*block.x);
      h += Eigen::MatrixXd(sparse.transpose() * (block.s.asDiagonal() * sparse));
    }
  }
  return h.selfadjointView<Eigen::Lower>().ldlt().solve(g);
}

// Jacobi-preconditioned conjugate gradients, tightening as Newton converges.
Vector solve_by_cg(const Curvature& c, const Vector& g) {
  const Vector inverse = diagonal(c, g.size()).cwiseInverse();
  const double tolerance = std::min(0.1, std::sqrt(g.norm())) * 1e-2 * g.norm();
  Vector x = Vector::Zero(g.size()), r = g, z = inverse.cwiseProduct(r), p = z;
  double rz = r.dot(z);
  for (Index i = 0; i < 10 * g.size() && r.norm() > tolerance; ++i) {
    const Vector hp = product(c, p);
    const double alpha = rz / p.dot(hp);
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

double minimum_by_newton(const Problem& problem, const std::function<Curvature(const Vector& theta)>& curvature) {
  const Index d = problem.d;
  Vector theta = Vector::Zero(d), g(d), next_g(d);
  double f = problem.loss(theta, &g), gap = 0;
  for (int iteration = 0; iteration < 200; ++iteration) {
    const Curvature h = curvature(theta);
    const Vector step = d <= dense_limit ? solve_dense(h, g) : solve_by_cg(h, g);
    const double decrement = g.dot(step);
    gap = decrement / 2;
    if (!(gap > 1e-17 * std::abs(f))) return f;
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
  if (!(gap <= 1e-12 * std::abs(f)))
    throw RunError(fmt::format("the optimum, which loss_gap needs, was found only to {:.1e} of {:.6g}", gap, f));
  return f;
}

}  // namespace laconic
