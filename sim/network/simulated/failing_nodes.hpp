#pragma once

#include "sim/network/cluster.hpp"

namespace laconic::network {

/// Runs a method on a graph on a cluster whose hosts and links fail, or whose nodes wait for their neighbours only so
/// long. Without a timeout what a failure cuts short is done again, and nothing else changes. With one, a node ends its
/// round without those it has not heard in time (SendsChanges says what stands for them), and time decides what
/// is learned: then nodes do their own mathematics. A round is over when all nodes have ended it but those that are
/// down; a node that comes back ends its own round, and goes on with the oldest that is not over.
///
/// Throws RunError when nothing can go on any more.
void run_failing_nodes(const rounds::GossipRounds& rounds, const ClusterPlan& cluster,
                       const rounds::AfterRound& after_round, Timeline* timeline);

}  // namespace laconic::network
