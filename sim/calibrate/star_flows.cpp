#include "sim/calibrate/star_flows.hpp"

#include <algorithm>

#include "sim/calibrate/deployed.hpp"

namespace laconic::calibrate {
namespace {

// Ends that are one but for rounding are one.
constexpr double rounding_of_ends = 1e-13;

}  // namespace

double FittedStar::path_latency(int from, int to) const {
  double out = 0;
  for (const int host : {from, to})
    if (host != the_server) out += latency[static_cast<std::size_t>(host)];
  return out;
}

void StarFlows::send(const Sending& message) {
  const double wait = star_.path_latency(message.from, message.to);
  const auto host = [&](int number) { return static_cast<std::size_t>(number + 1); };
  waiting_.push_back({count_++, 2 * host(message.from), 2 * host(message.to) + 1, message.start + wait,
                      wait > 0 ? 1 / wait : 1, message.bytes, 0, never});
}

double StarFlows::next() const {
  double out = never;
  for (const Flow& flow : waiting_) out = std::min(out, flow.start);
  for (const Flow& flow : flowing_) out = std::min(out, flow.end);
  return out;
}

void StarFlows::advance(double date, std::vector<std::size_t>& arrived) {
  const double just = rounding_of_ends * std::max(1e-9, date - now_);
  for (Flow& flow : flowing_) flow.left -= flow.rate * (date - now_);
  now_ = date;
  bool changed = false;
  std::erase_if(flowing_, [&](const Flow& flow) {
    if (flow.end > date + just) return false;
    arrived.push_back(flow.number);
    return changed = true;
  });
  std::erase_if(waiting_, [&](const Flow& flow) {
    if (flow.start > date) return false;
    if (flow.left > 0)
      flowing_.push_back(flow);
    else
      arrived.push_back(flow.number);
    return changed = true;
  });
  if (changed) share();
}

// Fills the narrowest link first, again and again. (Bertsekas and Gallager: "Data Networks", 1992, 6.5.2.)
void StarFlows::share() {
  links_.assign(2 * star_.hosts(), {never, 0});
  const auto capacity = [&](std::size_t link) {
    return link < 2 ? star_.server_bandwidth : star_.bandwidth[link / 2 - 1];
  };
  open_.clear();
  for (std::size_t i = 0; i < flowing_.size(); ++i) {
    for (const auto link : {flowing_[i].out, flowing_[i].in}) {
      links_[link].left = capacity(link);
      links_[link].weights += flowing_[i].weight;
    }
    open_.push_back(i);
  }
  const auto level = [&](std::size_t link) { return links_[link].left / links_[link].weights; };
  while (!open_.empty()) {
    double least = never;
    for (const auto i : open_) least = std::min({least, level(flowing_[i].out), level(flowing_[i].in)});
    const double full = least * (1 + rounding_of_ends);
    std::vector<std::size_t> filled;
    std::erase_if(open_, [&](std::size_t i) {
      if (least < never && std::min(level(flowing_[i].out), level(flowing_[i].in)) > full) return false;
      filled.push_back(i);
      return true;
    });
    for (const auto i : filled) {
      Flow& flow = flowing_[i];
      flow.rate = flow.weight * least;
      flow.end = now_ + flow.left / flow.rate;
      for (const auto link : {flow.out, flow.in}) {
        links_[link].left = std::max(0.0, links_[link].left - flow.rate);
        links_[link].weights -= flow.weight;
      }
    }
  }
}

void StarFlows::clear() {
  now_ = 0;
  count_ = 0;
  waiting_.clear();
  flowing_.clear();
}

void carry(const FittedStar& star, std::span<const Sending> messages, std::span<double> ends) {
  if (messages.size() == 1) {
    const auto& [from, to, start, bytes] = messages[0];
    const auto rate = [&](int host) {
      return host == the_server ? star.server_bandwidth : star.bandwidth[static_cast<std::size_t>(host)];
    };
    ends[0] = start + star.path_latency(from, to) + bytes / std::min(rate(from), rate(to));
    return;
  }
  StarFlows flows(star);
  for (const Sending& message : messages) flows.send(message);
  std::vector<std::size_t> arrived;
  for (double date = flows.next(); date < never; date = flows.next()) {
    arrived.clear();
    flows.advance(date, arrived);
    for (const auto i : arrived) ends[i] = date;
  }
}

}  // namespace laconic::calibrate
