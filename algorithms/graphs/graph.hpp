#pragma once

#include <string>
#include <vector>

#include "algorithms/core/types.hpp"

// Who talks to whom where there is no server, and how each weighs what it hears.

namespace laconic::graphs {

/// The graph of one round. Nodes are numbered 0 ... M - 1; lists are ascending and leave out the node itself.
struct Phase {
  /// One who sends to a node, and w_ij, what its vector weighs there.
  struct Neighbour {
    int node;
    double weight;
    bool operator==(const Neighbour&) const = default;
  };
  std::vector<std::vector<int>> out;       ///< whom node i sends to
  std::vector<std::vector<Neighbour>> in;  ///< who sends to node i
  std::vector<double> own;                 ///< w_ii

  int nodes() const { return static_cast<int>(own.size()); }
  bool operator==(const Phase&) const = default;
};

/// A graph on M nodes, which may change from round to round, with a period. Its weights are row-stochastic:
/// w_ii + sum_j w_ij = 1 for every i.
struct Graph {
  std::string kind;           ///< as in JSON
  std::string weights;        ///< as in JSON; "matrix" where they were given as numbers
  bool directed = false;      ///< whether some edge runs one way only, in some phase
  std::vector<Phase> phases;  ///< round k uses phase k mod their number; at least one

  const Phase& at(Round k) const { return phases[static_cast<std::size_t>(k) % phases.size()]; }
  int nodes() const { return phases.front().nodes(); }
  bool fixed() const { return phases.size() == 1; }
  bool operator==(const Graph&) const = default;
};

}  // namespace laconic::graphs
