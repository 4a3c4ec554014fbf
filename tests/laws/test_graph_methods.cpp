#include "algorithms/decentralised/registry.hpp"
#include "algorithms/graphs/registry.hpp"
#include "platforms/topologies/registry.hpp"
#include "tests/laws/method_entries.hpp"
#include "tests/platforms/examples.hpp"
#include "tests/sim/runs.hpp"

// What is true of every method on a graph, and of some in cases that methods with a server know.

using namespace laconic::tests;
using nlohmann::json;

namespace {

using Table = std::vector<std::vector<std::string>>;

Table ran(const json& source) {
  const std::string text = in_child([&] { return rows_of(scenario_of(source)); });
  INFO(text);
  REQUIRE_FALSE(text.starts_with("threw"));
  return csv(text);
}

double number(const std::vector<std::string>& row, Column column) { return std::stod(row[column]); }

json small(const json& algorithm, int M = 6) {
  json source = small_scenario(algorithm);
  source["workers"] = M;
  source["problem"]["objective"] = "mean";
  source["platform"] = {{"type", "none"}};
  source["graph"] = "ring";
  source["record"] = {{"metrics", {"loss", "grad_norm"}}};
  return source;
}

// With no more than it requires.
json entry_of(const char* method) {
  json entry = {{"method", method}, {"step", 0.1}};
  const std::string name = method;
  if (name == "choco-sgd" || name == "sparq-sgd" || name == "lasg-graph" || name == "deepsqueeze" || name == "beer")
    entry["consensus_step"] = 0.3;
  if (name == "sparq-sgd" || name == "lasg-graph") entry["c"] = 0.5;
  return entry;
}

json graph_of(const char* kind) {
  if (kind == std::string("regular")) return {{"type", kind}, {"degree", 3}};
  if (kind == std::string("erdos-renyi")) return {{"type", kind}, {"p", 0.6}};
  if (kind == std::string("small-world")) return {{"type", kind}, {"neighbours", 2}, {"rewire", 0.3}};
  return kind;
}

void check_same_learning(const Table& a, const Table& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t k = 0; k < a.size(); ++k) {
    INFO("row " << k);
    REQUIRE(number(a[k], loss) == Approx(number(b[k], loss)).epsilon(1e-12));
    REQUIRE(number(a[k], grad_norm) == Approx(number(b[k], grad_norm)).epsilon(1e-12));
  }
}

Table ran(json source, const json& algorithm) {
  source["algorithms"] = json::array({algorithm});
  if (algorithm["method"] == "sgd") source.erase("graph");
  return ran(source);
}

}  // namespace

TEST_CASE("law: on a complete graph with uniform weights, methods that average all of a step are SGD") {
  json source = small({});
  source["graph"] = {{"type", "complete"}, {"weights", "uniform"}};
  const Table sgd = ran(source, {{"method", "sgd"}, {"step", 0.1}, {"batch", 3}});
  for (const json& method :
       {json{{"method", "d-psgd"}}, json{{"method", "sgp"}}, json{{"method", "choco-sgd"}, {"consensus_step", 1}},
        json{{"method", "deepsqueeze"}, {"consensus_step", 1}}}) {
    INFO(method["method"]);
    json entry = method;
    entry.update({{"step", 0.1}, {"batch", 3}});
    const Table rows = ran(source, entry);
    check_same_learning(rows, sgd);
    for (const auto& row : rows) REQUIRE(number(row, consensus) < 1e-25);
  }
}

TEST_CASE(
    "law: CHOCO-SGD that sends everything and goes all the way is D-PSGD, and SPARQ-SGD that always sends is CHOCO-SGD") {
  for (const char* graph : {"ring", "star", "path", "torus"}) {
    INFO(graph);
    json source = small({});
    source["graph"] = graph;
    check_same_learning(ran(source, {{"method", "choco-sgd"}, {"step", 0.1}, {"batch", 3}, {"consensus_step", 1}}),
                        ran(source, {{"method", "d-psgd"}, {"step", 0.1}, {"batch", 3}}));
    json choco = {
        {"method", "choco-sgd"}, {"step", 0.1}, {"batch", 3}, {"consensus_step", 0.3}, {"compressor", "scaled-sign"}};
    json sparq = choco;
    sparq.update({{"method", "sparq-sgd"}, {"c", 0}});
    CHECK(ran(source, sparq).back()[consensus] == ran(source, choco).back()[consensus]);
  }
}

TEST_CASE("law: the mean model moves by the mean gradient alone, on every graph, under every compressor") {
  for (const auto& method : decentralised::peer_methods()) {
    const std::string name = method.name;
    // What compression leaves out is lost for these, and not kept or sent later.
    const bool exact = name == "d-psgd" || name == "dcd-psgd" || name == "ecd-psgd";
    for (const char* graph : {"ring", "path", "exponential"}) {
      for (const char* compressor : {"identity", "scaled-sign", "qsgd"}) {
        json entry = entry_of(method.name);
        entry["compressor"] = compressor;
        if (compressor == std::string("qsgd")) entry["bits"] = 4;
        json source = small(entry);
        source["graph"] = graph;
        if (exact && compressor != std::string("identity")) continue;
        if (is_refused(source)) entry.erase("compressor"), entry.erase("bits");
        source["algorithms"] = json::array({entry});
        if (is_refused(source)) continue;  // not on this graph
        INFO(name << " on " << graph << " with " << compressor);
        const Scenario s = scenario_of(source);
        PeerMethod peers = s.make_peers(s.algorithms[0]);
        PeerHistory history(models_of(peers));
        PeerLearner learner(peers, *s.algorithms[0].graph, history);
        for (Round k = 0; k < 8; ++k) {
          Vector gradient(s.problem.d), mean_gradient = Vector::Zero(s.problem.d);
          for (std::size_t i = 0; i < peers.peers.size(); ++i) {
            s.problem.workers[i]->gradient(peers.peers[i]->model(), {{}, s.problem.workers[i]->samples(), true},
                                           gradient);
            mean_gradient += gradient / static_cast<double>(peers.peers.size());
          }
          learner.round(k);
          const Vector moved = history.after(k + 1).mean - history.after(k).mean;
          REQUIRE((moved + 0.1 * mean_gradient).norm() < 1e-13);
        }
      }
    }
  }
}

TEST_CASE("law: methods that correct their bias reach the optimum of unequal objectives, where D-PSGD stalls") {
  json source = small({});
  source["problem"] = {{"type", "logistic"}, {"l2", 0.1}, {"objective", "mean"}, {"reduction", "mean"}};
  source["record"] = {{"metrics", {"loss_gap"}}, {"every", 1500}};
  source["stop"]["rounds"] = 1500;
  const auto gap = [&](json entry) {
    entry["step"] = 0.1;
    return number(ran(source, entry).back(), loss_gap);
  };
  CHECK(gap(entry_of("d-psgd")) > 1e-7);
  for (const char* method : {"exact-diffusion", "gradient-tracking", "beer", "lead"}) {
    INFO(method);
    json entry = entry_of(method);
    if (method == std::string("lead")) entry.update({{"compressor", "qsgd"}, {"bits", 8}});
    if (method == std::string("beer")) entry.update({{"compressor", "top-k"}, {"k", 2}});
    CHECK(gap(entry) < 1e-12);
  }
}

TEST_CASE("law: every method learns the same on every graph and topology, whether simulated or not, and replayed") {
  const PlatformFiles files;
  std::size_t next = 0;
  for (const auto& method : decentralised::peer_methods())
    for (const auto& kind : graphs::kinds()) {
      if (kind.name == std::string("file")) continue;
      json source = small(entry_of(method.name), 4);
      source["graph"] = graph_of(kind.name);
      source["stop"]["rounds"] = 6;
      source["record"]["every"] = 2;
      const auto& topology = topologies()[next++ % topologies().size()];
      source["platform"] = platform_example(topology.name, files);
      if (kind.name == std::string("hierarchical")) source["platform"] = platform_example("two-tier", files);
      source["network"]["skip_notice"] = next % 2 == 0;
      source["conditions"]["stragglers"] = {{"probability", 0.3}, {"factor", 5}};
      if (const std::string why = refusal_of(source); why != "accepted") {
        INFO(method.name << " on " << kind.name << ": " << why);
        CHECK(why.find("/graph: ") != why.npos);
        continue;
      }
      INFO(method.name << " on " << kind.name << " over " << source["platform"]["type"]);
      const Scenario s = scenario_of(source);
      const Table live = ran(source);
      const Trace trace = learn(s, 0);
      const Table again = csv(in_child(
          [&] { return text_written([&](std::FILE* file) { replay_job(s, 0, trace, s.cluster, file, {}); }); }));
      CHECK(again == live);
      json by_actors = source;
      by_actors["network"]["solver"] = "actors";
      CHECK(ran(by_actors) == live);
      if (kind.name == std::string("hierarchical")) continue;  // needs racks
      source["platform"] = {{"type", "none"}};
      source.erase("conditions");
      const Table alone = ran(source);
      REQUIRE(alone.size() == live.size());
      for (std::size_t k = 0; k < alone.size(); ++k)
        for (std::size_t column = 0; column < columns; ++column)
          if (column != sim_time && column != compute_s) REQUIRE(alone[k][column] == live[k][column]);
    }
}

TEST_CASE("law: methods on a graph run for any number of nodes") {
  for (const auto& method : decentralised::peer_methods())
    for (const int M : {1, 2, 3, 5}) {
      INFO(method.name << " with " << M);
      const Table rows = ran(small(entry_of(method.name), M));
      CHECK(rows.size() == 21);
      CHECK(number(rows.back(), loss) < number(rows.front(), loss));
      if (M == 1) CHECK(rows.back()[uploads] == "0");
    }
}

TEST_CASE("a ring's round takes as long as its closed form says, with and without shared links") {
  // Four nodes, d = 5 in float64 and a header of 64 B: messages of 104 B. A node's two messages share its uplink, and
  // two arrive on its downlink: each has half of 1 MB/s, after the latencies of both access links.
  json source = small({{"method", "d-psgd"}, {"step", 0.1}}, 4);
  source["data"] = {{"type", "gaussian"}, {"samples", 40}, {"features", 5}};
  source["platform"] = {{"type", "star"}, {"worker_speed", "1Mf"}, {"bandwidth", "1MBps"}, {"latency", "10ms"}};
  source["stop"]["rounds"] = 10;
  const double computing = number(ran(source).back(), compute_s) / 40, latency = 0.02;
  const auto seconds = [&] { return number(ran(source).back(), sim_time) / 10; };
  CHECK(seconds() == Approx(computing + latency + 104 / 0.5e6).epsilon(1e-9));
  source["graph"] = "complete";
  CHECK(seconds() == Approx(computing + latency + 3 * 104 / 1e6).epsilon(1e-9));
  source["graph"] = "one-peer-exponential";
  CHECK(seconds() == Approx(computing + latency + 104 / 1e6).epsilon(1e-9));
}

TEST_CASE("law: on the one-peer exponential graph, 2^m nodes that differ agree on their mean after m rounds") {
  // A step that is 1 in round 0, and nothing from then on.
  const json step = {{"type", "inverse"}, {"a", 1e-200}, {"b", 1e-200}};
  for (const int m : {1, 2, 3, 4}) {
    for (const char* method : {"d-psgd", "sgp"}) {
      INFO(method << " on 2^" << m << " nodes");
      json source = small({{"method", method}, {"step", step}}, 1 << m);
      source["platform"] = {{"type", "star"}, {"bandwidth", "1MBps"}, {"latency", "10ms"}};
      source["graph"] = "one-peer-exponential";
      source["stop"]["rounds"] = m;
      const Table rows = ran(source);
      for (int k = 1; k < m; ++k) CHECK(number(rows[static_cast<std::size_t>(k)], consensus) > 1e-6);
      CHECK(number(rows.back(), consensus) < 1e-30);
      // What they agree on is one step of all gradients from the start.
      json together = source;
      together.erase("graph");
      together["algorithms"] = {{{"method", "gd"}, {"step", step}}};
      CHECK(number(rows.back(), loss) == Approx(number(ran(together).back(), loss)).epsilon(1e-13));
    }
  }
}

TEST_CASE("a slow node delays its neighbours, and others only as the rounds go by") {
  json source = small({{"method", "d-psgd"}, {"step", 0.1}}, 8);
  source["data"] = {{"type", "gaussian"}, {"samples", 80}, {"features", 5}};
  source["platform"] = {{"type", "star"}, {"worker_speed", "1Mf"}, {"bandwidth", "1GBps"}, {"latency", "1ns"}};
  source["stop"]["rounds"] = 1;
  const double computing = number(ran(source).back(), compute_s) / 8;
  // Node 0 takes ten times as long in round 0, node 4 in round 1: they are four steps apart, so that both wait at once.
  const PlatformFiles files;
  source["conditions"]["stragglers"] = {
      {"trace", files.write("slow.csv", "10,1,1,1,1,1,1,1\n1,1,1,1,10,1,1,1\n1,1,1,1,1,1,1,1\n")}};
  source["stop"]["rounds"] = 2;
  const Table rows = ran(source);
  CHECK(number(rows[1], sim_time) == Approx(10 * computing).epsilon(1e-3));
  // With a barrier it would be 20.
  CHECK(number(rows[2], sim_time) == Approx(11 * computing).epsilon(1e-3));
}

TEST_CASE("law: AD-PSGD's exchanges leave the sum of all models as it is, however they overlap, rounding and all") {
  for (const char* wire : {"float64", "float32"}) {
    INFO(wire);
    json source = small({{"method", "ad-psgd"}, {"step", 0.1}, {"batch", 2}}, 3);
    source["platform"] = {{"type", "star"}, {"worker_speed", "1Mf"}, {"bandwidth", "1MBps"}, {"latency", "10ms"}};
    source["network"]["wire"] = wire;
    source["graph"] = "complete";
    const Scenario s = scenario_of(source);
    ExchangeMethod talking = s.make_exchanges(s.algorithms[0]), alone = s.make_exchanges(s.algorithms[0]);
    const auto sum = [&](const ExchangeMethod& method) {
      Vector out = Vector::Zero(s.problem.d);
      for (const auto& peer : method.peers) out += peer->model();
      return out;
    };
    // A first step alone sets the models apart.
    for (auto* method : {&talking, &alone})
      for (auto& peer : method->peers) peer->begin(0), peer->finish(0, nullptr);
    // Gradients are taken; then all offer at once, and who is offered something answers before its own answer is there.
    for (auto* method : {&talking, &alone})
      for (auto& peer : method->peers) peer->begin(1);
    auto& peers = talking.peers;
    const Message from_0 = *peers[0]->offer(1), from_1 = *peers[1]->offer(1), from_2 = *peers[2]->offer(1);
    const Message to_2 = *peers[0]->answer(from_2), to_1 = *peers[0]->answer(from_1), to_0 = *peers[1]->answer(from_0);
    peers[0]->finish(1, &to_0);
    peers[1]->finish(1, &to_1);
    peers[2]->finish(1, &to_2);
    for (auto& peer : alone.peers) peer->finish(1, nullptr);
    CHECK((sum(talking) - sum(alone)).norm() < 1e-14);
    CHECK((peers[0]->model() - alone.peers[0]->model()).norm() > 1e-6);
  }
}

TEST_CASE("AD-PSGD learns on every topology, and two runs are the same") {
  const PlatformFiles files;
  for (const auto& topology : topologies()) {
    INFO(topology.name);
    json source = small({{"method", "ad-psgd"}, {"step", 0.1}, {"batch", 4}}, 4);
    source["platform"] = platform_example(topology.name, files);
    source["stop"]["rounds"] = 60;
    source["record"]["every"] = 20;
    const Table rows = ran(source);
    REQUIRE(rows.size() == 4);
    CHECK(rows.back()[uploads] == "120");
    CHECK(rows.back()[iterations] == "15");
    CHECK(number(rows.back(), loss) < number(rows.front(), loss));
    CHECK(ran(source) == rows);
  }
}

TEST_CASE("what cannot be done on a graph is refused with the reason") {
  const auto says = [](const json& source, const char* words) {
    INFO(words);
    CHECK_THAT(refusal_of(source), Catch::Matchers::ContainsSubstring(words));
  };
  json source = small({{"method", "d-psgd"}, {"step", 0.1}});
  source.erase("graph");
  says(source, "/algorithms/0/graph: \"d-psgd\" has no server");
  source["graph"] = "rnig";
  says(source, "\"ring\"");
  source["graph"] = "one-peer-exponential";
  source["algorithms"][0] = entry_of("choco-sgd");
  says(source, "/graph: \"one-peer-exponential\" changes from round to round");
  source["graph"] = "exponential";
  source["algorithms"][0] = entry_of("lead");
  says(source, "is not symmetric");
  source["graph"] = {{"type", "star"}, {"weights", "in-degree"}};
  source["algorithms"][0] = entry_of("d-psgd");
  says(source, "is not doubly stochastic");
  source["graph"] = "ring";
  source["algorithms"][0]["memory"] = "error-feedback";
  says(source, "/algorithms/0/memory");
  source["algorithms"][0] = entry_of("d-psgd");
  source["algorithms"][0]["aggregate"] = "majority-vote";
  says(source, "/algorithms/0/aggregate: is a server's");
  source["algorithms"][0] = entry_of("d-psgd");
  source["algorithms"][0]["collective"] = "ring-allreduce";
  says(source, "/algorithms/0/collective");
  source["algorithms"][0].erase("collective");
  source["problem"]["objective"] = "sum";
  says(source, "/problem/objective");
  source["problem"]["objective"] = "mean";
  source["algorithms"][0] = {{"method", "gd"}};
  const auto unused = [&](const char* words) {
    CHECK_THROWS_WITH(check_shared_blocks(source, "test.json"), Catch::Matchers::ContainsSubstring(words));
  };
  unused("test.json: /graph: no algorithm here talks over it");
  source["algorithms"][0] = entry_of("d-psgd");
  source["collective"] = "ring-allreduce";
  unused("test.json: /collective: no algorithm here uses it");
  source["algorithms"].push_back({{"method", "gd"}});
  CHECK_NOTHROW(check_shared_blocks(source, "test.json"));
}

TEST_CASE("an entry may have a collective of its own, beside others with a server or on a graph") {
  json source = small({{"method", "gd"}, {"step", 0.1}});
  source["platform"] = {{"type", "star"}, {"worker_speed", "1Mf"}, {"bandwidth", "1MBps"}, {"latency", "10ms"}};
  source.erase("graph");
  json ring = source;
  ring["collective"] = "ring-allreduce";
  const Table server = ran(source), under_ring = ran(ring);
  source["algorithms"][0]["collective"] = "ring-allreduce";
  CHECK(ran(source) == under_ring);
  ring["algorithms"][0]["collective"] = "parameter-server";
  CHECK(ran(ring) == server);
  ring["algorithms"][0] = {{"method", "async-sgd"}, {"step", 0.1}, {"batch", 4}};
  CHECK_THAT(refusal_of(ring), Catch::Matchers::ContainsSubstring("takes uploads one by one"));
  ring["algorithms"][0]["collective"] = "parameter-server";
  CHECK(refusal_of(ring) == "accepted");
  source["algorithms"][0] = {
      {"method", "gd"}, {"step", 0.1}, {"collective", "ring-allreduce"}, {"compressor", "qsgd"}, {"bits", 4}};
  CHECK_THAT(refusal_of(source), Catch::Matchers::ContainsSubstring("/algorithms/0/compressor"));
}
