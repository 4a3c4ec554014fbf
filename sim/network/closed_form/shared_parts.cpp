#include "sim/network/closed_form/shared_parts.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <queue>

namespace laconic::network {
namespace {

constexpr double at_no_date = std::numeric_limits<double>::infinity();

class SharedParts {
 public:
  SharedParts(double capacity, const std::vector<Sender>& senders, std::vector<SentPart>& parts)
      : capacity_(capacity), senders_(senders), parts_(parts), flows_(senders.size()), order_(parts.size()) {
    for (std::uint32_t i = 0; i < order_.size(); ++i) order_[i] = i;
    std::ranges::stable_sort(order_, {}, [&](std::uint32_t i) { return parts_[i].start; });
  }

  void run() {
    while (started_ < order_.size() || !active_.empty()) {
      step();
      finish();
      for (; started_ < order_.size() && parts_[order_[started_]].start <= now_; ++started_) start(order_[started_]);
      share();
    }
  }

 private:
  // A sender's messages under way have all got the same since any two of them are there.
  struct Flow {
    double served = 0;  // bytes of each, on a scale of the sender's own
    double rate = 0;    // byte/s of each
    std::priority_queue<std::pair<double, std::uint32_t>, std::vector<std::pair<double, std::uint32_t>>,
                        std::greater<>>
        ends;  // where on that scale a message is over, and which
  };

  double next_end(const Flow& flow) const { return now_ + (flow.ends.top().first - flow.served) / flow.rate; }

  // To the next instant at which anything starts or ends.
  void step() {
    double next = started_ < order_.size() ? parts_[order_[started_]].start : at_no_date;
    for (const auto i : active_) next = std::min(next, next_end(flows_[i]));
    next = std::max(next, now_);
    for (const auto i : active_) {
      Flow& flow = flows_[i];
      const double end = flow.ends.top().first;
      flow.served = next_end(flow) <= next ? end : std::min(end, flow.served + flow.rate * (next - now_));
    }
    now_ = next;
  }

  void finish() {
    for (const auto i : active_) {
      auto& ends = flows_[i].ends;
      for (; !ends.empty() && ends.top().first <= flows_[i].served; ends.pop()) parts_[ends.top().second].end = now_;
    }
    std::erase_if(active_, [&](std::uint32_t i) { return flows_[i].ends.empty(); });
  }

  void start(std::uint32_t part) {
    Flow& flow = flows_[parts_[part].sender];
    if (flow.ends.empty()) {
      flow.served = 0;
      active_.push_back(parts_[part].sender);
    }
    flow.ends.emplace(flow.served + parts_[part].bytes, part);
  }

  // Those that their own links limit most come first.
  void share() {
    const auto count = [&](std::uint32_t i) { return static_cast<double>(flows_[i].ends.size()); };
    const auto weight = [&](std::uint32_t i) { return count(i) * senders_[i].weight; };
    const auto limit = [&](std::uint32_t i) { return senders_[i].most / weight(i); };
    if (capacity_ < at_no_date) std::ranges::sort(active_, {}, limit);
    double left = capacity_, weights = 0;
    for (const auto i : active_) weights += weight(i);
    for (const auto i : active_) {
      const bool limited = capacity_ == at_no_date || limit(i) * weights <= left;
      flows_[i].rate = limited ? senders_[i].most / count(i) : senders_[i].weight * left / weights;
      if (!limited || capacity_ == at_no_date) continue;
      left -= senders_[i].most;
      weights -= weight(i);
    }
  }

  double capacity_;
  const std::vector<Sender>& senders_;
  std::vector<SentPart>& parts_;
  std::vector<Flow> flows_;
  std::vector<std::uint32_t> active_, order_;
  std::size_t started_ = 0;
  double now_ = 0;
};

}  // namespace

void carry_parts(double capacity, const std::vector<Sender>& senders, std::vector<SentPart>& parts) {
  SharedParts(capacity, senders, parts).run();
}

}  // namespace laconic::network
