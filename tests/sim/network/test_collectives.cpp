#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "algorithms/methods/registry.hpp"
#include "tests/sim/collectives.hpp"

// Collectives against closed forms: who sends, and how long that takes.

using namespace laconic::tests;
using nlohmann::json;

TEST_CASE("ring all-reduce: 2(M-1) steps, each of 1/M of the vector") {
  for (const int M : {2, 3, 4, 6})
    expect_rounds_of(even(M, "ring-allreduce"), compute(M) + 2 * (M - 1) * way(bytes(12.0 / M)));
}

TEST_CASE("ring all-reduce: without header and latency, 2(M-1)/M of the vector's own time") {
  json source = even(4, "ring-allreduce");
  source["platform"]["latency"] = 0;
  source["platform"]["server_latency"] = 0;
  source["platform"]["worker_speed"] = "1Zf";
  source["network"]["header"] = 0;
  expect_rounds_of(source, 2 * 3.0 / 4 * (w * 12 / bandwidth));
}

TEST_CASE("recursive doubling: log2 M steps of the whole vector, two more where M is no power of two") {
  for (const int M : {1, 2, 4, 8})
    expect_rounds_of(even(M, "recursive-doubling"), compute(M) + std::log2(M) * way(bytes(12)));
  // There, a neighbour that has nobody to wait for sends while the step before is on its way to the same host: the two
  // share its link, which costs a message's bytes once.
  for (const int M : {3, 5, 6, 7})
    expect_rounds_of(even(M, "recursive-doubling"),
                     compute(M) + (std::floor(std::log2(M)) + 2) * way(bytes(12)) + bytes(12) / bandwidth);
}

TEST_CASE("broadcast: the model is down after ceil(log2(M+1)) turns") {
  for (const int M : {1, 2, 3, 4, 5, 7, 8}) {
    INFO(M);
    json source = even(M, "broadcast");
    source["platform"]["server_bandwidth"] = "1GBps";
    expect_rounds_of(source, std::ceil(std::log2(M + 1)) * way(bytes(12)) + compute(M) + way(bytes(12)));
  }
  // 8 hosts are busy in every turn, and the 7 uploads begin at once: they share the server's link.
  expect_rounds_of(even(7, "broadcast"), 3 * way(bytes(12)) + compute(7) + way(7 * bytes(12)));
}

TEST_CASE("tree: the depth times a link's share, both ways") {
  for (const int M : {1, 2, 5})  // a chain
    expect_rounds_of(even(M, {{"type", "tree"}, {"arity", 1}}), 2 * M * way(bytes(12)) + compute(M));
  expect_rounds_of(even(6, "tree"), 4 * way(2 * bytes(12)) + compute(6));
  expect_rounds_of(even(12, {{"type", "tree"}, {"arity", 3}}), 4 * way(3 * bytes(12)) + compute(12));
  // As many children as workers: the parameter server.
  json flat = even(5, {{"type", "tree"}, {"arity", 5}});
  const Rows tree = rows_on_a_network(flat);
  flat.erase("collective");
  CHECK(std::stod(tree.back()[sim_time]) == Approx(std::stod(rows_on_a_network(flat).back()[sim_time])).epsilon(1e-12));
}

TEST_CASE("a tree on two tiers sends one message over each rack's uplink, each way") {
  json source = even(6, {{"type", "tree"}, {"arity", 3}});
  source["platform"] = {{"type", "two-tier"},     {"racks", 2},        {"worker_speed", "1Mf"},
                        {"bandwidth", "1MBps"},   {"latency", "10ms"}, {"uplink_bandwidth", "50kBps"},
                        {"uplink_latency", "5ms"}};
  const double uplink = latency + 0.005, b = bytes(12);
  expect_rounds_of(source, 2 * (uplink + b / 5e4) + 2 * way(2 * b) + compute(6));
  source.erase("collective");
  expect_rounds_of(source, 2 * (uplink + 3 * b / 5e4) + compute(6));

  // Whatever the arity, and in sites as well as in racks.
  for (const int arity : {1, 2, 3, 7}) {
    const std::vector<std::size_t> racks{4, 4, 4, 0, 0, 9, 9, 9, 9, 4};
    const Collective tree = collective_of({{"type", "tree"}, {"arity", arity}}, racks);
    RoundPlan plan;
    plan.sum = {Adds::reals, 12, 64};
    for (int m = 0; m < 10; ++m) plan.shares.push_back({m, 1, 768});
    std::vector<int> out(10), in(10);
    int up = 0;
    for (const auto& [from, to, step] : sends(tree.script(plan, 768))) {
      const auto place = [&](int host) { return host == 10 ? 8 : racks[static_cast<std::size_t>(host)]; };
      up += step.up;
      if (place(from) == place(to)) continue;
      if (step.up) ++out[place(from)];
      if (!step.up) ++in[place(to)];
    }
    CHECK(up == 10);
    for (const std::size_t rack : {0, 4, 9}) CHECK((out[rack] == 1 && in[rack] == 1));
  }
}

TEST_CASE("a ring crosses each rack's uplink with one flow each way") {
  json source = even(6, "ring-allreduce");
  source["platform"] = {{"type", "two-tier"},     {"racks", 2},        {"worker_speed", "1Mf"},
                        {"bandwidth", "1MBps"},   {"latency", "10ms"}, {"uplink_bandwidth", "50kBps"},
                        {"uplink_latency", "5ms"}};
  // Every chunk crosses both uplinks on its way round; the slowest neighbours set the pace.
  expect_rounds_of(source, compute(6) + 10 * (2 * latency + 2 * 0.005 + bytes(2) / 5e4));
}

TEST_CASE("lazy workers in a tree and a ring: notices take their time, or are free, and change nothing else") {
  const json lazy = {{"method", "gd"}, {"trigger", {{"type", "every"}, {"H", 2}}}, {"memory", "difference"}};
  for (const json& collective : every_collective) {
    INFO(collective.dump());
    json source = even(6, collective, lazy);
    source["stop"]["rounds"] = 4;
    const Rows with = rows_on_a_network(source);
    source["network"]["skip_notice"] = false;
    const Rows without = rows_on_a_network(source);
    const auto duration = [](const Rows& rows, std::size_t k) {
      return std::stod(rows[k + 1][sim_time]) - std::stod(rows[k][sim_time]);
    };
    for (const std::size_t k : {1, 3}) {
      CHECK(duration(without, k) < duration(with, k));
      CHECK(count(with, k + 1, uploads) == count(with, k, uploads));
      CHECK(count(without, k + 1, wire_up) == count(without, k, wire_up));
      const std::string name = collective.is_string() ? collective : collective["type"];
      const int notices = name == "tree"                                                        ? 6
                          : name == "recursive-doubling" || name == "reduce-scatter-all-gather" ? 10
                          : collective == "hierarchical-allreduce" /* two groups, of three */   ? 18
                                                                                                : 30;
      CHECK(count(with, k + 1, wire_up) - count(with, k, wire_up) == header * notices);
      // A round of silence is the model's way down and the slowest worker's computing; without a server, that alone.
      if (name != "tree") CHECK(duration(without, k) == Approx(compute(6)).epsilon(1e-9));
    }
    for (std::size_t k = 0; k < with.size(); ++k)
      for (const auto column : {loss, grad_norm, uploads, upload_bits, downloads, download_bits, flops})
        CHECK(with[k][column] == without[k][column]);
  }
}

TEST_CASE("without a header, a notice is still a message of one byte") {
  json source = even(4, "ring-allreduce",
                     {{"method", "gd"}, {"trigger", {{"type", "every"}, {"H", 1000}}}, {"memory", "difference"}});
  source["network"]["header"] = 0;
  const Rows rows = rows_on_a_network(source);
  CHECK(std::stod(rows[2][sim_time]) - std::stod(rows[1][sim_time]) == Approx(compute(4) + 6 * way(1)).epsilon(1e-9));
}

TEST_CASE("unequal workers: nothing overtakes, nothing hangs") {
  // Messages that arrive before they are wanted wait for their turn.
  for (const json& collective : every_collective) {
    for (const int M : {2, 3, 7}) {
      INFO(collective.dump() << " " << M);
      json source = even(M, collective, {{"method", "topk-ams"}, {"batch", 2}, {"k", 2}, {"step", 0.01}});
      const json lockstep = [&] {
        json out = source;
        out["platform"] = {{"type", "none"}};
        return out;
      }();
      source["platform"] = {{"type", "star"},
                            {"worker_speed", {{"type", "log-normal"}, {"median", "1Mf"}, {"sigma", 3}}},
                            {"bandwidth", {{"type", "log-uniform"}, {"min", "1kBps"}, {"max", "30MBps"}}},
                            {"latency", {{"type", "exponential"}, {"mean", "20ms"}}}};
      const Rows timed = rows_on_a_network(source), untimed = csv(rows_of(scenario_of(lockstep)));
      REQUIRE(timed.size() == untimed.size());
      for (std::size_t k = 0; k < timed.size(); ++k)
        for (const auto column :
             {loss, grad_norm, uploads, downloads, upload_bits, download_bits, wire_up, wire_down, flops})
          CHECK(timed[k][column] == untimed[k][column]);
    }
  }
}

TEST_CASE("a replay of a collective's rounds writes what a live run writes") {
  json any = every_collective;
  any.push_back("all-gather");
  any.push_back({{"type", "all-gather"}, {"pattern", "doubling"}});
  for (const json& collective : any) {
    for (const json& entry : {json{{"method", "topk-ams"}, {"batch", 2}, {"k", 3}, {"step", 0.01}},
                              json{{"method", "marina"}, {"k", 3}, {"p", 0.3}}, json{{"method", "lag-wk"}},
                              json{{"method", "mh-signsgd"}, {"batch", 2}}}) {
      INFO(collective.dump() << " " << entry.dump());
      json source = even(5, collective, entry);
      source["stop"]["rounds"] = 12;
      const Scenario s = scenario_of(source);
      const std::string live = in_child([&] { return rows_of(s); });
      const std::string replayed = in_child([&] {
        const Trace trace = learn(s, 0);
        std::FILE* file = std::tmpfile();
        replay_job(s, 0, trace, s.cluster, file, {});
        std::rewind(file);
        std::string out;
        for (int c; (c = std::fgetc(file)) != EOF;) out += static_cast<char>(c);
        std::fclose(file);
        return out;
      });
      CHECK(csv(live).size() == 13);
      CHECK(live == replayed);
    }
  }
}

TEST_CASE("sums that were measured in one tree say nothing of another, and those that do not grow serve all") {
  RoundPlan plan;
  for (int m = 0; m < 4; ++m) plan.shares.push_back({m, 1, 100});
  const auto runs = [&](const json& collective, const std::vector<std::size_t>& racks) {
    try {
      collective_of(collective, racks).script(plan, 1);
      return std::string("runs");
    } catch (const RunError& e) {
      return std::string(e.what());
    }
  };
  const auto refusal = [](const std::string& name) {
    return "what was learned under another collective, or with workers in other racks, does not say how long the sums "
           "of collective \"" +
           name + "\" are: only a live run knows";
  };
  CHECK(runs("tree", {}) == refusal("tree"));  // the parameter server's plan
  CHECK(runs("broadcast", {}) == "runs");
  plan.sum = {Adds::signs, 12, 32};
  for (const json& collective : every_collective) CHECK(runs(collective, {}) == "runs");
  plan.sum = {Adds::entries, 12, 32};
  const Collective measured = collective_of("tree", {0, 0, 1, 1});
  plan.partial_bits = measured.partial_bits(plan, {{1}, {2}, {3}, {4}});
  plan.measured_in = measured.arrangement;
  CHECK(runs("tree", {0, 0, 1, 1}) == "runs");
  CHECK(runs("tree", {0, 0, 0, 1}) == refusal("tree"));
  CHECK(runs("tree", {}) == refusal("tree"));
  CHECK(runs({{"type", "tree"}, {"arity", 3}}, {0, 0, 1, 1}) == refusal("tree"));
  CHECK(runs("ring-allreduce", {}) == refusal("ring-allreduce"));
}

TEST_CASE("a sweep over racks and collectives writes what runs of its points write") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("laconic-collectives-" + std::to_string(getpid()));
  fs::create_directories(folder);
  json source = even(6, "tree", {{"method", "topk-ams"}, {"batch", 2}, {"k", 3}, {"step", 0.01}});
  source["platform"] = {{"type", "two-tier"}, {"racks", 2}, {"latency", "1ms"}};
  json sweep = source;
  sweep["sweep"] = {{"/collective", {"tree", "ring-allreduce"}},
                    {"/platform/latency", {"1ms", "5ms"}},
                    {"/platform/racks", {1, 2, 3}}};
  std::ofstream(folder / "s.json") << sweep;
  const std::string command = std::string(LACONIC_BINARY) + " sweep s.json --out r --progress never > log 2>&1";
  REQUIRE(std::system(("cd '" + folder.string() + "' && " + command).c_str()) == 0);
  std::ifstream file(folder / "r/trajectory.csv");
  std::string line, swept;
  std::getline(file, line);
  while (std::getline(file, line)) {
    for (int i = 0; i < 3; ++i) line = line.substr(line.find(',') + 1);
    swept += line + '\n';
  }
  std::string live;
  for (const char* collective : {"tree", "ring-allreduce"})
    for (const char* latency_there : {"1ms", "5ms"})
      for (const int racks : {1, 2, 3}) {
        source["collective"] = collective;
        source["platform"]["latency"] = latency_there;
        source["platform"]["racks"] = racks;
        live += in_child([&] { return rows_of(scenario_of(source)); });
      }
  CHECK(live == swept);
  fs::remove_all(folder);
}

TEST_CASE("what a collective cannot carry is refused with the reason") {
  const auto refusal = [](const json& collective, const json& entry) {
    const std::string text = error(even(4, collective, entry));
    const std::string prefix = "test.json: /algorithms/0/";
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
  };
  const std::string adds = ", and collective \"tree\" adds uploads up on their way";
  CHECK(refusal("tree", {{"method", "qgd"}, {"bits", 4}}) ==
        "compressor: the sum of \"qsgd\" messages is no \"qsgd\" message" + adds);
  CHECK(refusal("tree", {{"method", "ef-signgd"}}) ==
        "compressor: the sum of \"scaled-sign\" messages is no \"scaled-sign\" message" + adds);
  CHECK(refusal("tree", {{"method", "onebit-adam"}, {"batch", 2}, {"step", 0.1}, {"warm_up", 2}}) ==
        "method: after its warm-up it sends scaled signs, whose sum is no scaled sign" + adds);
  CHECK(refusal("tree", {{"method", "marina"}, {"p", 0.5}, {"compressor", "qsgd"}, {"bits", 4}}) ==
        "compressor: a sum of Q's messages is no such message" + adds);
  CHECK(
      refusal("tree", {{"method", "gd"},
                       {"compressor", {{"type", "top-k"}, {"k", 2}}},
                       {"trigger", {{"type", "every"}, {"H", 2}}}}) ==
      "trigger: for a silent worker, which \"every\" allows, the server reuses its latest vector, and in a sum these are "
      "not held apart (memory \"difference\" needs their sum alone)" +
          adds);
  CHECK(refusal("tree", {{"method", "gd"},
                         {"compressor", {{"type", "rand-k"}, {"k", 2}}},
                         {"memory", "difference"},
                         {"trigger", {{"type", "every"}, {"H", 2}}}}) ==
        "trigger: \"every\" leaves open who sends, without which a sum of \"rand-k\" messages cannot be read" + adds);
  for (const char* passes : {"tree", "broadcast"})
    CHECK(refusal(passes, {{"method", "lag-ps"}}) == "participation: \"lag-ps\" leaves workers out, and collective \"" +
                                                         std::string(passes) + "\" has every worker pass the model on");
  for (const char* together : {"ring-allreduce", "recursive-doubling"})
    CHECK(refusal(together, {{"method", "fedavg"}, {"batch", 2}, {"H", 2}, {"step", 0.1}, {"clients", 2}}) ==
          "participation: \"sampled\" leaves workers out, and collective \"" + std::string(together) +
              "\" needs them all");
  CHECK(refusal("ring-allreduce", {{"method", "scaffold"}, {"batch", 2}, {"H", 2}, {"step", 0.1}, {"clients", 2}}) ==
        "clients: they leave workers out, and collective \"ring-allreduce\" needs them all");
  CHECK(
      refusal("ring-allreduce", {{"method", "gd"}, {"downlink", {{"type", "top-k"}, {"k", 2}}}}) ==
      "downlink: it compresses a model on its way down, and collective \"ring-allreduce\" sends none: its workers take "
      "the step on copies of their own");
  CHECK(refusal("tree", {{"method", "gd"}, {"downlink", {{"type", "top-k"}, {"k", 2}}}}) == "no error");
  CHECK(refusal("broadcast", {{"method", "qgd"}, {"bits", 4}}) == "no error");
}

TEST_CASE("a collective's own mistakes") {
  json source = small_scenario();
  source["collective"] = "trie";
  CHECK(error(source) ==
        "test.json: /collective: expected \"all-gather\", \"broadcast\", \"hierarchical-allreduce\", "
        "\"parameter-server\", \"recursive-doubling\", \"reduce-scatter-all-gather\", \"ring-allreduce\" or \"tree\", "
        "or an object with such a \"type\", got \"trie\"");
  source["collective"] = {{"type", "tree"}, {"arity", 0}};
  CHECK(error(source) == "test.json: /collective/arity: expected a whole number from 1 to 1000000, got 0");
  source["collective"] = {{"type", "ring-allreduce"}, {"arity", 2}};
  CHECK(error(source) ==
        "test.json: /collective: \"arity\" means nothing to the collective ring-allreduce; it reads \"type\"");
  source["collective"] = {{"arity", 2}};
  CHECK(error(source).find("test.json: /collective: missing \"type\"") == 0);

  source = small_scenario();
  source["collective"] = "ring-allreduce";
  source["workers"] = 2000;
  CHECK(error(source) ==
        "test.json: /collective: a ring of 2000 workers takes 7996000 messages a round: expected at most 1000 workers");

  // Two racks without latency inside, and a way with some between them.
  source = even(4, "ring-allreduce");
  source["platform"] = {{"type", "two-tier"}, {"racks", 2}, {"latency", 0}, {"uplink_latency", "1ms"}};
  CHECK(
      error(source) ==
      "test.json: /collective: latency 0 from worker-0 to worker-1, and up to 0.002 s elsewhere: where flows meet, they "
      "share in proportion to 1/latency, which 0 has not: give every way of the platform a latency, such as \"1us\", or "
      "none (as over the air of Wi-Fi)");
  source.erase("collective");
  CHECK(error(source) == "no error");
}
