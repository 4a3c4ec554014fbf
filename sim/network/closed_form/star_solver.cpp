#include "sim/network/closed_form/star_solver.hpp"

#include <algorithm>

namespace laconic::network {

using namespace platforms;
using namespace rounds;

StarSolver::StarSolver(const Star& star, const WireRules& wire)
    : star_(star),
      wire_(wire),
      cache_([this](Round, const RoundPlan& plan,
                    std::optional<std::uint64_t> order_bits) { return RoundCost{.seconds = solve(plan, order_bits)}; },
             EqualWorkers(star)),
      down_(star.down),
      up_(star.up) {}

double StarSolver::solve(const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
  // As in SimGrid, an empty message has no latency, and one without latency has the weight of one with a second's.
  const auto add = [&](double at, std::uint64_t bytes, const Star::Links& links) {
    transfers_.push_back({at + (bytes > 0 ? links.latency : 0), static_cast<double>(bytes), links.most,
                          links.latency > 0 ? 1 / links.latency : 1});
  };
  const auto worker = [&](std::size_t i) -> const Star::Worker& {
    return star_.workers[static_cast<std::size_t>(plan.shares[i].m)];
  };
  double end = plan.server_flops / star_.server_speed;
  const std::size_t n = plan.shares.size();
  ready_.assign(n, end);
  if (order_bits) {
    transfers_.clear();
    for (std::size_t i = 0; i < n; ++i) add(end, wire_.bytes(*order_bits), worker(i).down);
    down_.carry(transfers_, ready_);
  }
  transfers_.clear();
  for (std::size_t i = 0; i < n; ++i) {
    const auto& share = plan.shares[i];
    const double computed = ready_[i] + share.flops / worker(i).speed;
    end = std::max(end, computed);
    if (const auto bytes = wire_.message_bytes(share.upload_bits)) add(computed, *bytes, worker(i).up);
  }
  arrived_.resize(transfers_.size());
  up_.carry(transfers_, arrived_);
  for (const double arrival : arrived_) end = std::max(end, arrival);
  return end;
}

void run_star(const PlanRound& plan_round, const ClusterPlan& cluster, const AfterRound& after_round) {
  const Star& star = *cluster.star;
  StarSolver solver(star, cluster.wire);
  double clock = 0;
  const auto time = [&](Round k, const RoundPlan& plan, std::optional<std::uint64_t> order_bits, Ledger& ledger) {
    for (const auto& share : plan.shares)
      ledger.compute_s += share.flops / star.workers[static_cast<std::size_t>(share.m)].speed;
    return clock += solver.seconds(k, plan, order_bits);
  };
  run_rounds(plan_round, {star.workers.size(), cluster.wire, nullptr}, {time, 0, cluster.conditions.slowdown()},
             after_round);
}

}  // namespace laconic::network
