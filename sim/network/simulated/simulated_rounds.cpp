#include "sim/network/simulated/simulated_rounds.hpp"

#include <memory>
#include <optional>

#include "sim/network/closed_form/star_solver.hpp"
#include "sim/network/round_cache.hpp"
#include "sim/network/simulated/collective_round.hpp"
#include "sim/network/simulated/server_round.hpp"
#include "sim/network/simulated/simulation.hpp"
#include "sim/network/simulated/stretch.hpp"

namespace laconic::network {

using namespace platforms;
using namespace rounds;

namespace {

class RoundTimer {
 public:
  RoundTimer(Simulation& simulation, const ClusterPlan& plan, Timeline* timeline)
      : simulation_(simulation), timeline_(timeline) {
    if (simulation.steady() && plan.rounds_are_alike()) cache_.emplace(measuring(), equal_workers(plan), exchanging());
    if (plan.has_closed_form()) star_.emplace(*plan.star, plan.wire, plan.connections, plan.execution.has_value());
    if (const Collective* collective = plan.pattern())
      actors_ = std::make_unique<CollectiveRound>(simulation.hosts(), *collective, plan, timeline);
    else
      actors_ = std::make_unique<ServerRound>(simulation, plan, timeline);
    if (plan.execution) actors_->watch(watch_.emplace());
  }

  /// To be called by the server's actor, as time().
  void open() { actors_->open(); }

  /// A rounds::TimeRound.
  double time(Round k, const RoundPlan& plan, std::optional<std::uint64_t> order_bits, Ledger& ledger) {
    const RoundCost cost = cache_ ? (*cache_)(k, plan, order_bits) : measure(k, plan, order_bits);
    if (cost.recording) timeline_->write(k, clock_, *cost.recording);
    for (const auto& share : plan.shares) {
      const sg::Host* host = simulation_.hosts().workers[static_cast<std::size_t>(share.m)];
      ledger.compute_s +=
          simulation_.varying_speeds() ? actors_->compute_seconds(share.m) : share.flops / host->get_speed();
    }
    if (ledger.energy_j) *ledger.energy_j += cost.joules;
    const RoundCost own = star_ ? star_->cost(k, plan, order_bits) : cost;
    if (ledger.traffic) *ledger.traffic += own.traffic;
    if (star_) return clock_ += own.seconds;
    return clock_ = cache_ ? clock_ + cost.seconds : now();
  }

 private:
  // A collective's members differ by their places in it, and energy is metered for each host by itself.
  std::optional<EqualWorkers> equal_workers(const ClusterPlan& plan) {
    if (plan.collective || simulation_.energy()) return {};
    return EqualWorkers(simulation_.hosts(), route_of(simulation_.hosts()));
  }

  MeasureRound measuring() {
    return [this](Round k, const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
      return star_ && !timeline_->wants(k) ? RoundCost{} : measure(k, plan, order_bits);
    };
  }

  RoundCost measure(Round k, const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
    const bool recorded = timeline_ && timeline_->wants(k);
    EnergyMeter* const energy = simulation_.energy();
    const double start = now(), joules = energy ? energy->joules() : 0;
    simulation_.begin_round();
    if (recorded) timeline_->begin_round(start);
    if (watch_) watch_->begin();
    actors_->run(plan, order_bits);
    const double end = now();
    RoundCost cost{.seconds = end - start, .traffic = watch_ ? watch_->in(end - start) : Traffic{}};
    if (recorded) cost.recording = timeline_->end_round(end);
    if (!energy) return cost;
    actors_->meter(plan, order_bits, *energy);
    cost.joules = energy->joules() - joules;
    return cost;
  }

  ExchangeWorkers exchanging() {
    return [this](const std::shared_ptr<const Recording>& recording, const std::vector<int>& from,
                  const std::vector<int>& to) {
      const Deployment& hosts = simulation_.hosts();
      const auto host = [&](int m) { return hosts.workers[static_cast<std::size_t>(m)]; };
      Timeline::Exchange exchange;
      for (std::size_t i = 0; i < from.size(); ++i) {
        if (from[i] == to[i]) continue;
        exchange.hosts[host(from[i])] = host(to[i]);
        const auto links = route_of(host(from[i]), hosts.server).links();
        const auto others = route_of(host(to[i]), hosts.server).links();
        for (std::size_t j = 0; j < links.size(); ++j) exchange.links[links[j]] = others[j];
      }
      return exchange.hosts.empty() ? recording : timeline_->exchanged(*recording, exchange);
    };
  }

  Simulation& simulation_;
  Timeline* const timeline_;
  std::optional<RoundCache> cache_;  // nothing: equal rounds may cost differently, and all are measured
  std::optional<StarSolver> star_;   // says how long rounds take, which are then simulated for the timeline alone
  std::optional<TrafficWatch> watch_;
  std::unique_ptr<RoundActors> actors_;
  double clock_ = 0;
};

}  // namespace

void run_simulated(const PlanRound& plan_round, const ClusterPlan& cluster, const AfterRound& after_round,
                   Timeline* timeline) {
  Simulation simulation(cluster);
  if (timeline) timeline->open(simulation.engine(), simulation.hosts());
  RoundTimer timer(simulation, cluster, timeline);
  simulation.run([&] {
    timer.open();
    const auto time = [&](Round k, const RoundPlan& plan, std::optional<std::uint64_t> order_bits, Ledger& ledger) {
      return timer.time(k, plan, order_bits, ledger);
    };
    run_rounds(
        plan_round, {simulation.hosts().workers.size(), cluster.wire, cluster.pattern()},
        {time, 0, cluster.conditions.slowdown(), cluster.conditions.energy.has_value(), cluster.execution.has_value()},
        after_round);
  });
}

}  // namespace laconic::network
