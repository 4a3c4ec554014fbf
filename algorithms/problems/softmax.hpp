#pragma once

#include <vector>

#include "algorithms/problems/linear.hpp"

namespace laconic::problems {

/// Multi-class logistic regression: f_m(theta) = reduce_i (log sum_c exp(x_i' theta_c) - x_i' theta_{y_i}) +
/// regulariser, y_i in {0, ..., classes - 1}. theta is d x classes, row by row: entry j classes + c is feature j's
/// weight for class c. L and L_m are lambda_max(X'X) / 2 (Boehning, "Multinomial logistic regression algorithm", Ann.
/// Inst. Stat. Math. 44, 1992). Flops: 4 classes an entry.
Problem make_softmax(std::vector<data::Dataset> shards, const LinearOptions& options, Index classes,
                     std::optional<data::Dataset> test = {});

ProblemPlan softmax(Params& in, const ProblemContext&);

/// Turns labels of any distinct values, at least two, into 0, 1, ... in ascending order, the test set's as well; how
/// many there are. Throws InputError "<name>: ..." for more than 10000, or for a test label that no training sample
/// has.
Index make_class_labels(data::Dataset& data, data::Dataset* test = nullptr);

}  // namespace laconic::problems
