#pragma once

#include "algorithms/problems/linear.hpp"

namespace laconic::problems {

/// phi(z, y) = (z - y)^2 / 2, y any real number. L and L_m are exact; so is the optimum, unique or not.
Problem make_least_squares(std::vector<data::Dataset> shards, const LinearOptions& options);

ProblemPlan least_squares(Params& in, const ProblemContext&);

/// Least squares with "l2" > 0.
ProblemPlan ridge(Params& in, const ProblemContext&);

}  // namespace laconic::problems
