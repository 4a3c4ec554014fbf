#include "sim/commands/graph_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "algorithms/base/human_units.hpp"
#include "algorithms/base/text.hpp"
#include "algorithms/graphs/facts.hpp"

namespace laconic::commands {

using nlohmann::ordered_json;

using namespace graphs;
using namespace scenario;

namespace {

struct UsedGraph {
  const Graph* graph;
  std::string labels;
};

std::vector<UsedGraph> used_graphs(const Scenario& s) {
  std::vector<UsedGraph> out;
  for (const auto& algorithm : s.algorithms) {
    if (!algorithm.graph) continue;
    const auto same = [&](const UsedGraph& used) { return *used.graph == *algorithm.graph; };
    const auto known = std::find_if(out.begin(), out.end(), same);
    if (known == out.end())
      out.push_back({algorithm.graph.get(), algorithm.label});
    else
      known->labels += ", " + algorithm.label;
  }
  return out;
}

std::string degree_words(const Degrees& d) {
  return d.least == d.most ? fmt::format("{}", d.most) : fmt::format("{} to {}, mean {:.3g}", d.least, d.most, d.mean);
}

std::vector<std::string> graph_cells(const UsedGraph& used) {
  const Graph& g = *used.graph;
  const Degrees out = out_degrees(g), in = in_degrees(g);
  const bool balanced = out.least == in.least && out.most == in.most;
  const auto rounds = diameter(g);
  const auto gap = spectral_gap(g);
  const std::string period = g.fixed() ? "" : fmt::format(" in {} rounds", g.phases.size());
  return {g.kind,
          g.weights,
          balanced ? degree_words(out) : fmt::format("out {}; in {}", degree_words(out), degree_words(in)),
          rounds ? fmt::format("{}{}", *rounds, g.fixed() ? "" : " rounds") : "not computed",
          gap ? fmt::format("{:.4g}{}", *gap, period) : "not computed",
          used.labels};
}

}  // namespace

std::vector<Edge> edges_of(const Graph& graph) {
  std::set<std::pair<int, int>> arcs;
  for (const auto& phase : graph.phases)
    for (int i = 0; i < phase.nodes(); ++i)
      for (const int j : phase.out[static_cast<std::size_t>(i)]) arcs.emplace(i, j);
  std::vector<Edge> out;
  for (const auto& [i, j] : arcs) {
    const bool both = arcs.contains({j, i});
    if (!both || i < j) out.push_back({i, j, both});
  }
  return out;
}

ordered_json graph_json(const Graph& graph) {
  const auto degrees = [](const Degrees& d) { return ordered_json{d.least, d.mean, d.most}; };
  const auto rounds = diameter(graph);
  const auto gap = spectral_gap(graph);
  ordered_json out{{"type", graph.kind},
                   {"weights", graph.weights},
                   {"directed", graph.directed},
                   {"period", graph.phases.size()},
                   {"degree", degrees(out_degrees(graph))},
                   {"in_degree", degrees(in_degrees(graph))},
                   {"diameter", rounds ? ordered_json(*rounds) : ordered_json(nullptr)},
                   {"spectral_gap", gap ? ordered_json(*gap) : ordered_json(nullptr)},
                   {"edges", nullptr}};
  const auto edges = edges_of(graph);
  if (edges.size() > most_edges) return out;
  out["edges"] = ordered_json::array();
  for (const auto& edge : edges) out["edges"].push_back(ordered_json::array({edge.from, edge.to, edge.both_ways}));
  return out;
}

std::string graph_report(const Scenario& s) {
  std::vector<std::vector<std::string>> rows{{"graph", "weights", "degree", "diameter", "spectral gap", "used by"}};
  bool changing = false;
  for (const auto& used : used_graphs(s)) {
    rows.push_back(graph_cells(used));
    changing |= !used.graph->fixed();
  }
  if (rows.size() == 1) return {};
  std::string out = printable(aligned(rows));
  if (changing)
    out +=
        "where a graph changes: rounds until everybody's word has reached everybody, and the gap of a whole period\n";
  return out;
}

}  // namespace laconic::commands
