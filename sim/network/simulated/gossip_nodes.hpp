#pragma once

#include "sim/network/cluster.hpp"

namespace laconic::network {

/// Runs a method on a graph in SimGrid: an actor on each node's host computes, sends a message to each of its
/// out-neighbours, waits for those of its in-neighbours of that round, and goes on: there is no barrier. A round is
/// over when the last node has ended it. The mathematics is done when the first node begins a round.
void run_gossip_nodes(const rounds::GossipRounds& rounds, const ClusterPlan& cluster,
                      const rounds::AfterRound& after_round, Timeline* timeline);

}  // namespace laconic::network
