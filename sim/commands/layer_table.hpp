#pragma once

#include <string>

#include "algorithms/core/problem.hpp"

namespace laconic::commands {

/// The layers of a problem, a line each: shape, parameters, and what the backward pass spends on it; and their sums.
std::string layer_table(const Problem& problem);

}  // namespace laconic::commands
