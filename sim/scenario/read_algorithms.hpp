#pragma once

#include <functional>

#include "algorithms/graphs/graph.hpp"
#include "algorithms/methods/compose.hpp"
#include "sim/network/cluster.hpp"
#include "sim/scenario/source.hpp"

namespace laconic::scenario {

struct AlgorithmEntry {
  std::string label;
  std::string method;
  std::string pointer;  ///< "/algorithms/2"
  nlohmann::json entry;
  std::shared_ptr<const graphs::Graph> graph = {};  ///< whom its nodes talk to; nullptr: it has a server
  std::optional<Refusal> no_overlap = {};           ///< why nothing of its uploads overlaps, where that was asked for
};

/// Whether the method is one without rounds.
bool is_asynchronous(const std::string& method);
inline bool is_asynchronous(const AlgorithmEntry& algorithm) { return is_asynchronous(algorithm.method); }

/// Whether the method is one without a server, whose nodes talk to their neighbours on a graph.
bool is_on_graph(const std::string& method);

/// Throws InputError for a "graph", "collective" or "late" of a scenario that has passed the schema, of which no
/// algorithm has use: it would silently mean nothing.
void check_shared_blocks(const nlohmann::json& source, const std::string& file);

/// The cluster as an algorithm uses it, whose entry may have a "collective", an "execution" and a "late" of its own.
network::ClusterPlan cluster_of(const AlgorithmEntry& algorithm, const std::string& file,
                                const network::ClusterPlan& cluster);

/// Throws InputError for what this algorithm alone cannot do on the cluster, which may be another than the one that it
/// was read for.
void check_cluster(const AlgorithmEntry& algorithm, const std::string& file, const network::ClusterPlan& cluster);

/// "algorithms" as they stand, for what was checked before.
std::vector<AlgorithmEntry> list_algorithms(const Source& source, const network::ClusterPlan& cluster);

/// Reads "algorithms", looks at each once, which tells what may become of its uploads, and asks whether it goes with
/// its collective, if it has one. Throws InputError with the first mistake of each.
std::vector<AlgorithmEntry> read_algorithms(const Source& source, const network::ClusterPlan& cluster,
                                            const std::function<Summation(const AlgorithmEntry&)>& look);

/// Their labels, in order.
std::vector<std::string> labels_of(const std::vector<AlgorithmEntry>& algorithms);

}  // namespace laconic::scenario
