#pragma once

#include "sim/run/run.hpp"

namespace laconic::run {

/// What is different on the network a run is replayed on.
struct ReplayOptions {
  std::string platform;          ///< a file (JSON or XML; of a scenario, its platform), or JSON; empty: as it was
  std::string network;           ///< JSON: keys of "network" to replace
  std::vector<std::string> set;  ///< "/pointer=value"
};

/// Replays a finished run, whose run.json and run.trace are in `folder`, on another network: the same rows that a live
/// run there would write, byte for byte, without problem, data or a gradient. Writes a result folder of its own.
/// Throws InputError where something would change what is learned, or was not recorded; a run that goes on beyond its
/// record fails. Returns the exit code as run_scenario does.
int replay_run(const std::filesystem::path& folder, const ReplayOptions& replay, const RunOptions& options);

}  // namespace laconic::run
