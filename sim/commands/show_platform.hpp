#pragma once

#include <filesystem>
#include <optional>

#include "sim/scenario/scenario.hpp"

namespace laconic::commands {

struct ShowPlatformOptions {
  std::optional<int> workers;  ///< default: the scenario's; all that fit in XML; else 10
  std::filesystem::path out;   ///< where the picture goes; empty: results/platforms
  bool all = false;            ///< every line of a long table
  bool json = false;           ///< ranges over the workers, as JSON, and nothing else
};

/// Prints hosts, links, and latency and bandwidth between the server and the workers of a scenario, of a platform block
/// in JSON, or of SimGrid's XML; and draws them as <out>/<name>.dot, and .svg where GraphViz's `dot` is installed.
/// As JSON: SI units, bytes per second and flop/s, and [least, most] over the workers; a bandwidth of null is unlimited
/// or unknown. Throws InputError as load_scenario does, and if there is no network.
void show_platform(const std::filesystem::path& file, const scenario::ScenarioOptions& overrides,
                   const ShowPlatformOptions& options);

}  // namespace laconic::commands
