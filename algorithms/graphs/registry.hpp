#pragma once

#include <span>

#include "algorithms/base/params.hpp"
#include "algorithms/graphs/graph.hpp"
#include "algorithms/graphs/links.hpp"

namespace laconic::graphs {

/// One line of the table of graphs.
struct Kind {
  const char* name;
  std::vector<Lists> (*build)(Params& in, const Facts& facts);  ///< reads all parameters but "weights"
  const char* summary;
  const char* picture;
  const char* source;  ///< a key of the bibliography in algorithms/README.md; empty: everybody's
};

std::span<const Kind> kinds();

/// Reads "graph": a kind's name, or an object with "type", the kind's parameters and "weights", which stand nowhere
/// else. The graph is (strongly) connected over its period, and no key of the object is left unread. Throws InputError.
Graph read_graph(Params& in, const Facts& facts);

}  // namespace laconic::graphs
