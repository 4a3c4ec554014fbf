#include "platforms/topologies/registry.hpp"
#include "sim/network/equal_workers.hpp"

#include <fmt/format.h>

#include "sim/network/simulated/simulation.hpp"
#include "tests/platforms/examples.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

json scenario_on(const json& platform, int workers) {
  json source = small_scenario();
  source["workers"] = workers;
  source["platform"] = platform;
  return source;
}

json star(const json& more = {}) {
  json block = {{"type", "star"}, {"worker_speed", "1Mf"}, {"bandwidth", "1MBps"}, {"latency", "10ms"}};
  if (more.is_object()) block.update(more);
  return block;
}

// The kind of each worker, a letter each.
std::string kinds_on(const json& platform, int workers) {
  const ClusterPlan plan = read_cluster(scenario_on(platform, workers), "test.json", ".");
  return in_child([&] {
    const Simulation simulation(plan);
    const EqualWorkers equal(simulation.hosts(), route_of(simulation.hosts()));
    std::string out;
    for (int m = 0; m < workers; ++m) out += static_cast<char>('a' + equal.kind(m));
    return out;
  });
}

// Seconds of a round in which all compute and these workers upload much, on an idle network.
double seconds_of_round(const ClusterPlan& cluster, int workers, const std::vector<int>& senders) {
  return std::stod(in_child([&] {
    RoundPlan plan;
    plan.broadcast_bits = 80000;
    for (int m = 0; m < workers; ++m) plan.shares.push_back({m, 1000, {}});
    for (const int m : senders) plan.shares[static_cast<std::size_t>(m)].upload_bits = 400000;
    double taken = 0;
    simulate_rounds({plan.shares.size(), [&](Round) -> const RoundPlan& { return plan; }}, cluster,
                    [&](Round rounds, double clock, const Ledger&) {
                      taken = clock;
                      return rounds < 1;
                    });
    return fmt::format("{:.17g}", taken);
  }));
}

}  // namespace

TEST_CASE("workers are of a kind whose hosts, and links to the server and back, are equal") {
  CHECK(kinds_on(star(), 4) == "aaaa");
  CHECK(kinds_on(star({{"worker_speed", {"1Mf", "2Mf", "1Mf", "2Mf"}}}), 4) == "abab");
  CHECK(kinds_on(star({{"bandwidth", {"1MBps", "1MBps", "1MBps", "2MBps"}}}), 4) == "aaab");
  CHECK(kinds_on(star({{"latency", {"1ms", "2ms", "3ms", "1ms"}}}), 4) == "abca");
  CHECK(kinds_on({{"type", "cluster"}, {"bandwidth", "1MBps"}, {"backbone_bandwidth", "2MBps"}}, 4) == "aaaa");
  // The server is in the first rack.
  CHECK(kinds_on({{"type", "two-tier"}, {"racks", 2}}, 6) == "aaabbb");
  CHECK(kinds_on({{"type", "wifi"}, {"bandwidth", {"1MBps", "2MBps", "1MBps", "1MBps"}}}, 4) == "abaa");
}

TEST_CASE("law: a round takes as long whoever of a kind does what") {
  const PlatformFiles files;
  int exchanged = 0;
  for (const auto& entry : topologies()) {
    const json block = platform_example(entry.name, files);
    const std::string kinds = kinds_on(block, 4);
    const ClusterPlan cluster = read_cluster(scenario_on(block, 4), "test.json", ".");
    for (int a = 0; a < 4; ++a) {
      const auto b = static_cast<int>(kinds.rfind(kinds[static_cast<std::size_t>(a)]));
      if (b == a) continue;
      INFO(entry.name << ": worker " << b << " instead of " << a);
      CHECK(seconds_of_round(cluster, 4, {a}) == Approx(seconds_of_round(cluster, 4, {b})).epsilon(1e-12));
      ++exchanged;
    }
  }
  CHECK(exchanged >= 10);
}

TEST_CASE("a round's key says how many of a kind do what, and not who") {
  const ClusterPlan plan = read_cluster(scenario_on(star({{"latency", {"1ms", "1ms", "2ms"}}}), 3), "test.json", ".");
  CHECK(in_child([&] {
          const Simulation simulation(plan);
          const EqualWorkers equal(simulation.hosts(), route_of(simulation.hosts()));
          std::vector<std::size_t> order;
          const auto key = [&](std::optional<std::uint64_t> a, std::optional<std::uint64_t> b,
                               std::optional<std::uint64_t> c) {
            RoundPlan round;
            round.shares = {{0, 5, a}, {1, 5, b}, {2, 5, c}};
            return equal.key(round, 100, order);
          };
          std::string out;
          const std::string first = key(8, {}, {}), second = key({}, 8, {});
          out += first == second ? 'y' : 'n';
          out += order == std::vector<std::size_t>{1, 0, 2} ? 'y' : 'n';
          out += key(8, {}, {}) == key({}, {}, 8) ? 'y' : 'n';
          out += key(8, {}, {}) == key(8, 8, {}) ? 'y' : 'n';
          out += key(8, {}, {}) == key(9, {}, {}) ? 'y' : 'n';
          return out;
        }) == "yynnn");
}
