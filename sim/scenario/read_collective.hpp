#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/rounds/collectives/collective.hpp"

namespace laconic::scenario {

/// Reads "collective" of a scenario, or of the algorithm's entry at `pointer`. `racks`: where the platform says that
/// the M workers stand. Nothing: the parameter server.
std::optional<rounds::Collective> read_collective(const nlohmann::json& block, const std::string& file,
                                                  const std::string& pointer, int M,
                                                  const std::vector<std::size_t>& racks);

}  // namespace laconic::scenario
