#pragma once

#include "sim/scenario/scenario.hpp"

namespace laconic::scenario {

/// What is allowed and surely meant otherwise: a latency of 10 seconds, a bandwidth of 100 byte/s, more kept entries
/// than there are, a step of 1e9, a target below the optimum. A sentence each, which begins with its place.
std::vector<std::string> warnings_of(const Scenario& scenario);

/// Tells them on the error stream, a line each.
void warn(const Scenario& scenario);

}  // namespace laconic::scenario
