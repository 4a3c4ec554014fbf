#include "sim/network/closed_form/star_solver.hpp"

#include <algorithm>

namespace laconic::network {

using namespace platforms;
using namespace rounds;

double StarSolver::seconds(const RoundPlan& plan, std::optional<std::uint64_t> order_bits, const WireRules& wire) {
  std::string key = equal_workers_.key(plan, order_bits, order_);
  if (const double* known = memory_.find(key)) return *known;
  const double seconds = solved(plan, order_bits, wire);
  memory_.keep(std::move(key), seconds);
  return seconds;
}

double StarSolver::solved(const RoundPlan& plan, std::optional<std::uint64_t> order_bits, const WireRules& wire) {
  // As in SimGrid, an empty message has no latency, and one without latency has the weight of one with a second's.
  const auto add = [&](double at, std::uint64_t bytes, const Star::Way& way) {
    transfers_.push_back({at + (bytes > 0 ? way.latency : 0), static_cast<double>(bytes), way.most,
                          way.latency > 0 ? 1 / way.latency : 1});
  };
  const auto station = [&](std::size_t i) -> const Star::Station& {
    return star_.workers[static_cast<std::size_t>(plan.shares[i].m)];
  };
  double end = plan.server_flops / star_.server_speed;
  const std::size_t n = plan.shares.size();
  ready_.assign(n, end);
  if (order_bits) {
    transfers_.clear();
    for (std::size_t i = 0; i < n; ++i) add(end, wire.bytes(*order_bits), station(i).down);
    down_.carry(transfers_, ready_);
  }
  transfers_.clear();
  for (std::size_t i = 0; i < n; ++i) {
    const auto& share = plan.shares[i];
    const double computed = ready_[i] + share.flops / station(i).speed;
    end = std::max(end, computed);
    if (share.upload_bits || wire.skip_notice)
      add(computed, share.upload_bits ? wire.bytes(*share.upload_bits) : wire.notice_bytes(), station(i).up);
  }
  arrived_.resize(transfers_.size());
  up_.carry(transfers_, arrived_);
  for (const double arrival : arrived_) end = std::max(end, arrival);
  return end;
}

void run_star(const PlanRound& plan_round, const ClusterPlan& cluster, const AfterRound& after_round) {
  const Star& star = *cluster.star;
  StarSolver rounds(star);
  double clock = 0;
  const auto time = [&](Round, const RoundPlan& plan, std::optional<std::uint64_t> order_bits, Ledger& ledger) {
    for (const auto& share : plan.shares)
      ledger.compute_s += share.flops / star.workers[static_cast<std::size_t>(share.m)].speed;
    return clock += rounds.seconds(plan, order_bits, cluster.wire);
  };
  run_rounds(plan_round, {star.workers.size(), cluster.wire, nullptr}, {time, 0, cluster.conditions.slowdown()},
             after_round);
}

}  // namespace laconic::network
