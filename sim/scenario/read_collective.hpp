#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/rounds/collectives/collective.hpp"

namespace laconic::scenario {

/// Reads "collective" of a scenario. `racks`: where the platform says that the workers stand.
std::optional<rounds::Collective> read_collective(const nlohmann::json& source, const std::string& file,
                                                  std::vector<std::size_t> racks);

}  // namespace laconic::scenario
