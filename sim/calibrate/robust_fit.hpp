#pragma once

#include <Eigen/Core>
#include <functional>
#include <span>
#include <vector>

namespace laconic::calibrate {

inline constexpr int resamples = 200;  ///< of a bootstrap

/// The residuals at some parameters: as many each time, all finite.
using Residuals = std::function<Eigen::VectorXd(const Eigen::VectorXd& parameters)>;

/// A robust nonlinear fit.
struct RobustFit {
  Eigen::VectorXd parameters, residuals;
  Eigen::MatrixXd jacobian;  ///< of the residuals, there
  double scale = 0;          ///< of the residuals: 1.4826 times the median of their magnitudes
  double loss = 0;           ///< mean of the residuals' magnitudes
};

/// Huber's M-estimate (k = 1.345) by iteratively reweighted least squares, each step one of Levenberg and Marquardt's.
/// What lies further out than k scales, as a message does that its operating system delayed, counts with its magnitude
/// instead of its square. (Huber: "Robust estimation of a location parameter", 1964; Holland and Welsch: "Robust
/// regression using iteratively reweighted least-squares", 1977.)
RobustFit robust_fit(const Residuals& residuals, const Eigen::VectorXd& start);

/// Parameters of so many resamples, a row each: whole blocks (rounds) of residuals are drawn with replacement, and one
/// step of the estimate is made from the fit's own linearisation. (Efron and Tibshirani: "An introduction to the
/// bootstrap", 1993, 8.6; one step: Schucany and Wang, 1991.) `blocks`: each residual's, from 0.
Eigen::MatrixXd bootstrap(const RobustFit& fit, std::span<const std::size_t> blocks, int draws);

/// A value and what may be said of it: between `low` and `high` in 95 % of resamples.
struct Estimate {
  double value = 0, low = 0, high = 0;
};

/// Parameter i, whose logarithm was fitted.
Estimate exponential(const RobustFit& fit, const Eigen::MatrixXd& resampled, Eigen::Index i);

/// The q-quantile, linearly interpolated; sorts what it is given. Not of nothing.
double quantile(std::vector<double> values, double q);

}  // namespace laconic::calibrate
