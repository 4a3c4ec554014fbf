#pragma once

#include <string>
#include <vector>

#include "algorithms/graphs/graph.hpp"
#include "sim/scenario/scenario.hpp"

namespace laconic::commands {

/// The graphs over which the scenario's methods without a server talk: degrees, diameter, spectral gap and who uses
/// them. Empty if there is no such method.
std::string graph_report(const scenario::Scenario& scenario);

/// A graph for programs: "type", "weights", "degree" and "in_degree" (least, mean, most), "diameter", "spectral_gap",
/// "period", and "edges", [from, to, whether both ways], over all phases. What was not computed, and more edges than
/// most_edges, are null.
nlohmann::ordered_json graph_json(const graphs::Graph& graph);
inline constexpr std::size_t most_edges = 5000;

/// Pairs of nodes of which the first sends to the second in some round; if both do, the first has the smaller number.
struct Edge {
  int from, to;
  bool both_ways;
};
std::vector<Edge> edges_of(const graphs::Graph& graph);

}  // namespace laconic::commands
