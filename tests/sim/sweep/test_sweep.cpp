#include <set>

#include "algorithms/base/error.hpp"
#include "sim/sweep/sweep_plan.hpp"
#include "tests/sim/sweeps.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

std::string refusal(const json& sweep) {
  try {
    SweepPlan(swept(sweep), "s.json");
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

// The rows of a table without its first so many columns, and without its header.
std::string without(std::size_t columns, const std::string& table) {
  std::string out;
  std::istringstream lines(table);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < columns; ++i) at = line.find(',', at) + 1;
    out += line.substr(at) + '\n';
  }
  return out;
}

}  // namespace

TEST_CASE("a sweep whose runs all diverge says so, with the exit code of a run that does") {
  const Folder here;
  json source = swept({{"/seed", {1, 2}}});
  source["problem"] = {{"type", "quadratic"}, {"spectrum", {1, 2, 3}}};
  source.erase("data");
  for (json& entry : source["algorithms"]) entry["step"] = 1e60;
  here.write("s.json", source);
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"sweep", "s.json", "--out", "r"}, {"sweep", "s.json", "--out", "shards", "--shard", "1/1"}}) {
    const auto run = here.laconic(command);
    INFO(run.out << run.err);
    CHECK(run.code == 3);
    CHECK(run.out.ends_with("all algorithms diverged at every point: exit code 3\n"));
  }
  source["algorithms"][0]["step"] = 0.1;
  here.write("s.json", source);
  CHECK(here.laconic({"sweep", "s.json", "--out", "one"}).code == 0);
}

TEST_CASE("a sweep is the product of its lists, the last varying fastest, and zipped lists are one") {
  const json source = swept({{"/platform/latency", {"1ms", "2ms"}},
                             {"/seed", {5, 6, 7}},
                             {"comment", "both"},
                             {"zip", {{"/algorithms/0/step", {0.1, "1/L"}}, {"/workers", {2, 4}}}}});
  const Sweep sweep(source, "s.json");
  CHECK(sweep.pointers() == std::vector<std::string>{"/platform/latency", "/seed", "/algorithms/0/step", "/workers"});
  REQUIRE(sweep.size() == 12);
  CHECK(sweep.columns(0) == "1ms,5,0.1,2,");
  CHECK(sweep.columns(1) == "1ms,5,1/L,4,");
  CHECK(sweep.columns(2) == "1ms,6,0.1,2,");
  CHECK(sweep.columns(11) == "2ms,7,1/L,4,");
  CHECK(sweep.place(11) == "/platform/latency = \"2ms\", /seed = 7, /algorithms/0/step = \"1/L\", /workers = 4");
  std::set<std::string> all;
  for (std::size_t n = 0; n < 12; ++n) {
    json expected = source;
    expected.erase("sweep");
    expected["platform"]["latency"] = n < 6 ? "1ms" : "2ms";
    expected["seed"] = 5 + n / 2 % 3;
    expected["algorithms"][0]["step"] = n % 2 ? json("1/L") : json(0.1);
    expected["workers"] = n % 2 ? 4 : 2;
    CHECK(sweep.source(n) == expected);
    all.insert(sweep.source(n).dump());
  }
  CHECK(all.size() == 12);
  // Values that CSV must quote.
  const Sweep lists(swept({{"/platform/bandwidth", {{"1MBps", "2MBps", "3MBps"}, "1MBps"}}}), "s.json");
  CHECK(lists.columns(0) == "\"[\"\"1MBps\"\",\"\"2MBps\"\",\"\"3MBps\"\"]\",");
  CHECK(Sweep(swept({{"zip", {{"/workers", {2, 4, 8}}, {"/seed", {1, 2, 3}}}}}), "s.json").size() == 3);
}

TEST_CASE("points that learn the same are one group") {
  const auto groups = [](const json& sweep) { return SweepPlan(swept(sweep), "s.json").groups().size(); };
  CHECK(groups({{"/platform/latency", {"1ms", "2ms"}},
                {"/network/header", {0, 64}},
                {"/network/skip_notice", {true, false}}}) == 1);
  CHECK(groups({{"/platform/latency", {"1ms", "2ms"}}, {"/seed", {1, 2, 3}}}) == 3);
  CHECK(groups({{"/network/wire", {"float32", "float64"}}}) == 2);
  CHECK(groups({{"/workers", {2, 4}}}) == 2);
  CHECK(groups({{"/stop/rounds", {2, 4}}}) == 2);
}

TEST_CASE("what a sweep can get wrong is told, with its pointer") {
  CHECK(refusal({{"comment", "nothing"}}) == "s.json: /sweep: expected JSON pointers with lists of values, got none");
  CHECK(refusal({{"zip", {{"/seed", {1, 2}}, {"/workers", {2, 3, 4}}}}}) ==
        "s.json: /sweep/zip: expected lists of one length, got 2 values for \"/seed\" and 3 for \"/workers\"");
  CHECK(refusal({{"/seed", {1, 2, 1}}}) == "s.json: /sweep: a value stands twice in a list: two points are the same");
  CHECK(refusal({{"/name", json::array({"a"})}}) == "s.json: /sweep: \"/name\": cannot be swept");
  CHECK(refusal({{"/sweep/x", json::array({1})}}) == "s.json: /sweep: \"/sweep/x\": cannot be swept");
  CHECK(refusal({{"/claims", json::array({1})}}) == "s.json: /sweep: \"/claims\": cannot be swept");
  CHECK(refusal({{"/stop/loss", {1, 2}}}) ==
        "s.json: /sweep: \"/stop/loss\": cannot be swept: targets are columns of summary.csv");
  CHECK(refusal({{"/algorithms", {1, 2}}}) ==
        "s.json: /sweep: \"/algorithms\": cannot be swept: the algorithms of a scenario run beside each other");
  CHECK(refusal({{"/platform", json::array({json::object()})}, {"/platform/latency", json::array({"1ms"})}}) ==
        "s.json: /sweep: \"/platform/latency\": changes what \"/platform\" changes");
  CHECK(
      refusal({{"/platform/latency", json::array({"1ms"})}, {"zip", {{"/platform/latency", json::array({"1ms"})}}}}) ==
      "s.json: /sweep: \"/platform/latency\": changes what \"/platform/latency\" changes");
  CHECK(refusal({{"/plattform/latency", json::array({"1ms"})}})
            .starts_with(
                "s.json: /sweep: \"/plattform/latency\": there is no \"plattform\" (did you mean \"platform\"?)"));
  CHECK(refusal({{"/algorithms/7/step", json::array({1})}}) ==
        "s.json: /sweep: \"/algorithms/7/step\": expected an index from 0 to 1, got \"7\"");
  CHECK(refusal({{"/workers", {2, 0}}}) ==
        "s.json: at /workers = 0: /workers: expected a whole number from 1 to 1000000, got 0");
  json many = json::array();
  for (int i = 0; i < 1001; ++i) many.push_back(i);
  CHECK(refusal({{"/seed", many}, {"/data/seed", many}}) ==
        "s.json: /sweep: expected at most 1000000 points, got more");
  // Where there are very many points, each value is looked at once.
  many = json::array();
  for (int i = 0; i < 101; ++i) many.push_back(i);
  json bad = many;
  bad[100] = -1;
  CHECK(refusal({{"/seed", many}, {"/data/seed", bad}}).find("/data/seed: expected ") != std::string::npos);
}

TEST_CASE("a sweep's rows are those of live runs at its points, byte for byte, for any number of jobs") {
  const Folder here;
  json source =
      swept({{"/network/model", {"alpha-beta", "tcp"}},
             {"/seed", {1, 2}},
             {"zip", {{"/platform/latency", {"1ms", "30ms"}}, {"/platform/bandwidth", {"1MBps", "50kBps"}}}}});
  source["algorithms"].push_back({{"method", "sgd"}, {"step", 0.1}, {"batch", 4}});
  source["stop"]["loss"] = 0.6;
  source["record"]["every"] = 2;
  here.write("s.json", source);
  for (const char* jobs : {"1", "2", "7"}) {
    const auto run = here.laconic({"sweep", "s.json", "--out", jobs, "--jobs", jobs});
    // No progress line where it is no terminal; once in all, that no model is so good.
    CHECK(run.err == "s.json: warning: /stop: no model reaches loss 0.6: the least loss is 14.6681\n");
    CHECK(run.out.starts_with("8 points, 24 runs done\nNobody reached loss ≤ 0.6: nearest "));
    CHECK(run.out.ends_with(std::string(".\nresults in ") + jobs + "\n"));
    REQUIRE(run.code == 0);
  }
  source.erase("sweep");
  here.write("one.json", source);
  for (const char* table : tables) {
    const std::string rows = text_of(here.path / "1" / table);
    CHECK(text_of(here.path / "2" / table) == rows);
    CHECK(text_of(here.path / "7" / table) == rows);
    CHECK(
        rows.starts_with("/network/model,/seed,/platform/bandwidth,/platform/latency,scenario,algorithm,seed,round,"));
  }
  std::string trajectory, summary;
  for (const char* model : {"alpha-beta", "tcp"})
    for (const char* seed : {"1", "2"})
      for (const auto& [latency, bandwidth] : {std::pair{"1ms", "1MBps"}, {"30ms", "50kBps"}}) {
        REQUIRE(
            here.laconic({"run", "one.json", "--out", "live", "--force", "--seed", seed, "--set",
                          std::string("/network/model=") + model, "--set", std::string("/platform/latency=") + latency,
                          "--set", std::string("/platform/bandwidth=") + bandwidth})
                .code == 0);
        trajectory += without(0, text_of(here.path / "live/trajectory.csv"));
        summary += without(0, text_of(here.path / "live/summary.csv"));
      }
  CHECK(without(4, text_of(here.path / "1/trajectory.csv")) == trajectory);
  CHECK(without(4, text_of(here.path / "1/summary.csv")) == summary);
  const json told = json::parse(text_of(here.path / "1/sweep.json"));
  CHECK(told["formats"] == json{{"json", 1}, {"csv", 1}});
  CHECK(told["status"] == "complete");
  CHECK(told["points"] == 8);
  CHECK(told["runs"] == 24);
  CHECK(told["learned"] == 2);  // a seed each
}

TEST_CASE("where the simulated time ends a run, each point learns for itself") {
  const Folder here;
  json source = swept({{"/platform/latency", {"1ms", "30ms"}}});
  source["stop"] = {{"rounds", 40}, {"sim_time", "400ms"}};
  here.write("s.json", source);
  REQUIRE(here.laconic({"sweep", "s.json", "--out", "r"}).code == 0);
  REQUIRE(here.laconic({"run", "s.json", "--out", "a", "--set", "/platform/latency=1ms"}).code == 0);
  REQUIRE(here.laconic({"run", "s.json", "--out", "b", "--set", "/platform/latency=30ms"}).code == 0);
  for (const char* table : tables)
    CHECK(without(1, text_of(here.path / "r" / table)) ==
          without(0, text_of(here.path / "a" / table)) + without(0, text_of(here.path / "b" / table)));
  const auto summary = csv(text_of(here.path / "r/summary.csv"));
  CHECK(summary[1][1 + round_] != summary[3][1 + round_]);
}

TEST_CASE("a point that fails is told, the others go on, and are kept for the next try") {
  const Folder here;
  // The schema takes a list; that it wants three values is known to the platform alone.
  here.write("s.json", swept({{"/platform/latency", {"1ms", {"1ms", "2ms"}, "3ms"}}}));
  for (const char* told :
       {"3 points, 4 runs done, 2 failed: the same command tries them again\nresults in r\n",
        "3 points, 4 runs done, 4 of them before, 2 failed: the same command tries them again\nresults in r\n"}) {
    const auto run = here.laconic({"sweep", "s.json", "--out", "r"});
    CHECK(run.code == 3);
    CHECK(run.err.starts_with("s.json: at /platform/latency = [\"1ms\",\"2ms\"]: failed: s.json: /platform/latency: "));
    CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
    CHECK(run.out == told);
    const auto rows = csv(text_of(here.path / "r/trajectory.csv"));
    CHECK(rows.size() == 1 + 2 * 2 * 9);
    CHECK(rows.back()[0] == "3ms");
    CHECK(json::parse(text_of(here.path / "r/sweep.json"))["status"] == "failed");
  }
  // Mended, its neighbours are there.
  here.write("s.json", swept({{"/platform/latency", {"1ms", {"1ms", "2ms", "2ms"}, "3ms"}}}));
  CHECK(here.laconic({"sweep", "s.json", "--out", "r"}).out ==
        "3 points, 6 runs done, 4 of them before\nresults in r\n");
  CHECK(names_in(here.path / "r") == std::vector<std::string>{"summary.csv", "sweep.json", "trajectory.csv"});
  // Where all points have the mistake, nothing runs.
  const auto wrong = here.laconic({"sweep", "s.json", "--out", "q", "--set", "/algorithms/0/step=fast"});
  CHECK(wrong.code == 2);
  CHECK(wrong.err.starts_with("s.json: /algorithms/0/step: "));
  CHECK_FALSE(fs::exists(here.path / "q"));
}

TEST_CASE("a sweep's result is never overwritten without --force") {
  const Folder here;
  here.write("s.json", swept({{"/seed", json::array({1})}}));
  REQUIRE(here.laconic({"sweep", "s.json", "--out", "r"}).code == 0);
  const auto again = here.laconic({"sweep", "s.json", "--out", "r"});
  CHECK(again.code == 2);
  CHECK(again.err == "--out: r already holds a result; --force replaces it\n");
  here.write("s.json", swept({{"/seed", json::array({2})}}));
  CHECK(here.laconic({"sweep", "s.json", "--out", "r", "--force"}).code == 0);
  CHECK(text_of(here.path / "r/trajectory.csv").find("\n2,small,GD,2,0,") != std::string::npos);
  // Nor is a run's.
  REQUIRE(here.laconic({"run", "s.json", "--out", "q"}).code == 0);
  CHECK(here.laconic({"sweep", "s.json", "--out", "q"}).code == 2);
  for (int i = 0; i < 2; ++i) CHECK(here.laconic({"sweep", "s.json"}).code == 0);
  CHECK(names_in(here.path / "results") == std::vector<std::string>{"small", "small-2"});
  std::ofstream(here.path / "file") << "x";
  CHECK(here.laconic({"sweep", "s.json", "--out", "file/r"}).err ==
        "--out: cannot make the folder file/r: Not a directory\n");
  here.write("none.json", small_scenario());
  CHECK(here.laconic({"sweep", "none.json"}).err ==
        "none.json: /: missing \"sweep\": expected an object such as {\"/platform/latency\": [\"1ms\", \"10ms\"]}\n");
}
