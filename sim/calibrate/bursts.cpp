#include "sim/calibrate/bursts.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace laconic::calibrate {
namespace {

constexpr std::size_t most_together = 64;

// Sets of numbers that are joined.
class Joined {
 public:
  explicit Joined(std::size_t n) : above_(n), size_(n, 1) { std::iota(above_.begin(), above_.end(), std::size_t{0}); }
  std::size_t root(std::size_t i) {
    while (above_[i] != i) i = above_[i] = above_[above_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) {
    a = root(a);
    b = root(b);
    if (a == b || size_[a] + size_[b] > most_together) return;
    above_[b] = a;
    size_[a] += size_[b];
  }

 private:
  std::vector<std::size_t> above_, size_;
};

}  // namespace

std::vector<Burst> bursts_of(const DeployedRun& deployed, const std::function<bool(const Activity&)>& wanted) {
  const auto& all = deployed.activities;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].message && wanted(all[i])) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(all[a].run, all[a].start) < std::pair(all[b].run, all[b].start);
  });

  Joined joined(order.size());
  std::vector<std::size_t> under_way;  // places in `order`
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Activity& a = all[order[i]];
    std::erase_if(under_way, [&](std::size_t j) {
      const Activity& b = all[order[j]];
      return b.run != a.run || b.end <= a.start;
    });
    for (const auto j : under_way)
      if (const Activity& b = all[order[j]]; b.from == a.from || b.to == a.to) joined.join(j, i);
    under_way.push_back(i);
  }

  std::map<std::pair<std::size_t, std::uint64_t>, std::size_t> blocks;
  std::map<std::size_t, std::size_t> places;
  std::vector<Burst> out;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Activity& a = all[order[i]];
    const auto [place, first] = places.emplace(joined.root(i), out.size());
    const auto block = blocks.emplace(std::pair(a.run, a.round), blocks.size()).first->second;
    if (first) out.push_back({{}, {}, {}, block});
    Burst& burst = out[place->second];
    burst.messages.push_back({a.from, a.to, a.start, a.bytes});
    burst.ends.push_back(a.end);
    burst.activities.push_back(order[i]);
  }
  for (Burst& burst : out) {
    const double first = burst.messages.front().start;
    for (auto& message : burst.messages) message.start -= first;
    for (double& end : burst.ends) end -= first;
  }
  return out;
}

bool HeldOut::operator()(std::uint64_t round) const {
  const auto k = static_cast<double>(round);
  return std::floor((k + 1) * share_) > std::floor(k * share_);
}

}  // namespace laconic::calibrate
