#include "platforms/topologies/registry.hpp"
#include "sim/network/closed_form/star_solver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "algorithms/base/random.hpp"
#include "tests/platforms/examples.hpp"
#include "tests/sim/network/rounds_on.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

constexpr double endless = std::numeric_limits<double>::infinity();

std::vector<double> ends_of(double capacity, const std::vector<Transfer>& transfers) {
  std::vector<double> ends(transfers.size());
  SharedLink(capacity).carry(transfers, ends);
  return ends;
}

// The definition, instant by instant: raise the level until the link is full or nobody can take more.
std::vector<double> by_filling(double capacity, const std::vector<Transfer>& transfers) {
  const std::size_t n = transfers.size();
  std::vector<double> ends(n, -1), left(n), rates(n);
  for (std::size_t i = 0; i < n; ++i) left[i] = transfers[i].bytes;
  for (double now = 0;;) {
    std::vector<std::size_t> open;
    double next = endless;
    for (std::size_t i = 0; i < n; ++i) {
      if (transfers[i].start > now) next = std::min(next, transfers[i].start);
      if (transfers[i].start <= now && ends[i] < 0) open.push_back(i);
    }
    if (open.empty() && next == endless) return ends;
    std::ranges::sort(open, {}, [&](std::size_t i) { return transfers[i].most / transfers[i].weight; });
    double room = capacity, weights = 0;
    for (const auto i : open) weights += transfers[i].weight;
    std::size_t first = n;
    for (const auto i : open) {
      rates[i] = std::min(transfers[i].most, room * transfers[i].weight / weights);
      room -= rates[i];
      weights -= transfers[i].weight;
      if (now + left[i] / rates[i] <= next) {
        next = now + left[i] / rates[i];
        first = i;
      }
    }
    for (const auto i : open) left[i] -= rates[i] * (next - now);
    now = next;
    if (first < n) ends[first] = now;
  }
}

json star(const json& more = {}) {
  json block = {{"type", "star"}, {"worker_speed", "1Mf"}, {"bandwidth", "1MBps"}, {"latency", "10ms"}};
  if (more.is_object()) block.update(more);
  return block;
}

bool is_star(const json& platform, int workers = 4) { return cluster_on(platform, workers, "auto").star.has_value(); }

// Some take part, some of these are silent, and all send much or little. The first round needs no model.
std::vector<RoundPlan> some_rounds(int workers, Rng& rng) {
  std::vector<RoundPlan> out(8);
  for (auto& plan : out) {
    if (&plan != &out[0]) plan.broadcast_bits = 1 + rng.below(1'000'000);
    plan.server_flops = rng.uniform() < 0.5 ? 0 : 1e9 * rng.uniform();
    for (int m = 0; m < workers; ++m) {
      if (rng.uniform() < 0.2) continue;
      plan.shares.push_back({m, rng.uniform() < 0.1 ? 0 : 1e6 * rng.uniform(), {}});
      if (rng.uniform() < 0.7) plan.shares.back().upload_bits = rng.below(rng.uniform() < 0.5 ? 100 : 1'000'000);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("transfers share a link as their weights, and take no more than they can") {
  // Alone: as fast as its own links.
  CHECK(ends_of(10, {{1, 20, 5, 1}}) == std::vector{5.0});
  CHECK(ends_of(10, {{1, 20, 50, 1}}) == std::vector{3.0});
  CHECK(ends_of(endless, {{1, 20, 50, 1}, {0, 5, 5, 1}}) == std::vector{1.4, 1.0});
  // Equal ones share equally; when the short one is over, the long one takes all.
  CHECK(ends_of(10, {{0, 10, 50, 1}, {0, 20, 50, 1}}) == std::vector{2.0, 3.0});
  // As 3 to 1.
  CHECK(ends_of(4, {{0, 6, 50, 3}, {0, 6, 50, 1}}) == std::vector{2.0, 3.0});
  // One takes 2 at most; the other has the rest.
  CHECK(ends_of(10, {{0, 10, 2, 1}, {0, 40, 50, 1}}) == std::vector{5.0, 5.0});
  // The second comes when the first has 10 of its 20 bytes left; a third makes the limited one share, for a while.
  CHECK(ends_of(10, {{0, 20, 50, 1}, {1, 20, 50, 1}}) == std::vector{3.0, 4.0});
  CHECK(ends_of(6, {{0, 12, 3, 1}, {1, 2, 50, 1}, {1, 2, 50, 1}}) == std::vector{1 + 1 + 7.0 / 3, 2.0, 2.0});
  // Nothing to send is over at once, whatever else is on its way.
  CHECK(ends_of(10, {{0, 20, 50, 1}, {1, 0, 50, 1}, {7, 0, 50, 1}}) == std::vector{2.0, 1.0, 7.0});
  // Nobody is limited by own links; the link is exactly what all can take.
  CHECK(ends_of(10, {{0, 10, endless, 1}, {0, 10, endless, 1}}) == std::vector{2.0, 2.0});
  CHECK(ends_of(10, {{0, 10, 5, 1}, {0, 10, 5, 1}}) == std::vector{2.0, 2.0});
  CHECK(ends_of(10, {}).empty());
}

TEST_CASE("law: a shared link is shared as its definition says, instant by instant") {
  Rng rng(3, Purpose::data);
  double worst = 0;
  for (int trial = 0; trial < 300; ++trial) {
    const std::size_t n = 1 + rng.below(40);
    std::vector<Transfer> transfers;
    const bool equal_weights = trial % 3 == 0, at_once = trial % 4 == 0;
    for (std::size_t i = 0; i < n; ++i)
      transfers.push_back({at_once ? 0.5 : 3 * rng.uniform(), 1 + 100 * rng.uniform(), 1 + 20 * rng.uniform(),
                           equal_weights ? 2 : std::pow(1000, rng.uniform())});
    const double capacity = std::pow(10, 3 * rng.uniform());
    const auto found = ends_of(capacity, transfers), expected = by_filling(capacity, transfers);
    for (std::size_t i = 0; i < n; ++i) worst = std::max(worst, std::abs(found[i] - expected[i]) / expected[i]);
  }
  CHECK(worst < 1e-11);
}

TEST_CASE("a shared link that has carried as many transfers needs no more memory, and forgets them") {
  SharedLink link(10);
  const std::vector<Transfer> transfers = {{0, 10, 2, 1}, {0.5, 40, 50, 3}, {1, 7, 3, 2}};
  std::vector<double> first(3), second(3);
  link.carry(transfers, first);
  link.carry(transfers, second);
  CHECK(first == second);
}

TEST_CASE("a star is what lets transfers meet on one link in each direction") {
  CHECK(is_star(star()));
  CHECK(is_star(star({{"bandwidth", {"1MBps", "2MBps", "3MBps", "4MBps"}}, {"server_bandwidth", "2MBps"}})));
  CHECK(is_star({{"type", "edge"}, {"worker_speed", "1Mf"}}));
  CHECK(is_star({{"type", "cluster"}, {"bandwidth", "1MBps"}}));
  // A backbone carries both directions; racks, sites and switches have links that some share and others do not.
  CHECK_FALSE(is_star({{"type", "cluster"}, {"bandwidth", "1MBps"}, {"backbone_bandwidth", "2MBps"}}));
  CHECK_FALSE(is_star({{"type", "two-tier"}, {"racks", 2}}));
  CHECK_FALSE(is_star({{"type", "wifi"}, {"bandwidth", "1MBps"}}));
  CHECK_FALSE(is_star({{"type", "torus"}, {"dimensions", {3, 2}}}));
}

TEST_CASE("law: what stars say of themselves is what SimGrid builds") {
  const auto between = [](const char* least, const char* most) {
    return json{{"type", "log-uniform"}, {"min", least}, {"max", most}};
  };
  const json parts = {{"worker_speed", between("0.5Mf", "2Mf")},
                      {"bandwidth", between("10kBps", "10MBps")},
                      {"latency", between("1us", "50ms")}};
  const std::pair<std::string, json> stars[] = {
      {"star", {}},
      {"star", {{"server_bandwidth", "3MBps"}, {"server_latency", "0.1ms"}, {"server_speed", "7Gf"}}},
      {"edge", {{"uplink_bandwidth", "3MBps"}, {"uplink_latency", "0.3ms"}}},
      {"cluster", {{"backbone_latency", "0.3ms"}}}};
  for (const auto& [type, more] : stars) {
    for (const int workers : {1, 2, 13}) {
      for (const auto& network : network_models()) {
        json block = parts;
        block["type"] = type;
        if (more.is_object()) block.update(more);
        INFO(block << ", " << workers << " workers, " << network.name);
        Params in(block, "test.json", "/platform");
        std::optional<Survey> stated;
        for (const auto& entry : topologies())
          if (type == entry.name) {
            const auto build = entry.read(in, {workers, {}, &network, nullptr, nullptr, &stated});
            REQUIRE(stated);
            CHECK(*stated == survey(build, network, "test"));
          }
        REQUIRE(stated);
        CHECK(star_view(*stated));
      }
    }
  }
}

TEST_CASE("law: on a star, rounds take what SimGrid says, whatever the workers and whoever uploads what") {
  const auto between = [](const char* least, const char* most) {
    return json{{"type", "uniform"}, {"min", least}, {"max", most}};
  };
  const json speeds = between("0.5Mf", "2Mf");
  const PlatformFiles files;
  const json platforms[] = {
      star(),
      star({{"latency", 0}, {"bandwidth", between("10kBps", "1MBps")}}),
      star({{"worker_speed", speeds}, {"latency", between("1us", "50ms")}}),
      star({{"worker_speed", speeds}, {"bandwidth", between("10kBps", "10MBps")}, {"server_bandwidth", "3MBps"}}),
      star({{"worker_speed", speeds},
            {"bandwidth", between("0.9MBps", "1MBps")},
            {"server_bandwidth", "5MBps"},
            {"latency", between("1ms", "2ms")}}),
      {{"type", "edge"}, {"worker_speed", speeds}},
      {{"type", "cluster"}, {"worker_speed", speeds}, {"bandwidth", "1MBps"}},
      platform_example("file", files),
  };
  Rng rng(5, Purpose::data);
  for (const auto& platform : platforms) {
    for (const int workers : {1, 4, 11, 100}) {
      if (platform["type"] == "file" && workers > 11) continue;
      for (const json& network : {json(), json{{"header", 0}, {"skip_notice", false}}}) {
        INFO(platform << ", " << workers << " workers, network " << network);
        REQUIRE(is_star(platform, workers));
        const auto plans = some_rounds(workers, rng);
        const auto found = clocks(cluster_on(platform, workers, "auto", network), plans);
        const auto expected = clocks(cluster_on(platform, workers, "simgrid", network), plans);
        REQUIRE(found.size() == plans.size() + 1);
        for (std::size_t k = 0; k < found.size(); ++k) CHECK(found[k] == Approx(expected[k]).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("a first round in which nobody has anything to do takes no time, and the run goes on") {
  std::vector<RoundPlan> plans(2);
  for (int m = 0; m < 4; ++m) plans[0].shares.push_back({m, 0, {}});
  plans[1] = plans[0];
  plans[1].broadcast_bits = 8000;
  const json free = {{"header", 0}, {"skip_notice", false}};
  for (const char* solver : {"auto", "simgrid"})
    CHECK(clocks(cluster_on(star(), 4, solver, free), plans).back() == Approx(0.014));
}

TEST_CASE("rounds with a closed form need no engine, of which a process has one") {
  RoundPlan plan;
  plan.shares.push_back({0, 1e6, 8'000'000});
  const ClusterPlan cluster = cluster_on(star(), 1, "auto", {{"header", 0}});
  REQUIRE(cluster.has_closed_form());
  for (int run = 0; run < 2; ++run) {
    double end = 0;
    simulate_rounds({1, [&](Round) -> const RoundPlan& { return plan; }}, cluster,
                    [&](Round rounds, double clock, const Ledger&) {
                      end = clock;
                      return rounds < 1;
                    });
    CHECK(end == Approx(2.01));
  }
}

TEST_CASE("only the alpha-beta model has closed forms, and only if the scenario lets it") {
  Rng rng(6, Purpose::data);
  const auto plans = some_rounds(3, rng);
  const json tcp = {{"model", "tcp"}};
  CHECK(clocks(cluster_on(star(), 3, "auto", tcp), plans) == clocks(cluster_on(star(), 3, "simgrid", tcp), plans));
}
