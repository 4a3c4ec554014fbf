#include <fmt/format.h>
#include <zlib.h>

#include "algorithms/base/digest.hpp"
#include "algorithms/base/error.hpp"
#include "algorithms/base/random.hpp"
#include "sim/results/trace_file.hpp"
#include "tests/sim/program.hpp"
#include "tests/sim/runs.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

// Rounds in which chance says who takes part, who is silent, and how long messages are.
std::vector<RoundPlan> random_plans(int workers, int rounds) {
  Rng rng(1, Purpose::data);
  std::vector<RoundPlan> plans;
  for (int k = 0; k < rounds; ++k) {
    RoundPlan plan;
    plan.server_flops = rng.below(2) ? 0 : 1e6 / 3;
    if (rng.below(3)) plan.broadcast_bits = rng.below(3) * 1000;
    if (rng.below(3)) plan.vote_bits = rng.below(2) * (std::uint64_t{1} << 40);
    for (int m = 0; m < workers; ++m) {
      if (k % 3 == 1 && rng.below(4) == 0) continue;
      RoundPlan::Share share{m, k % 2 ? 0.1 * m : 5, {}};
      if (rng.below(3)) share.upload_bits = k % 5 == 2 ? rng.below(1000) : 320;
      plan.shares.push_back(share);
    }
    plans.push_back(k % 4 == 3 ? plans[rng.below(plans.size())] : plan);
  }
  return plans;
}

RecordedRun recorded(const std::vector<RoundPlan>& plans, std::size_t workers) {
  RecordedRun run{"an algorithm", "a digest", workers, {}};
  run.trace.local_steps = 4;
  run.trace.stop = Stop::target;
  for (const auto& plan : plans) run.trace.add_round(plan);
  run.trace.add_row(0, {{{1.5, {}, -0.0, {}}}});
  run.trace.add_row(static_cast<Round>(plans.size()), {{{1.0 / 3, {}, 5e-324, {}}}});
  return run;
}

const char* const tables[] = {"trajectory.csv", "summary.csv"};

json three() {
  json source = small_scenario();
  source["algorithms"] = {
      {{"method", "gd"}, {"label", "GD"}}, {{"method", "lag-wk"}}, {{"method", "sgd"}, {"step", 0.1}, {"batch", 4}}};
  source["record"]["every"] = 3;
  return source;
}

}  // namespace

TEST_CASE("a trace gives back each round's plan and each row's metrics, to the bit") {
  for (const int workers : {1, 7, 8, 30}) {
    const auto plans = random_plans(workers, 200);
    const Folder here;
    const auto written = recorded(plans, static_cast<std::size_t>(workers));
    std::ofstream(here.path / "t", std::ios::binary) << trace_section(written) << trace_section(written);
    const auto runs = read_trace(here.path / "t");
    REQUIRE(runs.size() == 2);
    for (const auto& run : runs) {
      CHECK(run.label == "an algorithm");
      CHECK(run.learned == "a digest");
      CHECK(run.workers == static_cast<std::size_t>(workers));
      CHECK(run.trace.local_steps == 4);
      CHECK(run.trace.stop == Stop::target);
      CHECK(run.trace.rounds() == 200);
      CHECK(run.trace.distinct_rounds() < 200);
      RoundPlan plan;
      for (std::size_t k = 0; k < plans.size(); ++k) {
        run.trace.read_round(static_cast<Round>(k), plan);
        CHECK(plan == plans[k]);
      }
      CHECK(run.trace.measures(0) == Measures{{{1.5, {}, -0.0, {}}}});
      CHECK(std::signbit(*run.trace.measures(0)[2]));
      CHECK(run.trace.measures(200) == Measures{{{1.0 / 3, {}, 5e-324, {}}}});
      CHECK(run.trace.measured(Metric::loss));
      CHECK_FALSE(run.trace.measured(Metric::accuracy));
      CHECK_THROWS_WITH(run.trace.measures(7), Catch::Matchers::ContainsSubstring("after 7 rounds was not measured"));
      CHECK_THROWS_WITH(run.trace.read_round(200, plan),
                        Catch::Matchers::ContainsSubstring("the record ends after 200 rounds (target)"));
    }
  }
}

TEST_CASE("a trace keeps how far nodes' models were apart, where there are several") {
  Trace trace;
  Measures measures{{{1.5, {}, {}, {}}}};
  for (const double apart : {0.25, 5e-324}) {
    measures.consensus = apart;
    trace.add_row(trace.measured(Metric::loss) ? 3 : 0, measures);
  }
  const Trace again = Trace::unpacked(trace.packed());
  CHECK(again.measures(0).consensus == 0.25);
  CHECK(again.measures(3) == measures);
}

TEST_CASE("a trace is small: 1000 lazy rounds of 10 workers with their metrics take less than 30 kB") {
  json source = small_scenario({{"method", "lag-wk"}});
  source["workers"] = 10;
  source["stop"]["rounds"] = 1000;
  const Scenario s = scenario_of(source);
  RecordedRun run{"lag-wk", "", 10, learn(s, 0)};
  REQUIRE(run.trace.rounds() == 1000);
  REQUIRE(run.trace.distinct_rounds() > 5);
  CHECK(trace_section(run).size() < 30000);
  source["record"]["every"] = 1000;
  const Scenario plain = scenario_of(source);
  run.trace = learn(plain, 0);
  CHECK(trace_section(run).size() < 4000);
}

TEST_CASE("a trace that is none, of another version, cut or damaged is told so") {
  const Folder here;
  const fs::path path = here.path / "t";
  const auto refusal = [&](const std::string& bytes) -> std::string {
    std::ofstream(path, std::ios::binary) << bytes;
    try {
      read_trace(path);
    } catch (const InputError& e) {
      return std::string(e.what()).substr(path.string().size());
    }
    return "";
  };
  const std::string good = trace_section(recorded(random_plans(5, 40), 5));
  CHECK(refusal(good) == "");
  CHECK(refusal("") == ": empty: run the scenario again");
  CHECK(refusal("round,loss\n") == ": expected a trace file, which begins with \"laconic trace \"");
  CHECK(refusal(good + "x") == ": damaged: run the scenario again");
  std::string other = good;
  other[14] = '7';
  CHECK(refusal(other) ==
        ": written in format 7 by another version of Laconic, this one reads 1: run the scenario again");
  CHECK(refusal(good.substr(0, good.size() - 9)) == ": ends 9 bytes too soon: run the scenario again");
  CHECK(refusal(good.substr(0, 20)).find("damaged") != std::string::npos);
  for (std::size_t i = 16; i < good.size(); i += 7) {
    std::string bent = good;
    bent[i] = static_cast<char>(bent[i] ^ 4);
    INFO(i);
    CHECK(refusal(bent) != "");
  }
  // It says of itself that it holds 4 GB.
  const std::string packed = good.substr(good.find('\n') + 1),
                    sizes = fmt::format("1 {} {}", packed.size(), 1ull << 32);
  CHECK(refusal(fmt::format("laconic trace {} {}\n{}", sizes, laconic::digest_of(sizes + packed), packed)) ==
        ": damaged: run the scenario again");
  fs::remove(path);
  CHECK_THROWS_WITH(read_trace(path), path.string() + ": cannot read: No such file or directory");
  // The trace names workers that there are not.
  CHECK(refusal(trace_section(recorded(random_plans(5, 40), 4))) == ": damaged: run the scenario again");
}

TEST_CASE("replay writes what a live run on the other network writes, byte for byte, and needs no data") {
  const Folder here;
  json source = three();
  source["data"] = {{"type", "csv"}, {"path", "d.csv"}};
  std::ofstream(here.path / "d.csv") << "x,y\n1,1\n-1,0\n2,1\n-3,0\n1,0\n5,1\n4,1\n-2,0\n3,1\n-5,0\n-1,1\n6,1\n";
  here.write("s.json", source);
  here.write("wan.json", {{"type", "wan"}, {"sites", {"A", "B"}}, {"site_latency", "40ms"}, {"latency", "1ms"}});
  json other = source;
  other["platform"] = {{"type", "torus"}, {"dimensions", {2, 2}}};
  here.write("other.json", other);
  REQUIRE(here.laconic({"run", "s.json", "--out", "r"}).code == 0);
  const std::string block = R"({"type":"two-tier","racks":2,"bandwidth":"1MBps"})";
  const std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> cases{
      {{}, {}},
      {{"--set", "/platform/latency=3ms"}, {"--set", "/platform/latency=3ms"}},
      {{"--platform", "wan.json"}, {"--set", R"(/platform={"file":"wan.json"})"}},
      {{"--platform", "other.json"}, {"--set", R"(/platform={"type":"torus","dimensions":[2,2]})"}},
      {{"--platform", block, "--network", R"({"model":"tcp","header":10})"},
       {"--set", "/platform=" + block, "--set", R"(/network={"wire":"float64","model":"tcp","header":10})"}},
      {{"--set", "/network/skip_notice=false"}, {"--set", "/network/skip_notice=false"}},
      {{"--set", "/stop/loss=0.6"}, {"--set", "/stop/loss=0.6"}},
      {{"--set", "/stop/upload_bits=3000", "--set", "/record/every=9"},
       {"--set", "/stop/upload_bits=3000", "--set", "/record/every=9"}},
      {{"--set", "/record/metrics=[\"loss\"]"}, {"--set", "/record/metrics=[\"loss\"]"}},
      {{"--set", R"(/platform={"type":"none"})"}, {"--set", R"(/platform={"type":"none"})"}},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    std::vector<std::string> live{"run", "s.json", "--out", "live" + std::to_string(i)};
    live.insert(live.end(), cases[i].second.begin(), cases[i].second.end());
    here.laconic(live);
  }
  fs::remove(here.path / "d.csv");
  for (std::size_t i = 0; i < cases.size(); ++i) {
    INFO(i);
    std::vector<std::string> command{"replay", "r", "--out", "replay" + std::to_string(i)};
    command.insert(command.end(), cases[i].first.begin(), cases[i].first.end());
    const auto run = here.laconic(command);
    const bool row_missing = i == 7;  // it stops where the record has no row
    CHECK(run.code == (row_missing ? 3 : 0));
    if (row_missing) {
      CHECK(run.err.find("rounds was not measured when the run was recorded") != std::string::npos);
      continue;
    }
    CHECK(run.err == "");
    for (const char* table : tables)
      CHECK(text_of(here.path / ("replay" + std::to_string(i)) / table) ==
            text_of(here.path / ("live" + std::to_string(i)) / table));
  }
  // A replay is a result as any other: described, and replayed again.
  const json told = json::parse(text_of(here.path / "replay1/run.json"));
  CHECK(told["formats"] == json{{"json", 1}, {"csv", 1}});
  CHECK(told["replay_of"] == "r");
  CHECK(told["scenario"]["platform"]["latency"] == "3ms");
  CHECK(told["data"] == json::parse(text_of(here.path / "r/run.json"))["data"]);
  REQUIRE(here.laconic({"replay", "replay1", "--out", "back", "--set", "/platform/latency=10ms"}).code == 0);
  CHECK(text_of(here.path / "back/trajectory.csv") == text_of(here.path / "r/trajectory.csv"));
  CHECK(text_of(here.path / "back/run.trace") == text_of(here.path / "r/run.trace"));
}

TEST_CASE("a replay refuses what would have been learned otherwise, and what was not recorded, with the reason") {
  const Folder here;
  here.write("s.json", three());
  REQUIRE(here.laconic({"run", "s.json", "--out", "r"}).code == 0);
  const std::string alone =
      ": what is learned depends on it: a replay can change \"platform\", \"conditions\", \"network\" (but for \"wire\"), \"record\" and "
      "\"stop\" (but for \"rounds\") alone; run the scenario instead\n";
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"r", "--set", "/seed=3"}, "r/run.json: /seed" + alone},
      {{"r", "--set", "/algorithms/0/step=0.1"}, "r/run.json: /algorithms/0/step" + alone},
      {{"r", "--set", "/workers=2"}, "r/run.json: /workers" + alone},
      {{"r", "--set", "/stop/rounds=7"}, "r/run.json: /stop/rounds" + alone},
      {{"r", "--network", R"({"wire":"float32"})"}, "r/run.json: /network/wire" + alone},
      {{"r", "--set", "/record/metrics=[\"accuracy\"]"},
       "r/run.json: accuracy was not measured when the run was recorded: run the scenario instead\n"},
      {{"r", "--network", "[1]"}, "--network: expected an object of keys to replace, got [1]\n"},
      {{"r", "--network", "{"}, "--network:1:2: not JSON: "},
      {{"r", "--network", R"({"modell":"tcp"})"}, "unknown key \"modell\""},
      {{"r", "--platform", "none.json"},
       "--platform: expected a file, or JSON that begins with {, got \"none.json\": no such file\n"},
      {{"r", "--platform", "{\"type\":\"stra\"}"}, "did you mean \"star\"?"},
      {{"q"}, "q: expected the result folder of a run: there is no such folder\n"},
      {{"."}, ".: expected the result folder of a run: it has no run.json\n"},
      {{"r", "--out", "r"}, "--out: r already holds a result; --force replaces it\n"},
      {{}, "laconic replay: RUN_DIR is required; `laconic replay --help` shows the options\n"},
  };
  for (const auto& [arguments, message] : cases) {
    std::vector<std::string> command{"replay"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto run = here.laconic(command);
    INFO(message);
    CHECK(run.code == 2);
    CHECK(run.err.find(message) != std::string::npos);
    CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
  }
  // A run.json of another run.
  json told = json::parse(text_of(here.path / "r/run.json"));
  told["scenario"]["seed"] = 9;
  here.write("r/run.json", told);
  CHECK(here.laconic({"replay", "r"}).err == "r/run.json: /scenario: is not of the run that r/run.trace records\n");
  fs::remove(here.path / "r/run.trace");
  CHECK(here.laconic({"replay", "r"}).err == "r: expected the result folder of a run: it has no run.trace\n");
  CHECK_FALSE(fs::exists(here.path / "results"));
}

TEST_CASE("where the simulated time ended a run, a replay that would go on says so, one that ends sooner does not") {
  const Folder here;
  json source = small_scenario();
  source["stop"] = {{"rounds", 1000}, {"sim_time", "500ms"}};
  here.write("s.json", source);
  REQUIRE(here.laconic({"run", "s.json", "--out", "r"}).code == 0);
  const auto faster = here.laconic({"replay", "r", "--set", "/platform/latency=1ms", "--out", "f"});
  CHECK(faster.code == 3);
  CHECK(faster.err.find("the record ends after ") != std::string::npos);
  CHECK(faster.err.find(" rounds (sim_time), and here the run would go on: only a live run knows how") !=
        std::string::npos);
  REQUIRE(here.laconic({"replay", "r", "--set", "/platform/latency=40ms", "--out", "slow"}).code == 0);
  REQUIRE(here.laconic({"run", "s.json", "--set", "/platform/latency=40ms", "--out", "live"}).code == 0);
  for (const char* table : tables) CHECK(text_of(here.path / "slow" / table) == text_of(here.path / "live" / table));
}
