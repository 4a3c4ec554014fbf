#pragma once

#include <string>
#include <vector>

#include "sim/run/job.hpp"

namespace laconic::run {

/// One line an algorithm: rounds, uploads, bits up and down, simulated time, what was reached.
std::string result_table(const scenario::Scenario& scenario, const std::vector<std::optional<JobResult>>& results);

}  // namespace laconic::run
