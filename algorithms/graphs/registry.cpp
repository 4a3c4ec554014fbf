#include "algorithms/graphs/registry.hpp"

#include <fmt/format.h>

#include "algorithms/base/named_table.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/graphs/facts.hpp"
#include "algorithms/graphs/pictures.hpp"
#include "algorithms/graphs/weights.hpp"

namespace laconic::graphs {
namespace {

void refuse_if_parted(const Params& in, const Graph& graph) {
  if (const auto cut = parted(graph))
    in.refuse("graph", fmt::format("expected a connected graph, but worker {} never hears from worker {}{}", cut->deaf,
                                   cut->unheard, graph.fixed() ? "" : " in any round"));
}

}  // namespace

std::span<const Kind> kinds() {
  static const Kind table[] = {
      {"complete", complete, "everybody sends to everybody", complete_picture, ""},
      {"erdos-renyi", erdos_renyi, "each edge is there with probability p; drawn again until connected",
       erdos_renyi_picture, "ERDOSRENYI"},
      {"exponential", exponential, "directed: node i sends to i + 1, i + 2, i + 4, ... (mod M)", exponential_picture,
       "EXPGRAPH"},
      {"file", edge_list, "edges from a file, two node numbers a line", file_picture, ""},
      {"hierarchical", hierarchical, "complete within each rack or site, whose first nodes make a ring",
       hierarchical_picture, ""},
      {"one-peer-exponential", one_peer_exponential,
       "directed, and changes: in round k node i sends to i + 2^(k mod ceil(log2 M)) (mod M) alone",
       one_peer_exponential_picture, "EXPGRAPH"},
      {"path", path, "node i exchanges with i - 1 and i + 1, the ends with one", path_picture, ""},
      {"regular", regular, "drawn at random: every node has as many neighbours; drawn again until connected",
       regular_picture, "REGULAR"},
      {"ring", ring, "node i exchanges with i - 1 and i + 1 (mod M)", ring_picture, ""},
      {"small-world", small_world,
       "a ring of near neighbours, some of whose edges lead anywhere; drawn until connected", small_world_picture,
       "SMALLWORLD"},
      {"star", star, "node 0 exchanges with every other", star_picture, ""},
      {"torus", torus, "rows and columns that are rings: four neighbours", torus_picture, ""},
  };
  return table;
}

Graph read_graph(Params& in, const Facts& facts) {
  static const nlohmann::json nothing = nlohmann::json::object();
  const auto names = names_of(kinds());
  constexpr const char* meaning = "who sends to whom, and how each weighs what it hears";
  const auto* given = in.look("graph", "required", quoted_choices(names), meaning);
  if (!given) in.fail("graph", quoted_choices(names));
  const auto name = in.part_name("graph", "", names, meaning, "required");
  Params own(given->is_object() ? *given : nothing, in.file(), in.pointer_of("graph"), in.constants());
  own.ignore("type");
  const auto phases = find(kinds(), name)->build(own, facts);
  Graph graph = read_weights(own, name, phases);
  refuse_if_parted(in, graph);
  own.finish(fmt::format("graph \"{}\"", name));
  return graph;
}

}  // namespace laconic::graphs
