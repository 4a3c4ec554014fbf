#pragma once

#include <functional>

#include "algorithms/core/peers.hpp"
#include "algorithms/decentralised/node.hpp"
#include "algorithms/graphs/graph.hpp"
#include "algorithms/methods/compose.hpp"

namespace laconic::decentralised {

/// What a method on a graph needs of it, and which slots its entry has.
struct Needs {
  bool doubly_stochastic = true;
  bool symmetric = false;
  bool fixed = true;  ///< the graph may not change from round to round, as nodes keep copies of their neighbours
  const char* compressor = "identity";  ///< the slot's default; nullptr: there is no such slot, and vectors go exactly
  bool local_steps = false;
  enum class Delta { none, one, required } consensus_step = Delta::none;  ///< whether it has a delta, and its default
  /// Why a node cannot go on without a neighbour that it has not heard in time; nullptr: it can (core/changes.hpp).
  const char* all_in_time = nullptr;
};

/// Makes a node of the method from its parts.
using MakeNode = std::function<std::unique_ptr<Peer>(NodeParts parts)>;

/// Reads the entry's "step", "batch" and slots, and builds the nodes. Throws InputError for what cannot be combined,
/// and says why.
PeerMethod compose(const Setup& s, Params& in, const graphs::Graph& graph, const Needs& needs, const MakeNode& make);

/// What compose() reads of an entry, for methods whose nodes are of another kind: calls make with each node's parts,
/// and returns H.
Round read_nodes(const Setup& s, Params& in, const graphs::Graph& graph, const Needs& needs,
                 const std::function<void(NodeParts parts)>& make);

/// One line of the table of methods on a graph. The graph outlives the method.
struct PeerEntry {
  const char* name;
  PeerMethod (*make)(const Setup& setup, Params& in, const graphs::Graph& graph);
  const methods::MethodDoc& doc;
};

/// That for asynchronous ones.
struct ExchangeEntry {
  const char* name;
  ExchangeMethod (*make)(const Setup& setup, Params& in, const graphs::Graph& graph);
  const methods::MethodDoc& doc;
};

}  // namespace laconic::decentralised
