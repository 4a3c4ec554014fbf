#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "algorithms/core/message.hpp"
#include "sim/network/cluster.hpp"

namespace laconic::scenario {

/// Reads "execution" of a scenario, or of the algorithm's entry at `pointer`; nothing: it has none.
std::optional<network::Execution> read_execution(const nlohmann::json& block, const std::string& file,
                                                 const std::string& pointer, Wire wire);

/// Throws InputError "<where>: ..." for a cluster that has an execution and cannot carry it out.
void check_execution(const network::ClusterPlan& cluster, const std::string& where);

/// Why nothing of the algorithm's uploads travels while it computes, though its cluster overlaps: as "key: reason".
std::optional<Refusal> no_overlap(const Summation& uploads, const network::ClusterPlan& cluster);

}  // namespace laconic::scenario
