#include "sim/network/connections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>

#include "algorithms/base/error.hpp"
#include "platforms/topologies/registry.hpp"
#include "tests/platforms/examples.hpp"
#include "tests/sim/network/rounds_on.hpp"

// Rounds over connections against rounds that were measured on real ones (tcp-rounds.csv): a server and its workers as
// processes that keep their connections, in network namespaces whose links have delays, rates and queues.

using namespace laconic::tests;
using nlohmann::json;

namespace {

// A line of the file.
struct Point {
  std::string name, setup, congestion;
  int workers;
  std::vector<double> latencies, rates;  // s, byte/s
  double server_rate, down, up, compute;
  std::size_t rounds;
  double first, warm;  // s; warm: the median of the rounds after the third
};

std::vector<double> list_of(const std::string& text, int workers, double factor = 1) {
  std::vector<double> out;
  std::istringstream in(text);
  for (std::string item; std::getline(in, item, ';');) out.push_back(std::stod(item) * factor);
  if (out.size() == 1) out.resize(static_cast<std::size_t>(workers), out[0]);
  return out;
}

std::vector<Point> measured() {
  std::ifstream file(std::filesystem::path(LACONIC_SOURCE_DIR) / "tests/sim/network/tcp-rounds.csv");
  std::stringstream text;
  text << file.rdbuf();
  auto rows = csv(text.str());
  REQUIRE(rows.size() > 100);
  rows.erase(rows.begin());
  std::vector<Point> out;
  for (const auto& row : rows) {
    const int M = std::stoi(row.at(3));
    out.push_back({row[0], row[1], row[2], M, list_of(row[4], M), list_of(row[5], M, 1.0 / 8), std::stod(row[6]) / 8,
                   std::stod(row[8]), std::stod(row[9]), std::stod(row[10]),
                   static_cast<std::size_t>(std::stoi(row[11])), std::stod(row[12]), std::stod(row[13])});
    for (double& latency : out.back().latencies) latency += 9e-5;  // what an idle path of the emulator adds
  }
  return out;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

// The first round and the median of the warm ones, s, as simulated.
std::pair<double, double> simulated(const Point& point, json network) {
  if (!network.contains("header")) network["header"] = 0;
  const json platform = {{"type", "star"},
                         {"worker_speed", "1Gf"},
                         {"bandwidth", point.rates},
                         {"server_bandwidth", point.server_rate},
                         {"latency", point.latencies}};
  std::vector<RoundPlan> plans(point.rounds);
  for (auto& plan : plans) {
    plan.broadcast_bits = static_cast<std::uint64_t>(8 * point.down);
    for (int m = 0; m < point.workers; ++m)
      plan.shares.push_back({m, 1e9 * point.compute, static_cast<std::uint64_t>(8 * point.up)});
  }
  std::vector<double> dates = clocks(cluster_on(platform, point.workers, "auto", network), plans);
  std::adjacent_difference(dates.begin(), dates.end(), dates.begin());
  return {dates.at(1), median({dates.begin() + 4, dates.end()})};
}

json network_of(const Point& point) {
  json out = {{"model", "connections"}, {"congestion", point.congestion}};
  if (point.setup == "nic") out.update({{"burst", 10}, {"store_and_forward", false}});
  return out;
}

// Where nothing is lost on purpose, the time is not that of the computer's own work, and its shaper keeps its rate.
bool is_clean(const Point& point) {
  const bool fast = std::ranges::max(point.rates) > 1e8 || point.server_rate > 1e8;
  return !point.name.starts_with("incast") && point.name != "lat-0.1" &&
         !(point.setup == "nic" && fast && !point.name.starts_with("wrk") && !point.name.starts_with("straggler"));
}

struct Errors {
  std::vector<double> first, warm;  // relative, signed
};

Errors errors_of(const std::string& setup, const std::string& congestion) {
  Errors out;
  for (const auto& point : measured()) {
    if (point.setup != setup || point.congestion != congestion || !is_clean(point)) continue;
    const auto [first, warm] = simulated(point, network_of(point));
    out.first.push_back(first / point.first - 1);
    out.warm.push_back(warm / point.warm - 1);
  }
  return out;
}

void check_errors(std::vector<double> errors, double most_off) {
  for (double& error : errors) error = std::abs(error);
  REQUIRE(errors.size() > 40);
  CHECK(median(errors) < 0.02);
  const auto off = std::ranges::count_if(errors, [](double error) { return error > 0.05; });
  CHECK(static_cast<double>(off) / static_cast<double>(errors.size()) <= most_off);
}

const json connections = {{"model", "connections"}};

json star_of(const json& more = {}) {
  json block = {{"type", "star"}, {"worker_speed", "1Mf"}, {"bandwidth", "1MBps"}, {"latency", "10ms"}};
  if (more.is_object()) block.update(more);
  return block;
}

std::string refused(const json& network, const json& conditions = {}) {
  json source = small_scenario();
  source["network"].update(network);
  if (conditions.is_object()) source["conditions"] = conditions;
  try {
    scenario_of(source);
  } catch (const InputError& e) {
    return e.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("rounds over connections take what was measured, cold and warm, with one worker and with many") {
  const Errors errors = errors_of("switch", "cubic");
  check_errors(errors.first, 0.1);
  check_errors(errors.warm, 0.1);
}

TEST_CASE("rounds over connections of bbr, and where the host's own link is narrow, are nearly as close") {
  const Errors bbr = errors_of("switch", "bbr"), nic = errors_of("nic", "cubic");
  check_errors(bbr.first, 0.12);
  check_errors(bbr.warm, 0.15);
  check_errors(nic.first, 0.2);
  check_errors(nic.warm, 0.25);
}

TEST_CASE("a new connection doubles its window each round trip, a warm one sends at once, an idle one begins again") {
  const ConnectionRules rules;
  const Way way{0.01, 1e9, 1e9};
  const double trip = 0.02 + 1580 / 1e9, bytes = 70 * 1514;
  Connection connection(rules);
  // 10, 20 and 40 segments.
  CHECK(connection.send(rules, way, bytes, 0).wait == Approx(2 * trip - 30 * 1514 / 1e9));
  connection.sent(0.06);
  CHECK(connection.send(rules, way, bytes, 0.1).wait == 0);
  connection.sent(0.11);
  CHECK(connection.send(rules, way, bytes, 10).wait == Approx(2 * trip - 30 * 1514 / 1e9));
  ConnectionRules bbr = rules;
  bbr.congestion = Congestion::bbr;
  Connection kept(bbr);
  kept.send(bbr, way, 7000 * 1514, 0);
  kept.sent(1);
  CHECK(kept.send(bbr, way, 10 * 1514, 10).wait < trip);
}

TEST_CASE("a full send buffer holds a message up, and one that would take for ever to fill takes no time to compute") {
  ConnectionRules rules;
  rules.send_buffer = rules.payload;
  Connection connection(rules);
  const Way way{0.01, 1e9, 1e9};
  CHECK(connection.send(rules, way, 1e9 * rules.segment(), 0).wait == Approx(1e9 * 0.02).epsilon(1e-2));
}

TEST_CASE("segments have headers beside the message's own") {
  WireRules wire{.header = 64, .segment = 1448, .segment_header = 66};
  CHECK(wire.bytes(0) == 64 + 66);
  CHECK(wire.bytes(8 * (1448 - 64)) == 1448 + 66);
  CHECK(wire.bytes(8 * (1449 - 64)) == 1449 + 2 * 66);
  CHECK(wire.notice_bytes() == 64 + 66);
  wire.header = 0;
  CHECK(wire.notice_bytes() == 1 + 66);
}

TEST_CASE("copies of one flight leave their server one after another, so that answers overlap them") {
  RoundPlan plan;
  plan.broadcast_bits = 8 * 10 * 1448;
  for (int m = 0; m < 4; ++m) plan.shares.push_back({m, 0, 8 * 10 * 1448});
  json network = connections;
  network.update({{"header", 0}, {"store_and_forward", false}});
  const double one = 15140 / 1e6;
  CHECK(clocks(cluster_on(star_of(), 4, "auto", network), {plan}).back() == Approx(0.02 + 5 * one));
}

TEST_CASE("law: over connections, rounds on a star take what SimGrid says, round after round") {
  const json platforms[] = {
      star_of(),
      star_of({{"bandwidth", "10MBps"}, {"server_bandwidth", "100MBps"}}),
      star_of({{"latency", {{"type", "uniform"}, {"min", "1ms"}, {"max", "50ms"}}}, {"bandwidth", "100MBps"}}),
      star_of({{"bandwidth", {{"type", "uniform"}, {"min", "10kBps"}, {"max", "10MBps"}}}}),
      {{"type", "cluster"}, {"worker_speed", "1Mf"}, {"bandwidth", "1MBps"}}};
  Rng rng(5, Purpose::data);
  for (const auto& platform : platforms)
    for (const int workers : {1, 4, 100})
      for (const json& more : {json(), json{{"congestion", "bbr"}}, json{{"burst", 10}, {"skip_notice", false}}}) {
        json network = connections;
        if (more.is_object()) network.update(more);
        INFO(platform << ", " << workers << " workers, network " << network);
        std::vector<RoundPlan> plans(7);
        for (auto& plan : plans) {
          plan.broadcast_bits = 1 + rng.below(3'000'000);
          for (int m = 0; m < workers; ++m)
            plan.shares.push_back(
                {m, 1e6 * rng.uniform(), rng.uniform() < 0.3 ? std::nullopt : std::optional(rng.below(3'000'000))});
        }
        const auto found = clocks(cluster_on(platform, workers, "auto", network), plans);
        const auto expected = clocks(cluster_on(platform, workers, "simgrid", network), plans);
        REQUIRE(found.size() == plans.size() + 1);
        for (std::size_t k = 0; k < found.size(); ++k) CHECK(found[k] == Approx(expected[k]).epsilon(1e-11));
      }
}

TEST_CASE("law: connections change no number but times and bytes, on every topology and under every collective") {
  const PlatformFiles files;
  const auto rows = [&](const json& platform, const json& network, const json& collective) {
    json source = small_scenario();
    source["workers"] = 4;
    source["platform"] = platform;
    source["network"].update(network);
    source["collective"] = collective;
    source["stop"] = {{"rounds", 5}};
    const std::string text = in_child([&] { return rows_of(scenario_of(source)); });
    INFO(text);
    REQUIRE_FALSE(text.starts_with("threw"));
    return csv(text);
  };
  const auto compare = [&](const json& platform, const json& collective) {
    INFO(platform << ", " << collective);
    const auto with = rows(platform, connections, collective), without = rows(platform, json::object(), collective);
    REQUIRE(with.size() == without.size());
    for (std::size_t k = 0; k < with.size(); ++k)
      for (const Column column : {loss, grad_norm, uploads, upload_bits}) CHECK(with[k][column] == without[k][column]);
    CHECK(std::stod(with.back()[sim_time]) > 0);
  };
  for (const auto& topology : topologies()) compare(platform_example(topology.name, files), "parameter-server");
  for (const auto& collective : collectives()) compare(star_of(), collective.name);
}

TEST_CASE("law: over connections, asynchronous methods take what SimGrid says") {
  for (const json& method :
       {json{{"method", "async-sgd"}, {"step", 0.1}}, json{{"method", "rennala"}, {"step", 0.1}, {"B", 3}},
        json{{"method", "fedbuff"}, {"step", 0.1}, {"H", 2}}})
    for (const char* congestion : {"cubic", "bbr"}) {
      json source = small_scenario(method);
      source["workers"] = 4;
      source["platform"] = star_of({{"worker_speed", {"1Mf", "3Mf", "400kf", "2Mf"}}, {"bandwidth", "100kBps"}});
      source["network"].update({{"model", "connections"}, {"congestion", congestion}, {"mss", 20}});
      const auto rows = [&](const char* solver) {
        source["network"]["solver"] = solver;
        const std::string text = in_child([&] { return rows_of(scenario_of(source)); });
        INFO(text);
        REQUIRE_FALSE(text.starts_with("threw"));
        return csv(text);
      };
      const auto found = rows("auto"), expected = rows("simgrid");
      REQUIRE(found.size() == expected.size());
      for (std::size_t k = 0; k < found.size(); ++k) {
        CHECK(found[k][loss] == expected[k][loss]);
        CHECK(std::stod(found[k][sim_time]) == Approx(std::stod(expected[k][sim_time])).epsilon(1e-10));
      }
    }
}

TEST_CASE("what connections cannot do, and what is not theirs, is refused with the reason") {
  using Catch::Matchers::ContainsSubstring;
  CHECK(refused(connections) == "accepted");
  for (const char* key : {"mss", "segment_header", "initial_window", "send_buffer", "burst"})
    CHECK_THAT(refused({{key, 10}}), ContainsSubstring(fmt::format("/network/{}: ", key)) &&
                                         ContainsSubstring("choose the model \"connections\""));
  const auto with = [](const char* key, const json& value) { return json{{"model", "connections"}, {key, value}}; };
  CHECK_THAT(refused(with("solver", "actors")), ContainsSubstring("/network/solver: \"actors\" know of no message"));
  CHECK_THAT(refused(connections, {{"failures", {{{"mtbf", "200ms"}, {"mttr", "20ms"}}}}}),
             ContainsSubstring("/network/model: \"connections\" lose nothing"));
  CHECK_THAT(refused(connections, {{"late", {{"timeout", "1s"}, {"then", "drop"}}}}),
             ContainsSubstring("/network/model: \"connections\" lose nothing"));
  CHECK_THAT(refused(with("mss", 0)), ContainsSubstring("/network/mss: expected"));
  CHECK_THAT(refused(with("mss", 1.5)), ContainsSubstring("/network/mss: expected a whole number of bytes"));
  CHECK_THAT(refused(with("send_buffer", 100)), ContainsSubstring("/network/send_buffer: expected"));
  CHECK_THAT(refused(with("initial_window", 0)), ContainsSubstring("/network/initial_window: expected"));
  CHECK_THAT(refused(with("congestion", "reno")), ContainsSubstring("/network/congestion: expected"));
}

// `simulator_tests "the table of platforms/README.md"` prints it.
TEST_CASE("the table of platforms/README.md", "[.]") {
  std::map<std::string, std::map<std::string, std::vector<double>>> table;
  for (const auto& point : measured()) {
    if (point.setup != "switch" || point.congestion != "cubic" || point.name == "lat-0.1" ||
        point.name.starts_with("sign"))
      continue;
    const double n = std::ceil(std::max(point.down, point.up) / 1448);
    std::string regime = point.name.substr(0, point.name.find('-'));
    if (regime == "srv") regime += n <= 10 ? ", <= 10" : n <= 100 ? ", 70" : ", > 400";
    if (regime == "one") regime += n > 10 && point.rates[0] * 2 * point.latencies[0] > 15140 ? ", slow" : ", rate";
    const auto add = [&](const char* model, const json& network) {
      const auto [first, warm] = simulated(point, network);
      table[regime][std::string(model) + " first"].push_back(100 * (first / point.first - 1));
      table[regime][std::string(model) + " warm"].push_back(100 * (warm / point.warm - 1));
    };
    add("connections", network_of(point));
    add("alpha-beta", {{"header", 64}});
    add("tcp", {{"model", "tcp"}, {"header", 64}});
  }
  for (const auto& [regime, models] : table)
    for (const auto& [model, errors] : models) {
      std::vector<double> sizes;
      for (const double error : errors) sizes.push_back(std::abs(error));
      const auto worst = *std::ranges::max_element(errors, {}, [](double e) { return std::abs(e); });
      fmt::print("{} | {} | {} | {:.1f} / {:.0f}\n", regime, errors.size(), model, median(sizes), worst);
    }
}
