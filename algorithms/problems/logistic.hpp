#pragma once

#include "algorithms/problems/linear.hpp"

namespace laconic::problems {

/// phi(z, y) = log(1 + exp(-y z)), y in {-1, +1}.
struct LogisticLoss {
  static constexpr bool classifies = true;

  using Real = Simd<double>;

  // With e = exp(-|t|) nothing overflows for any margin t = y z.
  template <bool with_loss>
  LACONIC_INLINE Real slope(Real z, Real y, Real& f) const {
    const Real t = y * z, e = exp_of_negative(-abs_of(t));
    if (with_loss) f += log_of_1_plus(e) + select(t < 0, -t, Real{});
    return -y * select(t < 0, all_lanes(1.0), e) / (1 + e);
  }
  double curvature(double z, double) const {
    const double e = std::exp(-std::abs(z));
    return e / ((1 + e) * (1 + e));
  }
  double bound() const { return 0.25; }
};

/// The problem of logistic regression. L and L_m are the usual bounds, lambda_max(X'X) / 4.
/// Takes one Dataset a worker, whose labels are -1 and +1. The optimum is unique if l2 > 0.
Problem make_logistic(std::vector<data::Dataset> shards, const LinearOptions& options,
                      std::optional<data::Dataset> test = {});

ProblemPlan logistic(Params& in, const ProblemContext&);

/// Turns labels of any two distinct values into -1 (the smaller) and +1, the test set's as well, which may hold but one
/// of them. Throws InputError "<name>: ..." otherwise.
void make_binary_labels(data::Dataset& data, data::Dataset* test = nullptr);

}  // namespace laconic::problems
