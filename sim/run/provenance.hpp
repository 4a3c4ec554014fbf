#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/run/job.hpp"

namespace laconic::run {

/// "formats" in run.json, sweep.json and claims.json: the number of the format that the file itself has ("json"), and
/// of those of the CSV beside it ("csv"), which say nothing of their own. A number grows only when what an older reader
/// knows would mislead it; keys and columns may be added without.
nlohmann::ordered_json formats();

/// run.json: the scenario as run, seeds, versions, data digest, constants, wall time. `status`: "complete", "failed",
/// "interrupted", or "running" where nothing has ended yet.
nlohmann::ordered_json run_json(const scenario::Scenario& scenario,
                                const std::vector<std::optional<JobResult>>& results, const char* status,
                                std::chrono::system_clock::time_point started, double wall_s);

/// run.json of a replay: what the run in `folder` told of itself, with the scenario as replayed.
nlohmann::ordered_json replay_json(const nlohmann::json& told, const scenario::Scenario& scenario,
                                   const std::filesystem::path& folder,
                                   const std::vector<std::optional<JobResult>>& results, const char* status,
                                   std::chrono::system_clock::time_point started, double wall_s);

/// "laconic 0.2.0 (SimGrid 3.32, Eigen 3.4.0, g++ 12.2.0)"
std::string version_line();

}  // namespace laconic::run
