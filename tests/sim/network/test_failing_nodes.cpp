#include <fmt/format.h>

#include "algorithms/decentralised/registry.hpp"
#include "platforms/topologies/registry.hpp"
#include "tests/platforms/examples.hpp"
#include "tests/sim/clockwork.hpp"

// Failures and deadlines of methods on a graph.

using namespace laconic::tests;
using nlohmann::json;

namespace {

// A gradient takes 1 s; then two messages share a node's uplink: 0.5 s of latency, and 0.5 s for their bytes.
json ring_of_four(const json& entry = {{"method", "d-psgd"}, {"step", 0.1}}) {
  json source = clockwork(4, entry);
  source["problem"]["objective"] = "mean";
  source["graph"] = "ring";
  return source;
}

json entry_of(const std::string& method) {
  json entry = {{"method", method}, {"step", 0.1}};
  if (method == "choco-sgd" || method == "sparq-sgd" || method == "lasg-graph" || method == "deepsqueeze" ||
      method == "beer")
    entry["consensus_step"] = 0.3;
  if (method == "sparq-sgd" || method == "lasg-graph") entry["c"] = 0.5;
  return entry;
}

json deadline(const char* timeout) { return {{"timeout", timeout}, {"then", "reuse"}}; }

bool goes_on(const std::string& method) {
  return method == "d-psgd" || method == "choco-sgd" || method == "sparq-sgd" || method == "lasg-graph" ||
         method == "dcd-psgd";
}

Vector half_step(const Scenario& s, int node, const Vector& x) {
  const Oracle& f = *s.problem.workers[static_cast<std::size_t>(node)];
  Vector g(s.problem.d);
  f.gradient(x, Batch{{}, f.samples(), true}, g);
  return x - 0.1 * g;
}

}  // namespace

TEST_CASE("on a graph under \"wait\": what a failure cuts short is done again, and nothing else changes") {
  const json source = ring_of_four();
  const Rows clean = csv(text_of(source));
  check_times(clean, {2, 4, 6});
  const auto check_learned = [&](const Rows& rows) {
    for (const auto same : {loss, grad_norm, uploads, upload_bits, wire_up, compute_s, flops, consensus})
      CHECK(words(rows, same) == words(clean, same));
  };
  // Node 1 computes again from 1.5 s, and its neighbours' messages wait for it; node 3 goes on without it.
  const Rows rows = rows_with(source, "/conditions/failures", {{{"workers", 1}, {"down", "500ms"}, {"up", "1500ms"}}});
  check_times(rows, {3.5, 5.5, 7.5});
  check_learned(rows);
  CHECK(words(rows, lost) == std::vector<std::string>{"0", "3", "3", "3"});
  // A link, while messages cross it: the two of node 2 start again at 3 s, beside those of its next round.
  const Rows link =
      rows_with(source, "/conditions/failures", {{{"link", "worker-2_UP"}, {"down", "1750ms"}, {"up", "3s"}}});
  check_times(link, {4.5, 6.5, 8.5});
  check_learned(link);
  CHECK(link[1][lost] == "2");
  // For good, while it computes, or while its messages are on their way.
  json gone = source;
  for (const char* down : {"2.5", "3", "3.25"}) {
    gone["conditions"]["failures"] = {{{"workers", 1}, {"down", std::string(down) + "s"}}};
    CHECK(text_of(gone) == fmt::format("threw: worker 1 went down for good at {} s, and \"late\": \"wait\" waits for "
                                       "whoever is behind it: the simulation cannot go on",
                                       down));
  }
}

TEST_CASE("on a graph under a deadline: nodes go on with what they have of those who are down, who join again") {
  json source = ring_of_four();
  source["stop"]["rounds"] = 6;
  source["conditions"] = {{"failures", {{{"workers", 1}, {"down", "500ms"}, {"up", "8s"}}}},
                          {"late", deadline("2500ms")}};
  const std::string text = text_of(source);
  INFO(text);
  REQUIRE_FALSE(text.starts_with("threw"));
  const Rows rows = csv(text);
  // Nodes 0 and 2 wait for node 1 till the deadline; row 1 is written then.
  CHECK(std::stod(rows[1][sim_time]) == Approx(2.5));
  CHECK(rows[1][lost] == "3");
  CHECK(rows[1][uploads] == "4");
  const Scenario s = scenario_of(source);
  const Vector start = Vector::Zero(s.problem.d);
  std::vector<Vector> h;
  for (int i = 0; i < 4; ++i) h.push_back(half_step(s, i, start));
  // Nothing has come from node 1 yet: what its neighbours say themselves stands for it.
  const Vector mean = ((2 * h[0] + h[3]) + (2 * h[2] + h[3]) + (h[0] + h[2] + h[3])) / 12;
  CHECK(std::stod(rows[1][loss]) == Approx(s.problem.loss(mean)).epsilon(1e-13));
  CHECK(std::stoi(rows.back()[late]) > 0);  // its message of round 0
  CHECK(std::stod(rows.back()[loss]) < std::stod(rows[1][loss]));
  CHECK(text_of(source) == text);
  // For good: the others go on.
  source["conditions"]["failures"][0].erase("up");
  CHECK(csv(text_of(source)).size() == 7);
  source["conditions"]["failures"][0].erase("workers");
  CHECK(text_of(source) == "threw: every node is down for good at 0.5 s: the simulation cannot go on");
}

TEST_CASE("law: on a graph, a deadline that nobody misses changes nothing but that it is counted") {
  const PlatformFiles files;
  std::size_t next = 0;
  for (const auto& method : decentralised::peer_methods())
    for (const char* graph : {"ring", "exponential", "star", "one-peer-exponential"}) {
      json source = ring_of_four(entry_of(method.name));
      source["graph"] = graph;
      source["stop"]["rounds"] = 6;
      source["platform"] = platform_example(topologies()[next++ % topologies().size()].name, files);
      source["conditions"]["stragglers"] = {{"probability", 0.3}, {"factor", 5}};
      if (refusal_of(source) != "accepted") continue;  // not on this graph
      INFO(method.name << " on " << graph << " over " << source["platform"]["type"]);
      const Rows plain = csv(text_of(source));
      source["conditions"]["late"] = deadline("1h");
      const std::string refusal = refusal_of(source);
      if (!goes_on(method.name)) {
        CHECK_THAT(refusal, Catch::Matchers::ContainsSubstring("/algorithms/0/method: cannot keep the deadlines"));
        // What cannot miss anybody may still fail.
        source["conditions"].erase("late");
        source["conditions"]["failures"] = {{{"workers", 0}, {"down", "1h"}, {"up", "2h"}}};
      } else {
        REQUIRE(refusal == "accepted");
      }
      const std::string text = text_of(source);
      INFO(text);
      const Rows kept = csv(text);
      REQUIRE(kept.size() == plain.size());
      for (std::size_t k = 0; k < kept.size(); ++k)
        for (std::size_t at = 0; at < columns; ++at) {
          if (at == sim_time || at == compute_s)
            REQUIRE(std::stod(kept[k][at]) == Approx(std::stod(plain[k][at])).epsilon(1e-12));
          else if (at == late || at == lost)
            REQUIRE(kept[k][at] == "0");
          else
            REQUIRE(kept[k][at] == plain[k][at]);
        }
    }
}

TEST_CASE("on a graph under failures and a deadline runs end, learn, and are the same twice") {
  for (const auto& method : decentralised::peer_methods()) {
    if (!goes_on(method.name)) continue;
    INFO(method.name);
    json source = small_scenario(entry_of(method.name));
    source["workers"] = 6;
    source["problem"]["objective"] = "mean";
    source["graph"] = "ring";
    source["stop"]["rounds"] = 300;
    source["record"]["every"] = 100;
    source["conditions"] = {
        {"failures", {{{"mtbf", "2s"}, {"mttr", "200ms"}}, {{"link", "worker-*"}, {"mtbf", "3s"}, {"mttr", "100ms"}}}},
        {"late", deadline("60ms")}};
    const std::string text = text_of(source);
    INFO(text);
    const Rows rows = csv(text);
    REQUIRE(rows.size() == 4);
    CHECK(std::stoi(rows.back()[lost]) > 20);
    CHECK(std::stod(rows.back()[loss_gap]) < 0.1 * std::stod(rows.front()[loss_gap]));
    CHECK(text_of(source) == text);
    source["conditions"].erase("late");
    CHECK(csv(text_of(source)).size() == 4);
  }
}

TEST_CASE("on a graph, deadlines that drop, and failures of exchanges, are refused with the reason") {
  json source = ring_of_four();
  source["conditions"]["late"] = {{"timeout", "1s"}, {"then", "drop"}};
  CHECK_THAT(refusal_of(source), Catch::Matchers::ContainsSubstring("weights that do not add up to 1"));
  source["conditions"] = {{"failures", {{{"workers", 0}, {"down", "1s"}, {"up", "2s"}}}}};
  CHECK(refusal_of(source) == "accepted");
  source["algorithms"][0] = {{"method", "ad-psgd"}, {"step", 0.1}};
  CHECK_THAT(refusal_of(source), Catch::Matchers::ContainsSubstring("exchanges models in pairs"));
}
