#pragma once

#include "sim/network/cluster.hpp"

namespace laconic::network {

/// Runs rounds on a cluster without failures, whose actors carry them out in SimGrid: every round, where the platform
/// changes with time; else one of each kind, which is remembered. A cluster that `has_closed_form()` needs the actors
/// for the rounds that the timeline shows, and for no other; how long a round takes is then the closed form's answer.
void run_simulated(const rounds::PlanRound& plan_round, const ClusterPlan& cluster,
                   const rounds::AfterRound& after_round, Timeline* timeline);

}  // namespace laconic::network
