#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"

namespace laconic::deploy {

/// What rank 0 is told by the process that gathers its results, which may be another's on the same file system.
struct Plan {
  nlohmann::json source;  ///< the scenario
  std::string file;
  std::filesystem::path folder;                             ///< where its relative paths begin
  std::filesystem::path said;                               ///< where progress and endings go, as frames (run/messages)
  std::filesystem::path hello;                              ///< where it says who is there, or why it cannot run
  std::vector<std::filesystem::path> rows, sections, logs;  ///< an algorithm each
  bool send_data = false;

  nlohmann::json json() const;
  static Plan of(const nlohmann::json& json);
};

/// What a rank must have read for it to compute as the others do.
std::string digest_of_data(const scenario::Scenario& scenario, const std::filesystem::path& folder);

}  // namespace laconic::deploy
