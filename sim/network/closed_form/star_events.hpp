#pragma once

#include "sim/network/cluster.hpp"
#include "sim/rounds/asynchronous_run.hpp"

namespace laconic::network {

/// Runs an asynchronous method on a cluster that is `has_closed_form()`, without an actor or an engine: a heap of
/// events, between which transfers that start and end at any time share the server's links.
void run_star_events(rounds::AsynchronousRun& run, const ClusterPlan& cluster);

}  // namespace laconic::network
