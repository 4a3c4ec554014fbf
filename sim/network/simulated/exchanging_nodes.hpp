#pragma once

#include "sim/network/cluster.hpp"

namespace laconic::network {

/// Runs an asynchronous method on a graph in SimGrid: on each node's host an actor computes and exchanges, and another
/// one answers its neighbours.
void run_exchanging_nodes(ExchangeMethod& method, const ClusterPlan& cluster, const rounds::AfterRound& after_exchange,
                          Timeline* timeline);

}  // namespace laconic::network
