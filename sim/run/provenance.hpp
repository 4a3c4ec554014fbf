#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "sim/run/job.hpp"

namespace laconic::run {

/// run.json: the scenario as run, seeds, versions, data digest, constants, wall time. `status`: "complete", "failed" or
/// "interrupted".
std::string run_json(const scenario::Scenario& scenario, const std::vector<std::optional<JobResult>>& results,
                     const char* status, std::chrono::system_clock::time_point started, double wall_s);

/// run.json of a replay: what the run in `folder` told of itself, with the scenario as replayed.
std::string replay_json(const nlohmann::json& told, const scenario::Scenario& scenario,
                        const std::filesystem::path& folder, const std::vector<std::optional<JobResult>>& results,
                        const char* status, std::chrono::system_clock::time_point started, double wall_s);

/// "laconic 0.1.0 (SimGrid 3.32, Eigen 3.4.0, g++ 12.2.0)"
std::string version_line();

}  // namespace laconic::run
