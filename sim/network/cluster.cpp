#include "sim/network/cluster.hpp"

#include "algorithms/base/error.hpp"
#include "sim/network/closed_form/star_events.hpp"
#include "sim/network/closed_form/star_solver.hpp"
#include "sim/network/simulated/actors.hpp"
#include "sim/network/simulated/asynchronous_workers.hpp"
#include "sim/network/simulated/exchanging_nodes.hpp"
#include "sim/network/simulated/failing_nodes.hpp"
#include "sim/network/simulated/failing_workers.hpp"
#include "sim/network/simulated/gossip_nodes.hpp"
#include "sim/network/simulated/simulated_rounds.hpp"

namespace laconic::network {

using namespace rounds;

namespace {

// All that such a round teaches is learned when it begins: failures may delay it, and change nothing.
OpenRounds decided_at_once(const PlanRound& plan_round) {
  return {[&](Round k, const std::vector<bool>&) -> const RoundPlan& { return plan_round(k); },
          [](Round, const std::vector<Learner::Arrival>&, bool) {}};
}

}  // namespace

void simulate_rounds(const RunRounds& rounds, const ClusterPlan& cluster, const AfterRound& after_round,
                     Timeline* timeline) {
  const PlanRound plan =
      cluster.overlaps() ? overlapped(rounds.plan, *cluster.execution->overlap, cluster.pattern()) : rounds.plan;
  if (!cluster.platform) return run_untimed(plan, rounds.workers, cluster.wire, after_round, cluster.pattern());
  if ((cluster.conditions.can_fail() || cluster.solver == Solver::actors) && (cluster.collective || cluster.execution))
    throw RunError(
        "failures, deadlines and the solver \"actors\" are for whole messages between a server and its workers: not "
        "for a collective, or an execution");
  if (cluster.solver == Solver::actors) return run_as_actors(rounds.by_endpoints, cluster, after_round, timeline);
  if (cluster.conditions.can_fail())
    return run_failing_workers(cluster.feeds_back() ? rounds.open : decided_at_once(rounds.plan), cluster, after_round,
                               timeline);
  if (cluster.has_closed_form() && !timeline) return run_star(plan, cluster, after_round);
  run_simulated(plan, cluster, after_round, timeline);
}

void simulate_asynchronous(AsynchronousRun& run, const ClusterPlan& cluster, Timeline* timeline) {
  if (cluster.has_closed_form() && !timeline) return run_star_events(run, cluster);
  run_asynchronous_workers(run, cluster, timeline);
}

void simulate_gossip(const GossipRounds& rounds, const ClusterPlan& cluster, const AfterRound& after_round,
                     Timeline* timeline) {
  if (!cluster.platform) return run_untimed(rounds, cluster.wire, after_round);
  if (cluster.conditions.can_fail()) return run_failing_nodes(rounds, cluster, after_round, timeline);
  run_gossip_nodes(rounds, cluster, after_round, timeline);
}

void simulate_exchanges(ExchangeMethod& method, const ClusterPlan& cluster, const AfterRound& after_exchange,
                        Timeline* timeline) {
  run_exchanging_nodes(method, cluster, after_exchange, timeline);
}

}  // namespace laconic::network
