#pragma once

#include <string>

#include "algorithms/core/problem.hpp"

namespace laconic::scenario {

/// Throws InputError "<file>: /problem: ..." if L or an L_m is no number.
void check_smoothness(const Problem& problem, const std::string& file);

/// Throws InputError "<where>: ..." if the loss or the norm of the gradient at a model with which a run begins is no
/// number; the sample is named, if one alone is enough for that.
void check_start(const Problem& problem, const Vector& theta, const std::string& where);

}  // namespace laconic::scenario
