#pragma once

#include "sim/network/cluster.hpp"

namespace laconic::network {

/// Runs a method as a cluster would: the server and each worker are SimGrid actors that hold one endpoint each
/// (algorithms/core/endpoints.hpp), and share nothing but the encoded messages that they send each other through
/// mailboxes. It is "solver": "actors", the plain and slow reference for all that finds the same rounds faster. Makes
/// this process's one Engine. Throws what `after_round` threw, and RunError if the simulation cannot go on.
void run_as_actors(const MethodRounds& rounds, const ClusterPlan& cluster, const rounds::AfterRound& after_round,
                   Timeline* timeline = nullptr);

}  // namespace laconic::network
