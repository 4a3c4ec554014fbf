#include "sim/calibrate/robust_fit.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "algorithms/base/random.hpp"

namespace laconic::calibrate {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double huber = 1.345;        // 95 % efficient where errors are normal
constexpr double least_scale = 1e-14;  // residuals that are rounding alone
constexpr double step = 1e-5;          // of a derivative

double scale_of(const VectorXd& residuals) {
  const VectorXd magnitudes = residuals.cwiseAbs();
  return std::max(least_scale, 1.4826 * quantile({magnitudes.begin(), magnitudes.end()}, 0.5));
}

double loss_of(const VectorXd& residuals, double scale) {
  const double k = huber * scale;
  return residuals.unaryExpr([k](double r) { return std::abs(r) <= k ? r * r / 2 : k * (std::abs(r) - k / 2); }).sum();
}

VectorXd weights_of(const VectorXd& residuals, double scale) {
  const double k = huber * scale;
  return residuals.unaryExpr([k](double r) { return std::abs(r) <= k ? 1.0 : k / std::abs(r); });
}

MatrixXd jacobian_of(const Residuals& residuals, const VectorXd& at, Index rows) {
  MatrixXd out(rows, at.size());
  for (Index i = 0; i < at.size(); ++i) {
    VectorXd up = at, down = at;
    up[i] += step;
    down[i] -= step;
    out.col(i) = (residuals(up) - residuals(down)) / (2 * step);
  }
  return out;
}

// The step that a weighted linear least-squares problem asks for; parameters that nothing depends on stay.
VectorXd step_of(const MatrixXd& jacobian, const VectorXd& weights, const VectorXd& residuals, double damping) {
  const MatrixXd weighted = jacobian.transpose() * weights.asDiagonal();
  MatrixXd normal = weighted * jacobian;
  const double most = std::max(normal.diagonal().maxCoeff(), 1e-300);
  normal.diagonal() += damping * normal.diagonal() + VectorXd::Constant(normal.rows(), 1e-12 * most);
  return -normal.ldlt().solve(weighted * residuals);
}

}  // namespace

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double at = q * static_cast<double>(values.size() - 1), low = std::floor(at);
  const auto i = static_cast<std::size_t>(low);
  if (i + 1 >= values.size()) return values.back();
  return values[i] + (at - low) * (values[i + 1] - values[i]);
}

RobustFit robust_fit(const Residuals& residuals, const VectorXd& start) {
  constexpr int most_steps = 200;
  constexpr double least = 1e-13, of_error = 1e-3, given_up = 1e8, longest = 2;
  RobustFit out;
  out.parameters = start;
  out.residuals = residuals(start);
  out.jacobian = jacobian_of(residuals, start, out.residuals.size());
  double damping = 1e-3;
  for (int i = 0; i < most_steps && damping < given_up; ++i) {
    out.scale = scale_of(out.residuals);
    const double settled = std::max(least, of_error * out.scale / std::sqrt(static_cast<double>(out.residuals.size())));
    VectorXd change = step_of(out.jacobian, weights_of(out.residuals, out.scale), out.residuals, damping);
    change *= std::min(1.0, longest / std::max(longest, change.cwiseAbs().maxCoeff()));
    const VectorXd there = out.parameters + change;
    const VectorXd found = residuals(there);
    if (!(loss_of(found, out.scale) < loss_of(out.residuals, out.scale))) {
      if (change.cwiseAbs().maxCoeff() < settled) break;
      damping = std::max(damping, 1e-9) * 10;
      continue;
    }
    out.parameters = there;
    out.residuals = found;
    out.jacobian = jacobian_of(residuals, there, found.size());
    damping = damping > 1e-12 ? damping / 10 : 0;
    if (change.cwiseAbs().maxCoeff() < settled) break;
  }
  out.scale = scale_of(out.residuals);
  out.loss = out.residuals.cwiseAbs().mean();
  return out;
}

MatrixXd bootstrap(const RobustFit& fit, std::span<const std::size_t> blocks, int draws) {
  constexpr int reweighted = 8;
  const std::size_t count = blocks.empty() ? 0 : *std::max_element(blocks.begin(), blocks.end()) + 1;
  MatrixXd out(draws, fit.parameters.size());
  VectorXd times(fit.residuals.size());
  std::vector<double> drawn(count);
  for (int i = 0; i < draws; ++i) {
    Rng rng(1, Purpose::noise, 0, static_cast<std::uint64_t>(i));
    std::fill(drawn.begin(), drawn.end(), 0);
    for (std::size_t k = 0; k < count; ++k) ++drawn[rng.below(count)];
    for (Index j = 0; j < times.size(); ++j) times[j] = drawn[blocks[static_cast<std::size_t>(j)]];
    VectorXd moved = VectorXd::Zero(fit.parameters.size());
    for (int k = 0; k < reweighted; ++k) {
      const VectorXd residuals = fit.residuals + fit.jacobian * moved;
      moved += step_of(fit.jacobian, weights_of(residuals, fit.scale).cwiseProduct(times), residuals, 0);
    }
    out.row(i) = fit.parameters + moved;
  }
  return out;
}

Estimate exponential(const RobustFit& fit, const MatrixXd& resampled, Index i) {
  const VectorXd column = resampled.col(i);
  const std::vector<double> values(column.begin(), column.end());
  const double here = std::exp(fit.parameters[i]);
  return {here, std::min(here, std::exp(quantile(values, 0.025))), std::max(here, std::exp(quantile(values, 0.975)))};
}

}  // namespace laconic::calibrate
