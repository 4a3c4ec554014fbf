#pragma once

#include "algorithms/problems/linear.hpp"

namespace laconic::problems {

/// The hinge max(0, 1 - t) of the margin t = y z, y in {-1, +1}, with its corner rounded by a parabola of width h
/// (Huber): 0 from t = 1 up, (1 - t)^2 / (2 h) down to t = 1 - h, 1 - t - h/2 below. L and L_m are lambda_max(X'X) / h.
Problem make_smooth_svm(std::vector<data::Dataset> shards, const LinearOptions& options, double h,
                        std::optional<data::Dataset> test = {});

/// Reads "smoothing" as h.
ProblemPlan smooth_svm(Params& in, const ProblemContext&);

}  // namespace laconic::problems
