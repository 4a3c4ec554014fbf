#pragma once

#include <vector>

#include "algorithms/data/dataset.hpp"
#include "algorithms/problems/problem.hpp"
#include "algorithms/problems/registry.hpp"

namespace laconic {

/// f_m(theta) = reduce_i log(1 + exp(-y_i x_i' theta)) + (l2 / 2) ||theta||^2, y_i in {-1, +1}, over worker m's
/// samples; reduce is a sum or a mean. (algorithms.md section 1)
struct LogisticOptions {
  double l2 = 0;
  Reduction objective = Reduction::sum;
  Reduction reduction = Reduction::sum;
  bool optimum = false;  ///< compute min f to machine precision; needs l2 > 0, which makes it unique
};

/// Takes one Dataset a worker, whose labels are -1 and +1.
/// L and L_m are the usual bounds: the largest eigenvalue of X'X over 4 plus the regulariser's part, to 1e-12 relative.
/// Throws RunError if the optimum was asked for and machine precision cannot be reached.
Problem make_logistic(std::vector<Dataset> shards, const LogisticOptions& options);

/// Reads "l2", "objective" and "reduction".
ProblemPlan logistic(Params& in);

/// Turns labels of any two distinct values into -1 (the smaller) and +1. Throws InputError "<name>: ..." otherwise.
void make_binary_labels(Dataset& data);

}  // namespace laconic
