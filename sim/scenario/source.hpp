#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/base/params.hpp"

namespace laconic::scenario {

/// Overrides from the command line.
struct ScenarioOptions {
  std::vector<std::string> set;  ///< "/pointer=value"
  std::optional<std::uint64_t> seed;
  bool full = false;     ///< at the scale that the scenario's "full" states
  bool optimum = false;  ///< compute min f where that is known and takes seconds, even if nothing asks for it
  std::string platform;  ///< another platform, as put_platform takes it; empty: the scenario's own
};

/// A scenario file's JSON with its overrides.
nlohmann::json read_source(const std::filesystem::path& file, const ScenarioOptions& options);

/// What the readers of a scenario's blocks read from.
struct Source {
  nlohmann::json json;           ///< has passed the schema
  std::string file;              ///< for messages
  std::filesystem::path folder;  ///< where relative paths are looked up first

  int workers() const { return json["workers"]; }
  std::uint64_t seed() const { return json.value("seed", std::uint64_t{1}); }
  /// A block, such as "stop"; one that is absent reads as empty. Refers to this source.
  Params block(const char* key) const;
};

/// Checks JSON against the schema, with the platform's file, if it names one, in the file's place. Throws InputError.
Source open_source(nlohmann::json given, const std::string& file, const std::filesystem::path& folder);

}  // namespace laconic::scenario
