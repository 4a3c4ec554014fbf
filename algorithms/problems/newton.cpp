#include "algorithms/problems/newton.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "algorithms/problems/newton_system.hpp"

namespace laconic::problems {
namespace {

constexpr double some_roundings = 4 * std::numeric_limits<double>::epsilon();

class Newton {
 public:
  Newton(const Problem& problem, const Convexity& convexity) : problem_(problem), convexity_(convexity) {
    theta_ = Vector::Zero(problem.d);
    f_ = f_0_ = problem.loss(theta_, &g_);
  }

  const Vector& theta() const { return theta_; }
  double value() const { return f_; }
  /// What is at most left to gain.
  double bound() const { return bound_; }
  bool certain() const { return bound_ <= std::max(1e-10 * std::abs(f_), 1e-15 * f_0_); }

  void minimise(NewtonSystem::Effort effort) {
    for (int iteration = 1;; ++iteration) {
      const auto h = convexity_.hessian(theta_);
      const NewtonSystem system(*h, effort);
      const Vector step = system.solve(g_);
      const double decrement = g_.dot(step);
      // The gradient, whose square the decrement is, is then at 1e-13.
      const bool done = decrement / 2 <= std::max(1e-26 * std::abs(f_), 1e-28 * f_0_);
      if (done || iteration == 200 || !(descend(step, decrement, system.scale()) || descend_carefully())) {
        bound_ = bound_of(*h, system, step);
        return;
      }
    }
  }

  /// How far rounding alone, of `unit` an operation, may take f(theta) from what it is.
  double rounding(double unit) const {
    const double f = std::abs(f_), scores = unit * size_of_scores();
    return unit * f + std::sqrt(2 * f) * scores + scores * scores / 2;
  }

 private:
  // Moves to theta - t step; false where no t makes f less. Close to the optimum f no longer tells two points apart;
  // the gradient still does.
  bool descend(const Vector& step, double decrement, const Vector& scale) {
    const double noise = rounding(some_roundings), slope = scale.cwiseProduct(g_).norm();
    Vector next_g;
    double t = 1;
    const int most = convexity_.steepest ? 12 : 100;
    for (int halvings = 0; halvings < most; ++halvings, t /= 2) {
      const Vector next = theta_ - t * step;
      const double f = problem_.loss(next, &next_g);
      const bool less = t * decrement > noise && f <= f_ - 1e-4 * t * decrement;
      if (!less && !(f <= f_ + noise && scale.cwiseProduct(next_g).norm() < 0.5 * slope)) continue;
      theta_ = next;
      f_ = f;
      g_.swap(next_g);
      return true;
    }
    return false;
  }

  // By the step that is the right one for the steepest f there can be.
  bool descend_carefully() {
    if (!convexity_.steepest) return false;
    if (!careful_) careful_.emplace(*convexity_.steepest, NewtonSystem::Effort::quick);
    const Vector step = careful_->solve(g_);
    return descend(step, g_.dot(step), careful_->scale());
  }

  double bound_of(const Hessian& h, const NewtonSystem& system, const Vector& step) const {
    const double lambda = convexity_.shift;
    const Vector missed = g_ - h.times(step), noise = noise_of_gradient();
    const auto& scale = system.scale();
    double bound = f_;  // f is never negative
    if (lambda > 0) bound = std::min(bound, (g_.squaredNorm() + noise.squaredNorm()) / lambda);
    // A column whose squares vanish in rounding is one that the system does not see.
    for (Index j = 0; j < g_.size(); ++j)
      if (scale[j] == 0 && g_[j] != 0) return bound;
    if (!steady(h, step)) return bound;
    // The rounding of scores reaches the gradient through B', which H^-1 undoes.
    const double seen = std::abs(step.dot(g_ + missed)) / 2 + std::pow(some_roundings * size_of_scores(), 2);
    if (lambda > 0) bound = std::min(bound, seen + (missed.squaredNorm() + noise.squaredNorm()) / lambda);
    const double e = scale.cwiseProduct(missed).norm(), e_noise = scale.cwiseProduct(noise).norm();
    if (system.least_eigenvalue() > 0 && (!system.deficient() || e <= 30 * e_noise))
      bound = std::min(bound, seen + (e * e + e_noise * e_noise) / system.least_eigenvalue());
    return bound;
  }

  // Whether the curvature here is, but for a factor of 2, that at the end of the step.
  bool steady(const Hessian& h, const Vector& step) const {
    const auto there = convexity_.hessian(theta_ - step);
    return (2 * there->diagonal().array() >= h.diagonal().array()).all();
  }

  // sum_j |theta_j| sqrt(curvature_j): the norm of what the scores are added up from, in units of sqrt(2 f).
  double size_of_scores() const { return theta_.cwiseAbs().dot(convexity_.curvature.cwiseSqrt()); }

  // A slope's square is at most twice its loss times the curvature's bound, which bounds what the gradient's components
  // are added up from.
  Vector noise_of_gradient() const {
    return some_roundings *
           (std::sqrt(2 * std::abs(f_)) * convexity_.curvature.cwiseSqrt() + convexity_.shift * theta_.cwiseAbs());
  }

  const Problem& problem_;
  const Convexity& convexity_;
  std::optional<NewtonSystem> careful_;
  Vector theta_, g_;
  double f_ = 0, f_0_ = 0, bound_ = std::numeric_limits<double>::infinity();
};

}  // namespace

void find_minimum(Problem& p, const Convexity& f) {
  Newton newton(p, f);
  newton.minimise(NewtonSystem::Effort::quick);
  if (!newton.certain()) newton.minimise(NewtonSystem::Effort::thorough);
  if (newton.certain()) {
    const double rounding = newton.rounding(f.float32 ? 2e-5 : 1e-13) + 1e-15 * p.loss(Vector::Zero(p.d));
    p.set_minimum({newton.theta(), newton.value(), newton.bound() + rounding});
    return;
  }
  p.no_optimum = fmt::format(
      "/problem: loss_gap needs min f, which is not certain: the smallest f found is {:.6g}, and {:.2g} less cannot be "
      "ruled out (features may be collinear but for rounding, or differ too much in scale)",
      newton.value(), newton.bound());
}

}  // namespace laconic::problems
