#pragma once

#include <deque>
#include <vector>

#include "algorithms/base/threads.hpp"
#include "algorithms/core/peers.hpp"
#include "algorithms/graphs/graph.hpp"
#include "sim/rounds/run_rounds.hpp"

namespace laconic::rounds {

/// What is known of the nodes' models after a round.
struct PeerModels {
  Vector mean;
  double consensus = 0;  ///< (1/M) sum_i ||x_i - mean||^2
};

/// What counts of one node after a round (Peer).
struct PeerState {
  Vector model, share;
};

/// The mean of the nodes' models, and how far they are from it.
PeerModels models_of(const PeerMethod& method);
PeerModels models_of(const std::vector<PeerState>& nodes);
PeerModels models_of(const ExchangeMethod& method);

/// Calls hear(j, w_ij, place) for all whom node i hears in a round, itself among them, ascending; `place` is that of a
/// neighbour in graph.in[i].
template <class Hear>
void for_heard(const graphs::Phase& graph, int i, const Hear& hear) {
  const auto& senders = graph.in[static_cast<std::size_t>(i)];
  const double own = graph.own[static_cast<std::size_t>(i)];
  std::size_t place = 0;
  for (; place < senders.size() && senders[place].node < i; ++place)
    hear(senders[place].node, senders[place].weight, place);
  hear(i, own, place);
  for (; place < senders.size(); ++place) hear(senders[place].node, senders[place].weight, place);
}

/// The rounds whose rows are not written yet: nodes may be ahead of the slowest.
class PeerHistory {
 public:
  explicit PeerHistory(PeerModels start);
  /// The next round, and what it led to. Returns its plan.
  const RoundPlan& add(RoundPlan plan, PeerModels models);
  /// After so many rounds; until forget() of more.
  const PeerModels& after(Round rounds) const { return models_[static_cast<std::size_t>(rounds - first_)]; }
  /// The plan of round k, likewise.
  const RoundPlan& plan(Round k) const { return plans_[static_cast<std::size_t>(k + 1 - first_)]; }
  /// What was before so many rounds is not asked for again.
  void forget(Round rounds);

 private:
  Round first_ = 0;  // the rounds that the first of these are after
  std::deque<PeerModels> models_;
  std::deque<RoundPlan> plans_;  // of the round before each of the models
};

/// The mathematics of a method on a graph, in node order. What a node sends, and what it makes of what it hears, does
/// not depend on when it hears it. Nodes of a round, which do not see each other, may compute on several threads.
class PeerLearner {
 public:
  /// Without a team one thread learns.
  PeerLearner(PeerMethod& method, const graphs::Graph& graph, PeerHistory& history, ThreadTeam* team = nullptr);

  /// Learns round k, which is the next one. Its plan has a share for every node: `upload_bits` is what it sends each of
  /// its out-neighbours. Rounds may be learned before the rows of earlier ones are written.
  const RoundPlan& round(Round k);

 private:
  PeerMethod& method_;
  const graphs::Graph& graph_;
  PeerHistory& history_;
  ThreadTeam alone_, &team_;
  std::vector<const Message*> messages_;
  double flops_ = 0;  // of all nodes in the last round
};

/// The rounds of one run of a method on a graph, learned as it goes or recorded before.
struct GossipRounds {
  const graphs::Graph* graph = nullptr;
  PlanRound plan;   ///< may be asked for rounds whose predecessors' rows are not written yet
  Round known = 0;  ///< so many rounds can be had before the rows of all of them are written
  /// Needed where nodes do their own mathematics (network::Solver::actors), and only there.
  PeerMethod* method = nullptr;
  PeerHistory* history = nullptr;  ///< to be told of their rounds
};

/// Counts round k: each message to each neighbour is an upload.
void count_gossip(const RoundPlan& plan, const graphs::Phase& graph, const WireRules& wire, Ledger& ledger);

/// Runs them without a network.
void run_untimed(const GossipRounds& rounds, const WireRules& wire, const AfterRound& after_round);

}  // namespace laconic::rounds
