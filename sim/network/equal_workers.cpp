#include "sim/network/equal_workers.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <unordered_map>

namespace laconic::network {

using namespace platforms;
using namespace rounds;

namespace {

// Appends the numbers' bytes, so that equal numbers make equal keys.
template <class... Numbers>
void add(std::string& to, const Numbers&... numbers) {
  (to.append(reinterpret_cast<const char*>(&numbers), sizeof numbers), ...);
}

}  // namespace

void EqualWorkers::sort(const std::vector<std::string>& traits) {
  std::unordered_map<std::string_view, int> known;
  for (const auto& of : traits) kind_.push_back(known.try_emplace(of, static_cast<int>(known.size())).first->second);
  kinds_ = static_cast<int>(known.size());
}

EqualWorkers::EqualWorkers(const Star& star) {
  std::vector<std::string> traits(star.workers.size());
  for (std::size_t m = 0; m < traits.size(); ++m) {
    const auto& [speed, down, up] = star.workers[m];
    add(traits[m], speed, down.latency, down.most, up.latency, up.most);
  }
  sort(traits);
}

EqualWorkers::EqualWorkers(const Deployment& hosts, std::span<const Route> routes) {
  constexpr int many = -1;
  std::unordered_map<const sg::Link*, int> user;  // who uses a link: its only worker, or many
  std::unordered_map<const sg::Host*, int> tenants;
  const auto M = static_cast<int>(hosts.workers.size());
  for (int m = 0; m < M; ++m) {
    ++tenants[hosts.workers[static_cast<std::size_t>(m)]];
    for (const auto* link : routes[static_cast<std::size_t>(m)].links()) {
      const auto [place, fresh] = user.try_emplace(link, m);
      if (!fresh && place->second != m) place->second = many;
    }
  }
  ++tenants[hosts.server];
  std::vector<std::string> traits(hosts.workers.size());
  for (int m = 0; m < M; ++m) {
    const auto at = static_cast<std::size_t>(m);
    const sg::Host* host = hosts.workers[at];
    std::string& key = traits[at];
    add(key, host->get_speed(), host->get_core_count(), hosts.air_rates.empty() ? 0.0 : hosts.air_rates[at]);
    if (tenants[host] > 1) add(key, m);
    const auto links = routes[at].links();
    for (std::size_t i = 0; i < links.size(); ++i) {
      const sg::Link* link = links[i];
      if (user[link] == many) {
        add(key, 'a', link);
        // Where the rates on the air are unknown, no two workers are known to be equal.
        if (sg::is_air(*link) && hosts.air_rates.empty()) add(key, m);
        continue;
      }
      // The link's first place tells apart one link for both directions and two.
      const auto first = std::find(links.begin(), links.end(), link) - links.begin();
      add(key, 'o', first, link->get_bandwidth(), link->get_latency(), link->get_sharing_policy());
    }
  }
  sort(traits);
}

std::string EqualWorkers::key(const RoundPlan& plan, std::optional<std::uint64_t> order_bits,
                              std::vector<std::size_t>& order) const {
  constexpr std::uint64_t none = ~std::uint64_t{0};
  const auto rank = [&](std::size_t i) {
    const auto& share = plan.shares[i];
    return std::tuple(kind(share.m), share.flops, share.upload_bits.value_or(none));
  };
  order.resize(plan.shares.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto before = [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); };
  if (!std::is_sorted(order.begin(), order.end(), before)) std::stable_sort(order.begin(), order.end(), before);
  std::string key;
  add(key, plan.server_flops, order_bits.value_or(none));
  for (std::size_t i = 0, end; i < order.size(); i = end) {
    for (end = i + 1; end < order.size() && rank(order[end]) == rank(order[i]);) ++end;
    const auto [of, flops, bits] = rank(order[i]);
    add(key, of, flops, bits, end - i);
  }
  add_buckets(key, plan);
  return key;
}

}  // namespace laconic::network
