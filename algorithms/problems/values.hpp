#pragma once

#include "algorithms/data/dataset.hpp"

namespace laconic::problems {

/// Throws InputError "<name>: sample 3, feature 7: ..." where values are so large that their squares, of which
/// smoothness constants are made, do not add up to a number, or that float32 does not hold them.
void check_values(const data::Dataset& data, bool float32);

/// Throws InputError "<name>: sample 3: ..." where labels are so large that the sum of their squares is no number.
void check_targets(const data::Dataset& data);

}  // namespace laconic::problems
