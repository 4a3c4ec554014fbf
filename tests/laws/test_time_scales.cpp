#include <cmath>

#include "algorithms/base/random.hpp"
#include "platforms/built/survey.hpp"
#include "tests/sim/network/rounds_on.hpp"
#include "tests/trials.hpp"

// SimGrid on nine orders of magnitude of latencies, bandwidths and sizes, held to closed forms. More trials by hand:
// LACONIC_TRIALS=2000 LACONIC_SEED=7 build/tests/simulator_tests "law: from a nanosecond*"

using namespace laconic::tests;
using nlohmann::json;

namespace {

double between(double least, double most, Rng& rng) { return least * std::pow(most / least, rng.uniform()); }

// One value for all, or one for each.
json quantities_between(double least, double most, int workers, Rng& rng) {
  if (rng.uniform() < 0.3) return between(least, most, rng);
  const double low = between(least, most, rng), high = rng.uniform() < 0.5 ? most : low * 10;
  json out = json::array();
  for (int m = 0; m < workers; ++m) out.push_back(between(low, std::min(high, most), rng));
  return out;
}

std::uint64_t bits(Rng& rng) { return static_cast<std::uint64_t>(between(1, 8e9, rng)); }

json random_star(int workers, Rng& rng) {
  json out = {{"type", "star"},
              {"worker_speed", quantities_between(1e3, 1e13, workers, rng)},
              {"bandwidth", quantities_between(125, 1e11, workers, rng)},
              {"latency", quantities_between(1e-9, 1, workers, rng)}};
  if (rng.uniform() < 0.7) out["server_bandwidth"] = between(125, 1e11, rng);
  return out;
}

std::vector<RoundPlan> random_rounds(int workers, Rng& rng) {
  std::vector<RoundPlan> out(2);
  for (auto& plan : out) {
    if (rng.uniform() < 0.8) plan.broadcast_bits = bits(rng);
    const std::uint64_t all = bits(rng);
    for (int m = 0; m < workers; ++m)
      plan.shares.push_back({m, between(1, 1e9, rng), rng.uniform() < 0.5 ? all : bits(rng)});
  }
  return out;
}

}  // namespace

TEST_CASE("law: from a nanosecond to a second, a bit to a gigabyte, SimGrid's times are the closed form's on stars") {
  Rng rng(setting("LACONIC_SEED", 1), Purpose::data);
  for (std::uint64_t trial = 0; trial < setting("LACONIC_TRIALS", 40); ++trial) {
    const int workers = 1 + static_cast<int>(rng.below(trial % 8 == 0 ? 60 : 8));
    const json platform = random_star(workers, rng), network = {{"header", 0}};
    const auto plans = random_rounds(workers, rng);
    INFO("trial " << trial << ": " << platform);
    const auto exact = clocks(cluster_on(platform, workers, "auto", network), plans);
    const auto found = clocks(cluster_on(platform, workers, "simgrid", network), plans);
    REQUIRE(found.size() == exact.size());
    for (std::size_t k = 0; k < found.size(); ++k) CHECK(found[k] == Approx(exact[k]).epsilon(1e-12));
  }
}

TEST_CASE("law: from a nanosecond to a second, a lone transfer takes latency and bytes / bandwidth on any topology") {
  const json topologies[] = {{{"type", "two-tier"}, {"racks", 3}},
                             {{"type", "fat-tree"}, {"down", {4, 4}}, {"up", {1, 2}}, {"cables", {1, 1}}},
                             {{"type", "torus"}, {"dimensions", {3, 3}}},
                             {{"type", "dragonfly"}, {"groups", 2}, {"chassis", 2}, {"routers", 2}, {"nodes", 2}},
                             {{"type", "cluster"}, {"backbone_bandwidth", "1GBps"}}};
  Rng rng(setting("LACONIC_SEED", 2), Purpose::data);
  constexpr int workers = 7;
  for (json platform : topologies) {
    for (std::uint64_t trial = 0; trial < setting("LACONIC_TRIALS", 8); ++trial) {
      platform["worker_speed"] = between(1e3, 1e13, rng);
      platform["bandwidth"] = between(125, 1e11, rng);
      platform["latency"] = between(1e-9, 1, rng);
      if (platform["type"] == "two-tier") {
        platform["uplink_bandwidth"] = between(125, 1e11, rng);
        platform["uplink_latency"] = between(1e-9, 1, rng);
      }
      INFO(platform);
      const ClusterPlan cluster = cluster_on(platform, workers, "simgrid", {{"header", 0}, {"skip_notice", false}});
      const Survey seen = survey(cluster.platform, *cluster.network, "test");
      RoundPlan plan;
      plan.broadcast_bits = bits(rng);
      const auto m = rng.below(workers);
      plan.shares.push_back({static_cast<int>(m), between(1, 1e9, rng), bits(rng)});
      const auto bytes = [](std::uint64_t bits_sent) { return std::ceil(static_cast<double>(bits_sent) / 8); };
      const double expected = seen.down[m].latency + bytes(*plan.broadcast_bits) / seen.down[m].bandwidth +
                              plan.shares[0].flops / seen.workers[m].speed + seen.up[m].latency +
                              bytes(*plan.shares[0].upload_bits) / seen.up[m].bandwidth;
      CHECK(clocks(cluster, {plan}).back() == Approx(expected).epsilon(1e-12));
    }
  }
}
