#pragma once

#include <string>

#include "algorithms/graphs/graph.hpp"
#include "platforms/platform.hpp"
#include "sim/rounds/collectives/collective.hpp"

namespace laconic::network {

/// Throws InputError "<where>: ..." where two workers that talk to each other have no route between them, and
/// where some of the routes have a latency and others have none.
void check_routes(const rounds::Collective& collective, int M, const platforms::BuildPlatform& platform,
                  const platforms::NetworkModel& network, const std::string& where);

/// That for the nodes of a graph.
void check_routes(const graphs::Graph& graph, const platforms::BuildPlatform& platform,
                  const platforms::NetworkModel& network, const std::string& where);

}  // namespace laconic::network
