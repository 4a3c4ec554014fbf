#include <cmath>
#include <set>

#include "platforms/topologies/registry.hpp"
#include "tests/platforms/examples.hpp"

// Simulated times of every topology against closed forms.

using namespace laconic::tests;
using nlohmann::json;

namespace {

constexpr double d = 5, w = 8, header = 64;                     // float64 wire
constexpr double bandwidth = 1e6, latency = 0.01, speed = 1e6;  // as platform_example says
constexpr double model = d * w + header;                        // bytes on the wire

json scenario_on(const json& platform, int workers) {
  json source = small_scenario();
  source["workers"] = workers;
  source["platform"] = platform;
  return source;
}

// The time of one round of GD, less the slowest gradient.
double travel(const json& platform, int workers) {
  const Scenario s = scenario_of(scenario_on(platform, workers));
  const auto rows = csv(in_child([&] { return rows_of(s); }));
  REQUIRE(rows.size() > 1);
  return std::stod(rows.at(1)[sim_time]) - 4 * std::ceil(60.0 / workers) * d / speed;
}

double path_time(const Survey::Path& path, double bytes = model) { return path.latency + bytes / path.bandwidth; }

// There and back on a path of this latency and least bandwidth.
double both_ways(double path_latency, double least = bandwidth) { return 2 * (path_latency + model / least); }

json with(json block, const json& more) {
  block.update(more);
  return block;
}

}  // namespace

TEST_CASE("an idle path of any topology takes latency + bytes / bandwidth of its route, each way") {
  const PlatformFiles files;
  for (const auto& entry : topologies()) {
    INFO(entry.name);
    json block = platform_example(entry.name, files);
    if (block.contains("racks")) block["racks"] = 1;
    const Scenario s = scenario_of(scenario_on(block, 1));
    const Survey seen = survey_of(s);
    REQUIRE(seen.workers.size() == 1);
    REQUIRE(seen.workers[0].speed == speed);
    CHECK(travel(block, 1) == Approx(path_time(seen.down[0]) + path_time(seen.up[0])).epsilon(1e-9));
    CHECK(seen.down[0].bandwidth == bandwidth);
    CHECK(seen.down[0].latency == seen.up[0].latency);
  }
}

TEST_CASE("cluster: the backbone adds its latency, and all share its bandwidth") {
  const json block = {{"type", "cluster"}, {"worker_speed", speed}, {"bandwidth", bandwidth}, {"latency", latency}};
  CHECK(travel(block, 1) == Approx(both_ways(2 * latency)).epsilon(1e-9));
  CHECK(travel(with(block, {{"backbone_latency", "5ms"}}), 1) == Approx(both_ways(2 * latency + 0.005)).epsilon(1e-9));
  json limited = with(block, {{"backbone_latency", "5ms"}, {"backbone_bandwidth", "500kBps"}});
  CHECK(travel(limited, 1) == Approx(both_ways(2 * latency + 0.005, 500e3)).epsilon(1e-9));
  CHECK(travel(limited, 6) == Approx(both_ways(2 * latency + 0.005, 500e3 / 6)).epsilon(1e-9));
  // Without a limit, the server's own link is the narrow place.
  CHECK(travel(block, 6) == Approx(both_ways(2 * latency, bandwidth / 6)).epsilon(1e-9));
  CHECK(travel(with(block, {{"server_bandwidth", "6MBps"}, {"server_latency", 0}}), 6) ==
        Approx(both_ways(latency)).epsilon(1e-9));
}

TEST_CASE("edge: devices share the uplink, and differ") {
  const json block = {{"type", "edge"},     {"worker_speed", speed},       {"bandwidth", bandwidth},
                      {"latency", latency}, {"uplink_bandwidth", "2MBps"}, {"uplink_latency", "30ms"}};
  CHECK(travel(block, 1) == Approx(both_ways(latency + 0.03)).epsilon(1e-9));
  CHECK(travel(block, 2) == Approx(both_ways(latency + 0.03)).epsilon(1e-9));
  CHECK(travel(block, 20) == Approx(both_ways(latency + 0.03, 2e6 / 20)).epsilon(1e-9));

  // Left alone, devices are log-normal in all three, with 10 Mbps in the middle.
  const Survey seen = survey_of(scenario_of(scenario_on({{"type", "edge"}}, 60)));
  std::vector<double> bandwidths, speeds;
  for (std::size_t m = 0; m < 60; ++m) {
    bandwidths.push_back(seen.up[m].bandwidth);
    speeds.push_back(seen.workers[m].speed);
  }
  for (auto* values : {&bandwidths, &speeds}) std::sort(values->begin(), values->end());
  CHECK(bandwidths[30] == Approx(1.25e6).epsilon(0.4));
  CHECK(bandwidths.back() / bandwidths.front() > 10);
  CHECK(speeds[30] == Approx(1e9).epsilon(0.4));
}

TEST_CASE("two-tier: oversubscription narrows a rack's uplink, and nothing inside a rack") {
  const json block = {{"type", "two-tier"},      {"racks", 2},
                      {"worker_speed", speed},   {"bandwidth", bandwidth},
                      {"latency", latency},      {"uplink_latency", "1ms"},
                      {"server_latency", "2ms"}, {"server_bandwidth", "1GBps"}};
  const double path = latency + 0.001 + 0.002;
  CHECK(travel(with(block, {{"racks", 1}}), 1) == Approx(both_ways(path)).epsilon(1e-9));
  CHECK(travel(block, 6) == Approx(both_ways(path)).epsilon(1e-9));
  for (const double ratio : {1.0, 3.0, 8.0})
    CHECK(travel(with(block, {{"oversubscription", ratio}}), 6) ==
          Approx(both_ways(path, bandwidth / ratio)).epsilon(1e-9));
  CHECK(travel(with(block, {{"uplink_bandwidth", "1MBps"}}), 6) ==
        Approx(both_ways(path, bandwidth / 3)).epsilon(1e-9));
  // Fewer uplinks than links: an oversubscription below 1 leaves the workers' links the narrow place.
  CHECK(travel(with(block, {{"oversubscription", 0.5}}), 6) == Approx(both_ways(path)).epsilon(1e-9));

  // A server in a rack: its neighbours do not cross the uplinks, the others cross two.
  const json inside = with(block, {{"server", 1}, {"oversubscription", 4}});
  const Survey seen = survey_of(scenario_of(scenario_on(inside, 6)));
  for (std::size_t m = 0; m < 6; ++m) {
    const bool near = m >= 3;
    CHECK(seen.up[m].latency == Approx(latency + 0.002 + (near ? 0 : 0.002)).epsilon(1e-12));
    CHECK(seen.up[m].bandwidth == (near ? bandwidth : 0.75 * bandwidth));
    CHECK(seen.up[m].links.size() == (near ? 2 : 4));
  }
  CHECK(travel(inside, 6) == Approx(both_ways(latency + 0.004, bandwidth / 4)).epsilon(1e-9));
}

TEST_CASE("torus: a path is as many links as the shorter way round takes") {
  const json block = {{"type", "torus"}, {"dimensions", {4, 3, 2}}, {"bandwidth", bandwidth}, {"latency", latency}};
  const auto ring = [](int a, int b, int n) { return std::min((a - b + n) % n, (b - a + n) % n); };
  for (const int server : {0, 17}) {
    const Survey seen = survey_of(scenario_of(scenario_on(with(block, {{"server", server}}), 23)));
    for (int m = 0; m < 23; ++m) {
      const int node = m < server ? m : m + 1;
      const int hops =
          ring(node % 4, server % 4, 4) + ring(node / 4 % 3, server / 4 % 3, 3) + ring(node / 12, server / 12, 2);
      const auto& path = seen.up[static_cast<std::size_t>(m)];
      CHECK(path.links.size() == static_cast<std::size_t>(hops));
      CHECK(path.latency == Approx(hops * latency).epsilon(1e-12));
      CHECK(path.bandwidth == bandwidth);
    }
  }
  // On a ring the server has two links: of four workers, two come by each.
  const json five = {
      {"type", "torus"}, {"dimensions", {5}}, {"bandwidth", bandwidth}, {"latency", 0}, {"worker_speed", speed}};
  CHECK(travel(five, 4) == Approx(both_ways(0, bandwidth / 2)).epsilon(1e-9));
}

TEST_CASE("fat tree: a path goes up to the lowest common switch and down again") {
  const json block = {{"type", "fat-tree"},     {"down", {4, 4}},        {"up", {1, 2}},      {"cables", {1, 2}},
                      {"bandwidth", bandwidth}, {"worker_speed", speed}, {"latency", latency}};
  for (const int server : {0, 6}) {
    const Survey seen = survey_of(scenario_of(scenario_on(with(block, {{"server", server}}), 15)));
    for (int m = 0; m < 15; ++m) {
      const int node = m < server ? m : m + 1;
      const auto hops = node / 4 == server / 4 ? 2u : 4u;
      CHECK(seen.down[static_cast<std::size_t>(m)].links.size() == hops);
      CHECK(seen.down[static_cast<std::size_t>(m)].latency == Approx(hops * latency).epsilon(1e-12));
    }
  }
  CHECK(travel(with(block, {{"latency", 0}}), 15) == Approx(both_ways(0, bandwidth / 15)).epsilon(1e-9));
}

TEST_CASE("dragonfly: near nodes are two links away, far ones at most five, cables widen a link") {
  const json block = {{"type", "dragonfly"}, {"groups", 3},         {"chassis", 2},           {"routers", 3},
                      {"nodes", 2},          {"cables", {4, 3, 2}}, {"bandwidth", bandwidth}, {"latency", latency}};
  const Survey seen = survey_of(scenario_of(scenario_on(block, 35)));
  CHECK(seen.up[0].links.size() == 2);  // the other node of the same router
  CHECK(seen.up[1].links.size() == 3);  // the next router of the chassis
  CHECK(seen.up[5].links.size() == 3);  // the same router of the next chassis
  for (const auto& path : seen.up) {
    CHECK(path.links.size() <= 7);
    CHECK(path.latency == Approx(static_cast<double>(path.links.size()) * latency).epsilon(1e-12));
    CHECK(path.bandwidth == bandwidth);
  }
  std::set<double> widths;
  for (const auto& link : seen.links) widths.insert(link.bandwidth / bandwidth);
  CHECK(widths == std::set<double>{1, 2, 3, 4});
  const json still = with(block, {{"latency", 0}, {"worker_speed", speed}});
  CHECK(travel(still, 30) == Approx(both_ways(0, bandwidth / 30)).epsilon(1e-9));
}

TEST_CASE("wan: pairs have their own latency and bandwidth, sites may share a link") {
  json block = {{"type", "wan"},
                {"sites", {"A", "B", "C"}},
                {"site_latency", {{0, "20ms", "50ms"}, {"20ms", 0, "70ms"}, {"50ms", "70ms", 0}}},
                {"site_bandwidth", {{0, 5e5, 2.5e5}, {5e5, 0, 1e5}, {2.5e5, 1e5, 0}}},
                {"worker_speed", speed},
                {"bandwidth", bandwidth},
                {"latency", latency},
                {"server", "B"}};
  const Survey seen = survey_of(scenario_of(scenario_on(block, 6)));
  const double latencies[] = {0.02, 0, 0.07}, bandwidths[] = {5e5, bandwidth, 1e5};
  for (std::size_t m = 0; m < 6; ++m) {
    CHECK(seen.up[m].latency == Approx(latency + latencies[m / 2]).epsilon(1e-12));
    CHECK(seen.up[m].bandwidth == bandwidths[m / 2]);
  }
  // Two workers in C share the pair's link, and are the slowest.
  CHECK(travel(block, 6) == Approx(both_ways(latency + 0.07, 1e5 / 2)).epsilon(1e-9));
  block["workers_at"] = {1, 5, 0};
  block["server_bandwidth"] = "1GBps";
  CHECK(travel(block, 6) == Approx(both_ways(latency + 0.02, 5e5)).epsilon(1e-9));
  // Each site's own link: what comes from A and C meets on B's.
  block["workers_at"] = {2, 0, 2};
  block["site_latency"] = "20ms";
  block["site_bandwidth"] = {1e6, 1e6, 1e6};
  CHECK(travel(block, 4) == Approx(both_ways(latency + 0.02, 1e6 / 4)).epsilon(1e-9));
  // More sites than workers: everybody has one of their own.
  block = {{"type", "wan"}, {"sites", {"A", "B", "C", "D", "E"}}, {"latency", latency}};
  const Survey apart = survey_of(scenario_of(scenario_on(block, 2)));
  CHECK(apart.up[0].links.size() == 2);
  CHECK(apart.up[1].links.size() == 3);
}

TEST_CASE("wan: a file of pairs, or of round trips") {
  const PlatformFiles files;
  json block = {{"type", "wan"}, {"latency", latency}, {"bandwidth", "1Gbps"}};
  block["path"] =
      files.write("pairs.csv", "region_a,region_b,delay_ms,bandwidth_gbps\r\nA, B,20,0.8\nB,C,30,0.4\nA,C,40,0.2\n");
  block["server"] = "C";
  Survey seen = survey_of(scenario_of(scenario_on(block, 3)));
  CHECK(seen.up[0].latency == Approx(latency + 0.04));
  CHECK(seen.up[1].latency == Approx(latency + 0.03));
  CHECK(seen.up[1].bandwidth == Approx(0.4e9 / 8));
  block["round_trip"] = true;
  block["sites"] = {"B", "C"};
  seen = survey_of(scenario_of(scenario_on(block, 2)));
  CHECK(seen.up[0].latency == Approx(latency + 0.015));
  CHECK(seen.up[1].latency == Approx(latency));

  block = {
      {"type", "wan"}, {"latency", latency}, {"bandwidth", "1Gbps"}, {"site_bandwidth", "10Mbps"}, {"server", "0"}};
  block["path"] = files.write("rtt.txt", "0\t20\t60\n20\t0\t80\n60\t80\t0\n");
  seen = survey_of(scenario_of(scenario_on(block, 3)));
  CHECK(seen.up[2].latency == Approx(latency + 0.03));
  CHECK(seen.up[2].bandwidth == 10e6 / 8);
  block["sites"] = {2, 1};
  block["server"] = 1;
  seen = survey_of(scenario_of(scenario_on(block, 2)));
  CHECK(seen.up[0].latency == Approx(latency + 0.04));
}

TEST_CASE("wifi: stations share air time, whichever way they send") {
  const json block = {{"type", "wifi"}, {"worker_speed", speed}, {"bandwidth", bandwidth}, {"server_latency", latency}};
  CHECK(travel(block, 1) == Approx(both_ways(latency)).epsilon(1e-9));
  CHECK(travel(block, 5) == Approx(both_ways(latency, bandwidth / 5)).epsilon(1e-9));
  CHECK(travel(with(block, {{"server_bandwidth", "250kBps"}}), 1) == Approx(both_ways(latency, 250e3)).epsilon(1e-9));
  // A slow station holds up the fast ones: equal messages, equal shares of the air's bytes.
  const double air = 1 / 1e6 + 1 / 1e6 + 1 / 2e5;
  CHECK(travel(with(block, {{"bandwidth", {1e6, 1e6, 2e5}}}), 3) == Approx(both_ways(latency, 1 / air)).epsilon(1e-9));
}

TEST_CASE("file: hosts by name, by pattern, and in natural order") {
  const PlatformFiles files;
  json block = platform_example("file", files);
  const auto names = [&](int workers) {
    const Survey seen = survey_of(scenario_of(scenario_on(block, workers)));
    std::string out = seen.server.name + ":";
    for (const auto& worker : seen.workers) out += " " + worker.name;
    return out;
  };
  CHECK(names(11) == "node-0: node-1 node-2 node-3 node-4 node-5 node-6 node-7 node-8 node-9 node-10 node-11");
  CHECK(travel(block, 1) == Approx(both_ways(2 * latency)).epsilon(1e-9));
  block["server"] = "node-2";
  CHECK(names(3) == "node-2: node-0 node-1 node-3");
  block["workers"] = "node-1*";
  CHECK(names(2) == "node-2: node-1 node-10");
  block["workers"] = {"node-11", "node-3"};
  CHECK(names(2) == "node-2: node-11 node-3");
  block.erase("type");  // an .xml says so itself
  CHECK(names(2) == "node-2: node-11 node-3");
}

TEST_CASE("file: a host's speed that changes with time makes a computation last") {
  const PlatformFiles files;
  // Half speed after 1 ms, for good.
  files.write("half.txt", "0 1\n0.001 0.5\n");
  const json block = {{"file", files.write("p.xml", R"(<?xml version="1.0"?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1"><zone id="z" routing="Full">
  <host id="s" speed="1Gf"/><host id="w" speed="1Mf" speed_file="half.txt"/>
  <link id="l" bandwidth="1MBps" latency="10ms"/>
  <route src="s" dst="w"><link_ctn id="l"/></route>
</zone></platform>
)")}};
  json source = scenario_on(block, 1);
  source["stop"]["rounds"] = 1;
  const Scenario s = scenario_of(source);
  const auto rows = csv(in_child([&] { return rows_of(s); }));
  const double compute = 4 * 60 * d / (speed / 2);  // it starts after 10 ms
  CHECK(std::stod(rows.at(1)[compute_s]) == Approx(compute).epsilon(1e-9));
  CHECK(std::stod(rows.at(1)[sim_time]) == Approx(both_ways(latency) + compute).epsilon(1e-9));
}
