#pragma once

#include <string>
#include <vector>

#include "sim/job.hpp"

namespace laconic {

/// "1.25 Mbit", "3.4 GB", "12.5 ms", "2 h 05 min": for people.
std::string human(double value, const char* unit);
std::string human_time(double seconds);

/// Columns aligned, the first to the left, the others to the right; numbers as text.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

/// One line an algorithm: rounds, uploads, bits up and down, simulated time, what was reached.
std::string result_table(const Scenario& scenario, const std::vector<std::optional<JobResult>>& results);

}  // namespace laconic
