#include "sim/network/closed_form/star_solver.hpp"

#include <algorithm>

namespace laconic::network {

using namespace platforms;
using namespace rounds;

namespace {

double weight_of(const Star::Links& links) { return links.latency > 0 ? 1 / links.latency : 1; }

}  // namespace

StarSolver::StarSolver(const Star& star, const WireRules& wire, const std::optional<ConnectionPlan>& connections,
                       bool watched)
    : star_(star),
      wire_(wire),
      cache_([this](Round, const RoundPlan& plan,
                    std::optional<std::uint64_t> order_bits) { return solve(plan, order_bits); },
             EqualWorkers(star)),
      down_(star.down),
      up_(star.up) {
  if (watched) watch_.emplace();
  if (!connections) return;
  to_workers_.emplace(connections->rules, connections->down);
  to_server_.emplace(connections->rules, connections->up);
}

RoundCost StarSolver::cost(Round k, const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
  if (!to_workers_) return cache_(k, plan, order_bits);
  const RoundCost cost = solve(plan, order_bits);
  clock_ += cost.seconds;
  return cost;
}

RoundCost StarSolver::solve(const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
  const auto worker = [&](std::size_t i) -> const Star::Worker& {
    return star_.workers[static_cast<std::size_t>(plan.shares[i].m)];
  };
  const double sent = plan.server_flops / star_.server_speed;
  const std::size_t n = plan.shares.size();
  if (watch_) watch_->begin();
  if (watch_ && sent > 0) watch_->computed(0, sent);
  ready_.assign(n, sent);
  waits_.assign(n, 0);
  if (order_bits) {
    const std::uint64_t bytes = wire_.bytes(*order_bits);
    if (to_workers_) write_orders(plan, sent, bytes);
    transfers_.clear();
    for (std::size_t i = 0; i < n; ++i) add_transfer(sent, static_cast<double>(bytes), worker(i).down);
    down_.carry(transfers_, ready_);
    if (to_workers_) tell_arrivals(*to_workers_, ready_);
  }
  double end = sent;
  for (std::size_t i = 0; i < n; ++i) {
    const double computed = ready_[i] + plan.shares[i].flops / worker(i).speed;
    end = std::max(end, computed);
    if (!watch_) continue;
    if (order_bits) watch_->carried(sent, ready_[i]);
    watch_->computed(ready_[i], computed);
  }
  end = std::max(end, plan.buckets.empty() ? carry_uploads(plan) : carry_buckets(plan));
  return {.seconds = end, .traffic = watch_ ? watch_->in(end) : Traffic{}};
}

// As in SimGrid, an empty message has no latency, and one without latency has the weight of one with a second's.
void StarSolver::add_transfer(double at, double bytes, const Star::Links& links) {
  transfers_.push_back(
      {at + waits_[transfers_.size()] + (bytes > 0 ? links.latency : 0), bytes, links.most, weight_of(links)});
}

// Returns when the last one is there.
double StarSolver::carry_uploads(const RoundPlan& plan) {
  computed_.clear();
  messages_.clear();
  for (std::size_t i = 0; i < plan.shares.size(); ++i) {
    const auto& share = plan.shares[i];
    const auto bytes = wire_.message_bytes(share.upload_bits);
    if (!bytes) continue;
    messages_.push_back({share.m, static_cast<double>(*bytes)});
    computed_.push_back(ready_[i] + share.flops / star_.workers[static_cast<std::size_t>(share.m)].speed);
  }
  if (to_server_) write_uploads();
  transfers_.clear();
  for (std::size_t i = 0; i < messages_.size(); ++i)
    add_transfer(computed_[i], messages_[i].bytes, star_.workers[static_cast<std::size_t>(messages_[i].worker)].up);
  arrived_.resize(transfers_.size());
  up_.carry(transfers_, arrived_);
  if (to_server_) tell_arrivals(*to_server_, arrived_);
  double end = 0;
  for (std::size_t i = 0; i < arrived_.size(); ++i) {
    end = std::max(end, arrived_[i]);
    if (watch_) watch_->carried(computed_[i], arrived_[i]);
  }
  return end;
}

double StarSolver::carry_buckets(const RoundPlan& plan) {
  senders_.clear();
  parts_.clear();
  for (std::size_t i = 0; i < plan.shares.size(); ++i) {
    const auto& share = plan.shares[i];
    const auto& worker = star_.workers[static_cast<std::size_t>(share.m)];
    plan.each_message(share, [&](double ready, const auto& bits) {
      const auto bytes = wire_.message_bytes(bits);
      if (!bytes) return;
      const double computed = ready_[i] + ready * (share.flops / worker.speed);
      const double start = computed + (*bytes > 0 ? worker.up.latency : 0);
      parts_.push_back({static_cast<std::uint32_t>(i), start, static_cast<double>(*bytes)});
    });
    senders_.push_back({worker.up.most, weight_of(worker.up)});
  }
  carry_parts(star_.up, senders_, parts_);
  double end = 0;
  for (const auto& part : parts_) {
    end = std::max(end, part.end);
    const auto& worker = star_.workers[static_cast<std::size_t>(plan.shares[part.sender].m)];
    if (watch_) watch_->carried(part.start - (part.bytes > 0 ? worker.up.latency : 0), part.end);
  }
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
  StarSolver solver(star, cluster.wire, cluster.connections, cluster.execution.has_value());
  double clock = 0;
  const auto time = [&](Round k, const RoundPlan& plan, std::optional<std::uint64_t> order_bits, Ledger& ledger) {
    for (const auto& share : plan.shares)
      ledger.compute_s += share.flops / star.workers[static_cast<std::size_t>(share.m)].speed;
    const RoundCost cost = solver.cost(k, plan, order_bits);
    if (ledger.traffic) *ledger.traffic += cost.traffic;
    return clock += cost.seconds;
  };
  run_rounds(plan_round, {star.workers.size(), cluster.wire, nullptr},
             {time, 0, cluster.conditions.slowdown(), false, cluster.execution.has_value()}, after_round);
}

}  // namespace laconic::network
