#pragma once

#include <string>
#include <vector>

#include "sim/run/job.hpp"

namespace laconic::run {

/// One line an algorithm: what the scenario's target cost it, the soonest first, then where it ended. At most `width`
/// columns wide: what finds no room is left out, and named below. What is the same for all stands last.
std::string result_table(const scenario::Scenario& scenario, const std::vector<std::optional<JobResult>>& results,
                         std::size_t width);

}  // namespace laconic::run
