#pragma once

#include "algorithms/problems/linear.hpp"

namespace laconic {

/// phi(z, y) = log(1 + exp(-y z)), y in {-1, +1}. L and L_m are the usual bounds, lambda_max(X'X) / 4.
/// Takes one Dataset a worker, whose labels are -1 and +1. The optimum is unique if l2 > 0.
Problem make_logistic(std::vector<Dataset> shards, const LinearOptions& options, std::optional<Dataset> test = {});

ProblemPlan logistic(Params& in, const ProblemContext&);

/// Turns labels of any two distinct values into -1 (the smaller) and +1, the test set's as well, which may hold but one
/// of them. Throws InputError "<name>: ..." otherwise.
void make_binary_labels(Dataset& data, Dataset* test = nullptr);

}  // namespace laconic
