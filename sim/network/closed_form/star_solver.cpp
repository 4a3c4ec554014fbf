#include "sim/network/closed_form/star_solver.hpp"

#include <algorithm>

namespace laconic::network {

using namespace platforms;
using namespace rounds;

StarSolver::StarSolver(const Star& star, const WireRules& wire, const std::optional<ConnectionPlan>& connections)
    : star_(star),
      wire_(wire),
      cache_([this](Round, const RoundPlan& plan,
                    std::optional<std::uint64_t> order_bits) { return RoundCost{.seconds = solve(plan, order_bits)}; },
             EqualWorkers(star)),
      down_(star.down),
      up_(star.up) {
  if (!connections) return;
  to_workers_.emplace(connections->rules, connections->down);
  to_server_.emplace(connections->rules, connections->up);
}

double StarSolver::seconds(Round k, const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
  if (!to_workers_) return cache_(k, plan, order_bits).seconds;
  const double took = solve(plan, order_bits);
  clock_ += took;
  return took;
}

double StarSolver::solve(const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
  // As in SimGrid, an empty message has no latency, and one without latency has the weight of one with a second's.
  const auto add = [&](double at, double bytes, const Star::Links& links) {
    transfers_.push_back({at + waits_[transfers_.size()] + (bytes > 0 ? links.latency : 0), bytes, links.most,
                          links.latency > 0 ? 1 / links.latency : 1});
  };
  const auto worker = [&](std::size_t i) -> const Star::Worker& {
    return star_.workers[static_cast<std::size_t>(plan.shares[i].m)];
  };
  double end = plan.server_flops / star_.server_speed;
  const std::size_t n = plan.shares.size();
  ready_.assign(n, end);
  waits_.assign(n, 0);
  if (order_bits) {
    const std::uint64_t bytes = wire_.bytes(*order_bits);
    if (to_workers_) write_orders(plan, end, bytes);
    transfers_.clear();
    for (std::size_t i = 0; i < n; ++i) add(end, static_cast<double>(bytes), worker(i).down);
    down_.carry(transfers_, ready_);
    if (to_workers_) tell_arrivals(*to_workers_, ready_);
  }
  computed_.clear();
  messages_.clear();
  for (std::size_t i = 0; i < n; ++i) {
    const auto& share = plan.shares[i];
    const double computed = ready_[i] + share.flops / worker(i).speed;
    end = std::max(end, computed);
    const auto bytes = wire_.message_bytes(share.upload_bits);
    if (!bytes) continue;
    messages_.push_back({share.m, static_cast<double>(*bytes)});
    computed_.push_back(computed);
  }
  if (to_server_) write_uploads();
  transfers_.clear();
  for (std::size_t i = 0; i < messages_.size(); ++i)
    add(computed_[i], messages_[i].bytes, star_.workers[static_cast<std::size_t>(messages_[i].worker)].up);
  arrived_.resize(transfers_.size());
  up_.carry(transfers_, arrived_);
  if (to_server_) tell_arrivals(*to_server_, arrived_);
  for (const double arrival : arrived_) end = std::max(end, arrival);
  return end;
}

void StarSolver::write_orders(const RoundPlan& plan, double date, std::uint64_t bytes) {
  messages_.clear();
  for (const auto& share : plan.shares) messages_.push_back({share.m, static_cast<double>(bytes)});
  to_workers_->broadcast(messages_, clock_ + date, waits_);
}

void StarSolver::write_uploads() {
  waits_.resize(messages_.size());
  to_server_->expect(messages_);
  for (std::size_t i = 0; i < messages_.size(); ++i) waits_[i] = to_server_->send(messages_[i], clock_ + computed_[i]);
}

void StarSolver::tell_arrivals(Connections& connections, std::span<const double> dates) const {
  for (std::size_t i = 0; i < messages_.size(); ++i) connections.arrived(messages_[i].worker, clock_ + dates[i]);
}

void run_star(const PlanRound& plan_round, const ClusterPlan& cluster, const AfterRound& after_round) {
  const Star& star = *cluster.star;
  StarSolver solver(star, cluster.wire, cluster.connections);
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
