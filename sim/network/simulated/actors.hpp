#pragma once

#include "algorithms/core/parts.hpp"
#include "sim/network/cluster.hpp"

namespace laconic::network {

/// Runs a method as a cluster would: the server and each worker are SimGrid actors that hold one endpoint each
/// (algorithms/core), and share nothing but the encoded messages that they send each other through mailboxes. This is
/// "solver": "actors", the plain and slow reference for all that finds the same rounds faster. `seen` is shown each
/// round as its messages and computations were counted. Makes this process's one Engine. Throws what `after_round`
/// threw, and RunError if the simulation cannot go on.
void run_as_actors(Method& method, const ClusterPlan& cluster, const rounds::AfterRound& after_round,
                   const std::function<void(const rounds::RoundPlan&)>& seen = {}, Timeline* timeline = nullptr);

}  // namespace laconic::network
