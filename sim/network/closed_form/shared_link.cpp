#include "sim/network/closed_form/shared_link.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

namespace laconic::network {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

}  // namespace

void SharedLink::Sum::add(double x) {
  const double sum = high + x, rounded = sum - high;
  low += (high - (sum - rounded)) + (x - rounded);
  high = sum;
}

void SharedLink::Queue::push(const Entry& entry) {
  entries_.push_back(entry);
  std::ranges::push_heap(entries_, std::greater(), &Entry::key);
}

const SharedLink::Queue::Entry* SharedLink::Queue::first(const std::vector<Flow>& flows) {
  while (!entries_.empty() && entries_.front().moves != flows[entries_.front().flow].moves) {
    std::ranges::pop_heap(entries_, std::greater(), &Entry::key);
    entries_.pop_back();
  }
  return entries_.empty() ? nullptr : &entries_.front();
}

void SharedLink::carry(std::span<const Transfer> transfers, std::span<double> ends) {
  if (capacity_ == never) {
    for (std::size_t i = 0; i < transfers.size(); ++i)
      ends[i] = transfers[i].start + transfers[i].bytes / transfers[i].most;
    return;
  }
  flows_.resize(transfers.size());
  for (std::size_t i = 0; i < transfers.size(); ++i)
    flows_[i] = {.most = transfers[i].most, .weight = transfers[i].weight};
  for (Queue* queue : {&by_served_, &by_date_, &sharing_ratios_, &limited_ratios_}) queue->clear();
  order_.resize(transfers.size());
  std::iota(order_.begin(), order_.end(), 0u);
  const auto earlier = [&](std::uint32_t a, std::uint32_t b) { return transfers[a].start < transfers[b].start; };
  if (!std::is_sorted(order_.begin(), order_.end(), earlier)) std::stable_sort(order_.begin(), order_.end(), earlier);
  now_ = 0;
  const auto finish = [&](std::uint32_t i) {
    leave(i);
    ends[i] = now_;
  };
  std::size_t started = 0, finished = 0;
  while (finished < transfers.size()) {
    step(started < transfers.size() ? transfers[order_[started]].start : never);
    // All that starts and ends at this instant does so before the link is shared out anew.
    for (; const auto* first = by_served_.first(flows_); ++finished) {
      if (first->key > served_) break;
      finish(first->flow);
    }
    for (; const auto* first = by_date_.first(flows_); ++finished) {
      if (first->key > now_) break;
      finish(first->flow);
    }
    for (; started < transfers.size() && transfers[order_[started]].start <= now_; ++started)
      enter(order_[started], transfers[order_[started]].bytes);
    share();
  }
}

void SharedLink::start(std::uint32_t i, const Transfer& transfer) {
  if (i >= flows_.size()) flows_.resize(i + 1);
  flows_[i].most = transfer.most;
  flows_[i].weight = transfer.weight;
  step(transfer.start);
  enter(i, transfer.bytes);
}

double SharedLink::next_end() {
  double next = never;
  if (const auto* first = by_date_.first(flows_)) next = first->key;
  if (const auto* first = by_served_.first(flows_)) next = std::min(next, now_ + (first->key - served_) / level());
  return next;
}

void SharedLink::advance(double date, std::vector<std::uint32_t>& over) {
  step(date);
  const std::size_t before = over.size();
  const auto finish = [&](std::uint32_t i) {
    leave(i);
    over.push_back(i);
  };
  for (const auto* first = by_served_.first(flows_); first && first->key <= served_; first = by_served_.first(flows_))
    finish(first->flow);
  for (const auto* first = by_date_.first(flows_); first && first->key <= now_; first = by_date_.first(flows_))
    finish(first->flow);
  if (over.size() > before) share();
}

double SharedLink::level() const {
  const double left = capacity_ - taken_;
  if (sharers_ > 0) return left / weights_;
  return left < 0 ? 0 : never;
}

// Moves on to the next instant at which anything starts or ends.
void SharedLink::step(double next_start) {
  double next = next_start;
  if (const auto* first = by_date_.first(flows_)) next = std::min(next, first->key);
  next = std::max(next, now_);
  const auto* first = by_served_.first(flows_);
  if (!first) {
    now_ = next;
    return;
  }
  const double speed = level(), end = now_ + (first->key - served_) / speed;
  served_ = end <= next ? first->key : served_ + speed * (next - now_);
  now_ = std::min(end, next);
}

void SharedLink::enter(std::uint32_t i, double bytes) {
  Flow& flow = flows_[i];
  flow.is = Flow::sharing;
  flow.end = served_ + bytes / flow.weight;
  by_served_.push({flow.end, i, ++flow.moves});
  sharing_ratios_.push({ratio(i), i, flow.moves});
  weights_.add(flow.weight);
  ++sharers_;
}

void SharedLink::limit(std::uint32_t i, double bytes) {
  Flow& flow = flows_[i];
  flow.is = Flow::limited;
  flow.end = now_ + bytes / flow.most;
  by_date_.push({flow.end, i, ++flow.moves});
  limited_ratios_.push({-ratio(i), i, flow.moves});
  taken_.add(flow.most);
}

void SharedLink::leave(std::uint32_t i) {
  Flow& flow = flows_[i];
  ++flow.moves;
  if (std::exchange(flow.is, Flow::away) == Flow::limited) {
    taken_.add(-flow.most);
    return;
  }
  weights_.add(-flow.weight);
  if (--sharers_ > 0) return;
  weights_ = {};
  served_ = 0;
}

// Each move raises the level: first those go back to sharing that are limited to more than it gives, then those are
// limited that cannot take what it gives.
void SharedLink::share() {
  while (const auto* first = limited_ratios_.first(flows_)) {
    const std::uint32_t i = first->flow;
    if (ratio(i) <= level()) break;
    const double bytes = std::max(0.0, (flows_[i].end - now_) * flows_[i].most);
    leave(i);
    enter(i, bytes);
  }
  while (const auto* first = sharing_ratios_.first(flows_)) {
    const std::uint32_t i = first->flow;
    if (ratio(i) > level()) break;
    const double bytes = std::max(0.0, (flows_[i].end - served_) * flows_[i].weight);
    leave(i);
    limit(i, bytes);
  }
}

}  // namespace laconic::network
