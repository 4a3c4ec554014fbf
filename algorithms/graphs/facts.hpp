#pragma once

#include <optional>

#include "algorithms/graphs/graph.hpp"

// What a graph is like. A graph that changes is judged over one period, from round 0 on.

namespace laconic::graphs {

/// How far sums of weights may be from what they should be.
inline constexpr double weights_tolerance = 1e-9;

/// Whether the columns of W sum to 1 as well, in every phase: mixing then keeps the mean.
bool doubly_stochastic(const Graph& graph);

/// Whether w_ij = w_ji, in every phase.
bool symmetric(const Graph& graph);

/// Two nodes, the first of which never hears from the second, however long they wait; nothing: (strongly) connected.
struct Cut {
  int deaf, unheard;
};
std::optional<Cut> parted(const Graph& graph);

/// To how many nodes one sends in a round, and from how many it hears, over all nodes and phases.
struct Degrees {
  int least = 0;
  double mean = 0;
  int most = 0;
};
Degrees out_degrees(const Graph& graph);
Degrees in_degrees(const Graph& graph);

/// After how many rounds at the latest, from round 0 on, everybody's word may have reached everybody: the diameter, if
/// the graph does not change. Nothing where that would take too long to find (some ten thousand nodes).
std::optional<int> diameter(const Graph& graph);

/// 1 - max(|lambda_2|, |lambda_n|) for W, or where the graph changes for the product of the W of one period: what is
/// left of the distance from consensus shrinks by that share. For one node 1. To about 1e-8 where W is not symmetric.
/// Nothing where the eigenvalues do not converge (large rings, where the gap is next to nothing).
std::optional<double> spectral_gap(const Graph& graph);

}  // namespace laconic::graphs
