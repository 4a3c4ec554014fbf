#include "sim/star_rounds.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <unordered_set>

namespace laconic {
namespace {

struct Users {
  int down = 0, up = 0;  // workers with the link on that way
  int last = -1;         // of them
  bool many = false;     // or only one
};

using UsersOf = std::unordered_map<const sg::Link*, Users>;

bool is_plain(const sg::Link& link) {
  using enum sg::Link::SharingPolicy;
  const auto policy = link.get_sharing_policy();
  return policy == SHARED || policy == SPLITDUPLEX || policy == FATPIPE;
}

// False: some way crosses a link twice, or one that is no wire.
bool count(std::span<const Ways> ways, UsersOf& users) {
  for (std::size_t i = 0; i < ways.size(); ++i) {
    const int m = static_cast<int>(i);
    for (const auto* way : {&ways[i].down, &ways[i].up}) {
      std::unordered_set<const sg::Link*> crossed;
      for (const auto* link : way->links) {
        if (!is_plain(*link) || !crossed.insert(link).second) return false;
        Users& of = users[link];
        ++(way == &ways[i].down ? of.down : of.up);
        of.many |= of.last >= 0 && of.last != m;
        of.last = m;
      }
    }
  }
  return true;
}

}  // namespace

std::optional<StarRounds> StarRounds::on(const Deployment& hosts, std::span<const Ways> ways) {
  constexpr double endless = std::numeric_limits<double>::infinity();
  const int M = static_cast<int>(ways.size());
  std::unordered_set<const sg::Host*> tenants{hosts.server};
  for (const auto* host : hosts.workers)
    if (!tenants.insert(host).second) return {};
  UsersOf users;
  if (!count(ways, users)) return {};
  double down = endless, up = endless;
  for (const auto& [link, of] : users) {
    if (!of.many) continue;
    const bool all_down = of.down == M && of.up == 0, all_up = of.up == M && of.down == 0;
    // SimGrid gives no transfer over a link that is shared by nobody (FATPIPE) what its weight does not allow.
    if (link->get_sharing_policy() == sg::Link::SharingPolicy::FATPIPE || !(all_down || all_up)) return {};
    (all_down ? down : up) = std::min(all_down ? down : up, link->get_bandwidth());
  }
  const auto own = [&](const Ways::Way& way) {
    double most = endless;
    for (const auto* link : way.links)
      if (!users[link].many) most = std::min(most, link->get_bandwidth());
    return Way{way.latency, most};
  };
  std::vector<Station> stations;
  for (std::size_t m = 0; m < ways.size(); ++m)
    stations.push_back({hosts.workers[m]->get_speed(), own(ways[m].down), own(ways[m].up)});
  return StarRounds(hosts.server->get_speed(), std::move(stations), down, up);
}

double StarRounds::seconds(const RoundPlan& plan, std::optional<std::uint64_t> order_bits, const WireRules& wire) {
  // As in SimGrid, an empty message has no latency, and one without latency has the weight of one with a second's.
  const auto add = [&](double at, std::uint64_t bytes, const Way& way) {
    transfers_.push_back({at + (bytes > 0 ? way.latency : 0), static_cast<double>(bytes), way.most,
                          way.latency > 0 ? 1 / way.latency : 1});
  };
  const auto station = [&](std::size_t i) -> const Station& {
    return stations_[static_cast<std::size_t>(plan.shares[i].m)];
  };
  double end = plan.server_flops / server_speed_;
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

}  // namespace laconic
