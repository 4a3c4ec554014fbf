#include "sim/network/round_cache.hpp"

#include <utility>

namespace laconic::network {

using namespace rounds;

RoundCache::RoundCache(MeasureRound measure, std::optional<EqualWorkers> equal_workers, ExchangeWorkers exchange)
    : measure_(std::move(measure)), equal_workers_(std::move(equal_workers)), exchange_(std::move(exchange)) {}

RoundCost RoundCache::operator()(Round k, const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
  std::string key = equal_workers_ ? equal_workers_->key(plan, order_bits, order_) : timing_key(plan, order_bits);
  if (const auto known = known_.find(key); known != known_.end()) {
    RoundCost cost = known->second.cost;
    if (cost.recording && equal_workers_)
      cost.recording = exchange_(cost.recording, known->second.workers, in_order_of_key(plan));
    return cost;
  }
  Known measured{measure_(k, plan, order_bits), {}};
  if (measured.cost.recording && equal_workers_) measured.workers = in_order_of_key(plan);
  const RoundCost cost = measured.cost;
  if (key.size() <= room_) {
    room_ -= key.size();
    known_.emplace(std::move(key), std::move(measured));
  }
  return cost;
}

std::vector<int> RoundCache::in_order_of_key(const RoundPlan& plan) const {
  std::vector<int> out;
  out.reserve(order_.size());
  for (const std::size_t i : order_) out.push_back(plan.shares[i].m);
  return out;
}

}  // namespace laconic::network
