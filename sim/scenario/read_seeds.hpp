#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace laconic::scenario {

/// A scenario's "seeds": it is run with seeds until the results are as sure as is asked for.
struct Seeds {
  static constexpr std::size_t least = 5;  ///< with fewer, an interval says little
  double until = 0;                        ///< how wide an interval may be at most, as a share of its median
  std::size_t most = 0;
  std::string metric;  ///< the cost of each target that is looked at: a column of trajectory.csv
};

/// Reads a scenario that has passed its schema; nothing if it has none. Throws InputError.
std::optional<Seeds> read_seeds(const nlohmann::json& source, const std::string& file);

/// The scenario without "seeds", swept over the first `n` of them: its own, and those that follow.
nlohmann::json with_seeds(nlohmann::json source, std::size_t n);

}  // namespace laconic::scenario
