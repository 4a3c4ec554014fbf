#include "sim/claims/check.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "algorithms/base/error.hpp"
#include "sim/scenario/json_input.hpp"
#include "tests/sim/program.hpp"
#include "tests/sim/runs.hpp"

// laconic check as its users meet it. On ||x||^2/2 from (1, 1), a step of 1/2 quarters the loss each round, one of 3/4
// divides it by 16: to 1/256, "slow" needs 4 rounds and "fast" 2, whatever the network.

using namespace laconic::tests;
using nlohmann::json;

namespace {

json toy(const std::vector<json>& claims) {
  return {{"name", "toy"},
          {"workers", 1},
          {"problem", {{"type", "toy"}, {"function", "quadratic"}, {"dimension", 2}}},
          {"platform", {{"type", "star"}, {"bandwidth", "8Mbps"}, {"latency", "10ms"}}},
          {"network", {{"wire", "float64"}}},
          {"algorithms",
           {{{"method", "gd"}, {"label", "slow"}, {"step", 0.5}, {"start", 1}},
            {{"method", "gd"}, {"label", "fast"}, {"step", 0.75}, {"start", 1}}}},
          {"stop", {{"rounds", 8}}},
          {"claims", claims}};
}

json half(double bound = 0.5) {
  return {{"what", "fast needs half of slow's rounds"},
          {"of", "fast"},
          {"times", "slow"},
          {"metric", "round"},
          {"to", {{"loss", 0.00390625}}},
          {"at_most", bound}};
}

json with(json claim, const json& more) {
  claim.update(more);
  return claim;
}

}  // namespace

TEST_CASE("check runs, prints a line a claim, and writes claims.json beside the results") {
  const Folder here;
  here.write("s.json", toy({half()}));
  const auto run = here.laconic({"check", "s.json"});
  CHECK(run.code == 0);
  CHECK(run.err.empty());
  CHECK(run.out.find("toy\n  holds          fast needs half of slow's rounds: 2 / 4 = 0.5 (at most 0.5)\n") == 0);
  CHECK(run.out.find("\n  fast reached loss ≤ 0.00390625 first, after 40") != std::string::npos);
  CHECK(run.out.find(", 2 times as long (one seed).\n  The claim holds.\n") != std::string::npos);
  CHECK(run.out.find("\n  results in results/toy\n1 verdict: 0 failed, 0 not decidable\n") != std::string::npos);
  CHECK(names_in(here.path / "results/toy") ==
        std::vector<std::string>{"claims.json", "run.json", "run.trace", "summary.csv", "trajectory.csv"});
  const json told = json::parse(text_of(here.path / "results/toy/claims.json"));
  CHECK(told["formats"] == json{{"json", 1}, {"csv", 1}});
  REQUIRE(told["claims"].size() == 1);
  const json& claim = told["claims"][0];
  CHECK(claim["what"] == "fast needs half of slow's rounds");
  CHECK(claim["verdict"] == "holds");
  CHECK(claim["expected"] == "holds");
  CHECK(claim["of"] == "fast");
  CHECK(claim["times"] == "slow");
  CHECK(claim["metric"] == "round");
  CHECK(claim["to"] == json{{"loss", 0.00390625}});
  CHECK(claim["value_of"] == 2);
  CHECK(claim["value_times"] == 4);
  CHECK(claim["ratio"] == 0.5);
  CHECK(claim["bound"] == json{{"at_most", 0.5}});
  for (const char* key : {"range", "at", "note"}) CHECK(claim.at(key).is_null());
  CHECK(told["first"][0]["algorithm"] == "fast");
  CHECK(told["first"][0]["margin"] == Approx(2));
  CHECK_FALSE(told.contains("stand_in"));
}

TEST_CASE("check's exit code: 1 if a claim fails that was not expected to") {
  const Folder here;
  const auto code = [&](const std::vector<json>& claims, std::vector<std::string> more = {}) {
    here.write("s.json", toy(claims));
    more.insert(more.begin(), {"check", "s.json", "--out", "r", "--force"});
    return here.laconic(more);
  };
  auto run = code({half(0.4)});
  CHECK(run.code == 1);
  CHECK(run.out.find("  fails          fast needs") != std::string::npos);
  const json excuse{{"expected", "fails"}, {"note", "it is half"}};
  run = code({with(half(0.4), excuse)});
  CHECK(run.code == 0);
  CHECK(run.out.find("  fails, as expected  fast needs") != std::string::npos);
  CHECK(run.out.find("(it is half)\n") != std::string::npos);
  run = code({with(half(), excuse)});
  CHECK(run.code == 0);
  CHECK(run.out.find("  holds, though expected to fail  fast needs") != std::string::npos);
  const json far = with(half(), {{"to", {{"loss", 1e-300}}}});
  run = code({half(), far});
  CHECK(run.code == 0);
  CHECK(run.out.find("  not decidable  fast needs half of slow's rounds: over 8 / over 8 = unknown (at most 0.5); "
                     "target not reached by fast and slow\n") != std::string::npos);
  CHECK(run.out.find("  Nobody reached loss ≤ 1e-300: nearest fast with ") != std::string::npos);
  CHECK(code({half(), far}, {"--strict"}).code == 1);
  CHECK(code({half()}, {"--strict"}).code == 0);
}

TEST_CASE("check sweeps where there is a sweep: seeds make medians, networks make points") {
  const Folder here;
  json source = toy({half(), with(half(), {{"metric", "sim_time_s"}, {"times", nullptr}, {"at_most", 1}})});
  source["claims"][1].erase("times");
  source["sweep"] = {{"/seed", {1, 2, 3}}, {"/platform/latency", {"1ms", "1s"}}};
  here.write("s.json", source);
  const auto run = here.laconic({"check", "s.json"});
  CHECK(run.code == 1);  // at 1 s, two rounds take 4 s
  CHECK(run.out.find(
            "  holds          fast needs half of slow's rounds: 2 / 4 = 0.5 (at most 0.5), seeds 0.5 .. 0.5\n") !=
        std::string::npos);
  CHECK(run.out.find("  holds          fast needs half of slow's rounds [latency 1ms]: 4.") != std::string::npos);
  CHECK(run.out.find("  fails          fast needs half of slow's rounds [latency 1s]: 4.00 s (at most 1.00 s)") !=
        std::string::npos);
  const json told = json::parse(text_of(here.path / "results/toy/claims.json"));
  REQUIRE(told["claims"].size() == 3);
  CHECK(told["claims"][0]["range"] == json{0.5, 0.5});
  CHECK(told["claims"][0]["at"].is_null());
  CHECK(told["claims"][1]["at"] == json{{"/platform/latency", "1ms"}});
  CHECK(told["claims"][1]["ratio"].is_null());
  CHECK(told["first"].size() == 2);
}

// Signs need more rounds and 1/60 of the bits up: where bits cost, they win.
TEST_CASE("check says where the winner changes with the network") {
  const Folder here;
  json source = toy({half()});
  source["problem"]["dimension"] = 1000;
  source["claims"][0]["to"] = {{"loss", 1}};
  source["claims"][0]["of"] = "signs";
  source["algorithms"][1] = {{"method", "ef-signgd"}, {"label", "signs"}, {"step", 0.3}, {"start", 1}};
  source["stop"]["rounds"] = 50;
  source["sweep"] = {{"/platform/bandwidth", {"1kbps", "1Gbps"}}};
  here.write("s.json", source);
  const auto run = here.laconic({"check", "s.json"});
  CHECK(run.out.find("  At bandwidth 1 kbps: signs reached loss ≤ 1 first, after ") != std::string::npos);
  CHECK(run.out.find("  At bandwidth 1 Gbps: slow reached loss ≤ 1 first, after ") != std::string::npos);
  CHECK(run.out.find("  The winner changes: to loss ≤ 1, it is signs or slow.\n") != std::string::npos);
  const auto table = here.laconic({"check", "s.json", "--markdown", "--force"});
  CHECK(table.out.find("| bandwidth 1kbps | **signs in ") != std::string::npos);
  CHECK(table.out.find("| bandwidth 1Gbps | **slow in ") != std::string::npos);
}

TEST_CASE("check as JSON and as Markdown") {
  const Folder here;
  here.write("a.json", toy({half()}));
  json other = toy({half(0.4), with(half(0.1), {{"expected", "fails"}, {"note", "a | b"}})});
  other["name"] = "other";
  here.write("b.json", other);
  const auto as_json = here.laconic({"check", "a.json", "b.json", "--json", "--out", "r"});
  CHECK(as_json.code == 1);
  const json told = json::parse(as_json.out);
  REQUIRE(told.size() == 2);
  json kept = json::parse(text_of(here.path / "r/toy/claims.json"));
  kept["folder"] = "r/toy";
  CHECK(told[0] == kept);
  CHECK(told[1]["scenario"] == "other");
  const auto table = here.laconic({"check", "a.json", "b.json", "--markdown", "--out", "r", "--force"});
  CHECK(table.out.find("# Claims and verdicts\n\nGenerated by `laconic check --markdown` with laconic ") == 0);
  CHECK(table.out.find("3 verdicts: 1 fails; 1 fails, as expected; 1 holds.\n") != std::string::npos);
  CHECK(table.out.find(
            "| [toy](a.json) |  | fast needs half of slow's rounds |  | holds | 2 / 4 = 0.5 (at most 0.5) |  |\n") !=
        std::string::npos);
  CHECK(table.out.find("| [other](b.json) |  | fast needs half of slow's rounds |  | **fails** | ") !=
        std::string::npos);
  CHECK(table.out.find(" | fails, as expected | 2 / 4 = 0.5 (at most 0.1) | a \\| b |\n") != std::string::npos);
  CHECK(table.out.find("| toy | loss at most 0.00390625 |  | fast in ") != std::string::npos);
}

TEST_CASE("check finds what is wrong before anything runs") {
  const Folder here;
  here.write("a.json", toy({half()}));
  json none = toy({});
  none.erase("claims");
  here.write("none.json", none);
  here.write("bad.json", toy({with(half(), {{"of", "fats"}})}));
  json point = toy({with(half(), {{"at", {{"/seed", 2}}}})});
  here.write("point.json", point);
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"check", "a.json", "none.json"}, "none.json: /: missing \"claims\": expected a list of claims to judge\n"},
      {{"check", "a.json", "bad.json"},
       "bad.json: /claims/0/of: expected \"slow\" or \"fast\", got \"fats\" (did you mean \"fast\"?)\n"},
      {{"check", "point.json"}, "point.json: /claims/0/at: \"/seed\": the scenario has no \"sweep\"\n"},
      {{"check", "a.json", "no.json"}, "no.json: cannot read: No such file or directory\n"},
      {{"check"}, "check: expected scenario files, or --all, got neither\n"},
      {{"check", "--all", "a.json"}, "check: expected scenario files, or --all, got both\n"},
      {{"check", "a.json", "--json", "--markdown"}, "check: --json and --markdown: expected one of them\n"},
      {{"check", "a.json", "--jobs", "0"}, "--jobs: expected a whole number from 1 to 4096"},
  };
  for (const auto& [arguments, message] : cases) {
    const auto run = here.laconic(arguments);
    INFO(message);
    CHECK(run.code == 2);
    CHECK(run.out.empty());
    CHECK(run.err.find(message) != std::string::npos);
  }
  CHECK_FALSE(fs::exists(here.path / "results"));
  // A result that is there stays.
  REQUIRE(here.laconic({"check", "a.json", "--out", "r"}).code == 0);
  const auto again = here.laconic({"check", "a.json", "--out", "r"});
  CHECK(again.code == 2);
  CHECK(again.err == "--out: r/toy already holds a result; --force replaces it\n");
  CHECK(here.laconic({"check", "a.json"}).code == 0);
  CHECK(here.laconic({"check", "a.json"}).code == 0);
  CHECK(names_in(here.path / "results") == std::vector<std::string>{"toy", "toy-2"});
}

TEST_CASE("check --judge-only judges again the results that are there, and refuses those of another scenario") {
  const Folder here;
  here.write("s.json", toy({half()}));
  const auto none = here.laconic({"check", "s.json", "--judge-only"});
  CHECK(none.code == 2);
  CHECK(none.err == "--judge-only: results/toy holds no result of s.json\n");
  REQUIRE(here.laconic({"check", "s.json"}).code == 0);
  const auto before = fs::last_write_time(here.path / "results/toy/trajectory.csv");
  here.write("s.json", toy({half(0.4)}));
  const auto again = here.laconic({"check", "s.json", "--judge-only"});
  CHECK(again.code == 1);
  CHECK(again.out.find("2 / 4 = 0.5 (at most 0.4)") != std::string::npos);
  CHECK(fs::last_write_time(here.path / "results/toy/trajectory.csv") == before);
  CHECK(names_in(here.path / "results") == std::vector<std::string>{"toy"});
  // What was not recorded is not known.
  json source = toy({half()});
  source["record"] = {{"metrics", {"loss"}}};
  here.write("t.json", source);
  REQUIRE(here.laconic({"check", "t.json", "--out", "r"}).code == 0);
  source["claims"] = {{{"of", "fast"}, {"metric", "grad_norm"}, {"at_most", 1}}};
  here.write("t.json", source);
  CHECK(here.laconic({"check", "t.json", "--out", "r", "--judge-only"}).out.find("nothing was measured") !=
        std::string::npos);
  source["stop"]["rounds"] = 9;
  here.write("t.json", source);
  CHECK(here.laconic({"check", "t.json", "--out", "r", "--judge-only"}).err ==
        "--judge-only: the results in r/toy are of another scenario than t.json is now\n");
}

TEST_CASE("check of results that are none, not whole, of one row, or not finite") {
  const Folder here;
  const std::vector<json> claims{half(),
                                 {{"of", "slow"}, {"converges", "linearly"}, {"metric", "loss"}},
                                 {{"of", "fast"}, {"metric", "loss"}, {"stays_above", 0.01}},
                                 {{"of", "slow"}, {"metric", "grad_norm"}, {"at_most", 1}}};
  here.write("s.json", toy(claims));
  REQUIRE(here.laconic({"check", "s.json"}).code == 1);
  const fs::path csv_file = here.path / "results/toy/trajectory.csv";
  json told = json::parse(text_of(csv_file.parent_path() / "run.json"));
  told.erase("files");  // which these are not
  here.write("results/toy/run.json", told);
  const std::string whole = text_of(csv_file), head = whole.substr(0, whole.find('\n') + 1);
  const auto judged = [&](const std::string& text) {
    std::ofstream(csv_file) << text;
    return here.laconic({"check", "s.json", "--judge-only"});
  };
  const auto refused = [&](const std::string& text) {
    const auto run = judged(text);
    CHECK(run.code == 2);
    CHECK(run.err.ends_with("\ns.json: its claims were not judged\n"));
    return run.err.substr(0, run.err.find('\n'));
  };
  CHECK(refused("") ==
        "results/toy/trajectory.csv: is no trajectory: expected the columns \"scenario\", \"algorithm\" and \"seed\"");
  CHECK(refused(head) == "results/toy/trajectory.csv: no row: the run is empty");
  CHECK(refused(whole.substr(0, head.size() + 60)).starts_with("results/toy/trajectory.csv:"));
  CHECK(refused("scenario,algorithm,seed,round\nt,slow,1,0\n") ==
        "results/toy/trajectory.csv: there is no column \"loss\"");
  CHECK(refused("scenario,algorithm,seed,round,loss\nt,slow,1,0,1\nt,fast,1,0,1\n") ==
        "results/toy/trajectory.csv: there is no column \"sim_time_s\"");
  CHECK(refused("scenario,algorithm,seed,round,loss\nt,slow,1,0,1\n") ==
        "results/toy/trajectory.csv: /claims/0: no run of fast");
  CHECK(refused("scenario,algorithm,seed,round,loss\nt,fast,1,0,1\n") ==
        "results/toy/trajectory.csv: /claims/0: no run of slow");

  const std::string columns = "scenario,algorithm,seed,round,loss,grad_norm,sim_time_s\n";
  const auto one = judged(columns + "t,slow,1,0,1,5,0\nt,fast,1,0,1,5,0\n");
  CHECK(one.err.empty());
  CHECK(
      one.out.find(
          "  not decidable  fast needs half of slow's rounds: over 0 / over 0 = unknown (at most 0.5); target not reached by fast and slow") !=
      std::string::npos);
  CHECK(one.out.find("  not decidable  slow: loss falls linearly: fewer than 5 rows to fit a") != std::string::npos);
  CHECK(one.out.find("  holds          fast: loss stays above 0.01: least 1 (above 0.01)\n") != std::string::npos);
  CHECK(one.out.find("  Nobody reached loss ≤ 0.00390625: nearest slow and fast with 1.\n") != std::string::npos);

  std::string rows;
  for (int k = 0; k < 9; ++k)
    for (const char* label : {"slow", "fast"})
      rows += fmt::format("t,{0},1,{1},{2},{2},{1}\n", label, k, k > 1 ? "nan" : "1");
  const auto nothing = judged(columns + rows);
  CHECK(nothing.code == 1);
  CHECK(nothing.out.find("  not decidable  slow: loss falls linearly: fewer than 5 rows") != std::string::npos);
  CHECK(nothing.out.find("  fails          slow: grad_norm at most 1: diverged (at most 1)\n") != std::string::npos);
}

TEST_CASE("a scenario that cannot be built is code 2, and the others are judged") {
  const Folder here;
  here.write("a.json", toy({half()}));
  json lost = small_scenario();
  lost["name"] = "lost";
  lost["data"] = {{"type", "libsvm"}, {"path", "no.svm"}};
  lost["claims"] = {{{"of", "gd"}, {"metric", "loss"}, {"at_most", 1}}};
  here.write("b.json", lost);
  const auto run = here.laconic({"check", "b.json", "a.json"});
  CHECK(run.code == 2);
  CHECK(run.err.find("b.json: /data/path: no such file: looked for ") == 0);
  CHECK(run.err.find("b.json: its claims were not judged\n") != std::string::npos);
  CHECK(run.out.find("1 verdict: 0 failed") != std::string::npos);
}

TEST_CASE("check --full takes the scale that the scenario states, and otherwise results say that it was reduced") {
  const Folder here;
  json source = toy({with(half(), {{"metric", "uploads"}, {"to", nullptr}, {"times", nullptr}, {"at_most", 8}})});
  source["claims"][0].erase("to");
  source["claims"][0].erase("times");
  source["full"] = {{"/stop/rounds", 30}, {"comment", "as the paper"}};
  here.write("s.json", source);
  auto run = here.laconic({"check", "s.json", "--out", "r"});
  CHECK(run.code == 0);
  CHECK(run.out.find("toy (reduced scale)\n") == 0);
  CHECK(run.out.find(": 8 (at most 8)") != std::string::npos);
  run = here.laconic({"check", "s.json", "--out", "q", "--full"});
  CHECK(run.code == 1);
  CHECK(run.out.find("toy\n") == 0);
  CHECK(run.out.find(": 30 (at most 8)") != std::string::npos);
  // --set wins.
  CHECK(here.laconic({"check", "s.json", "--out", "p", "--full", "--set", "/stop/rounds=5"}).code == 0);
  REQUIRE(here.laconic({"run", "s.json", "--full", "--out", "o"}).code == 0);
  CHECK(csv(text_of(here.path / "o/summary.csv"))[1][round_] == "30");
  // It is checked although it is not asked for.
  const auto error = [&](const json& full) {
    source["full"] = full;
    here.write("s.json", source);
    return here.laconic({"validate", "s.json"}).err;
  };
  CHECK(error({{"/stop/rounds", 0}}) ==
        "s.json: with \"full\": /stop/rounds: expected a whole number from 1 to 1e12, got 0\n");
  CHECK(error({{"/stpo/rounds", 1}})
            .find("s.json: /full: \"/stpo/rounds\": there is no \"stpo\" (did you mean "
                  "\"stop\"?); there are ") == 0);
  CHECK(error(json::object()) == "s.json: /full: expected an object, got {}\n");
  CHECK(error({{"rounds", 1}}).find("s.json: /full: unknown key \"rounds\"") == 0);
}

TEST_CASE("data that are missing are replaced by their stated stand-in, and everything says so") {
  unsetenv("LACONIC_DATA");
  const Folder here;
  json source = small_scenario();
  const json generated = source["data"];
  source["data"] = {{"type", "libsvm"}, {"path", "real.svm"}, {"otherwise", generated}};
  source["claims"] = {{{"of", "gd"}, {"metric", "loss"}, {"at_most", 1}}};
  here.write("s.json", source);
  const std::string sentence = "gaussian (60 x 5, seed 1) in place of real.svm, which is not there";
  auto run = here.laconic({"run", "s.json", "--out", "r"});
  CHECK(run.code == 0);
  CHECK(run.out.find("stand-in: " + sentence + "\nalgorithm ") == 0);
  const json told = json::parse(text_of(here.path / "r/run.json"));
  CHECK(told["stand_in"] == sentence);
  CHECK(told["data"]["name"] == "gaussian (60 x 5, seed 1)");
  run = here.laconic({"check", "s.json", "--out", "c"});
  CHECK(run.out.find("small (stand-in: " + sentence + ")\n") == 0);
  CHECK(json::parse(text_of(here.path / "c/small/claims.json"))["stand_in"] == sentence);
  CHECK(here.laconic({"check", "s.json", "--markdown"}).out.find("| [small](s.json) | stand-in |") !=
        std::string::npos);
  // It is trained on as if it stood there itself.
  json alone = source;
  alone["data"] = generated;
  here.write("alone.json", alone);
  REQUIRE(here.laconic({"run", "alone.json", "--out", "q"}).code == 0);
  CHECK(text_of(here.path / "q/trajectory.csv") == text_of(here.path / "r/trajectory.csv"));
  CHECK_FALSE(json::parse(text_of(here.path / "q/run.json")).contains("stand_in"));
  // In a sweep as well.
  source["sweep"] = {{"/seed", {1, 2}}};
  here.write("s.json", source);
  CHECK(here.laconic({"sweep", "s.json", "--out", "w"}).out.find("stand-in: " + sentence + "\n") == 0);
  CHECK(json::parse(text_of(here.path / "w/sweep.json"))["stand_in"] == sentence);
  // The real data, once they are there.
  std::ofstream(here.path / "real.svm") << "+1 1:1\n-1 1:2\n+1 2:1\n";
  source.erase("sweep");
  here.write("s.json", source);
  run = here.laconic({"run", "s.json", "--out", "t"});
  CHECK(run.out.find("algorithm ") == 0);
  CHECK_FALSE(json::parse(text_of(here.path / "t/run.json")).contains("stand_in"));
}

TEST_CASE("a stand-in may be a file that has a stand-in itself, and its mistakes are found in their place") {
  unsetenv("LACONIC_DATA");
  const Folder here;
  const auto error = [&](const json& data) -> std::string {
    json source = small_scenario();
    source["data"] = data;
    try {
      return "stand-in: " + make_scenario(source, "s.json", here.path).data.stand_in;
    } catch (const InputError& e) {
      return e.what();
    }
  };
  const json generated = small_scenario()["data"];
  const json second{{"type", "libsvm"}, {"path", "b.svm"}, {"otherwise", generated}};
  CHECK(error({{"type", "idx"}, {"images", "i"}, {"labels", "l"}, {"otherwise", second}}) ==
        "stand-in: gaussian (60 x 5, seed 1) in place of i and b.svm, which are not there");
  std::ofstream(here.path / "b.svm") << "+1 1:1\n-1 1:2\n+1 2:1\n";
  CHECK(error({{"type", "libsvm"}, {"path", "a.svm"}, {"otherwise", second}})
            .ends_with("b.svm in place of a.svm, which is not there"));
  // A test set's file may be the missing one.
  CHECK(error({{"type", "libsvm"}, {"path", "b.svm"}, {"test", {{"path", "t.svm"}}}, {"otherwise", generated}}) ==
        "stand-in: gaussian (60 x 5, seed 1) in place of t.svm, which is not there");
  CHECK(error({{"type", "libsvm"}, {"path", "b.svm"}, {"otherwise", generated}}) == "stand-in: ");
  CHECK(error({{"type", "gaussian"}, {"samples", 60}, {"features", 5}, {"otherwise", generated}}) ==
        "s.json: /data/otherwise: stands in for missing files, and gaussian names none");
  CHECK(error({{"type", "libsvm"}, {"path", "a.svm"}, {"otherwise", {{"type", "libsvm"}, {"path", "c.svm"}}}})
            .find("s.json: /data/otherwise/path: no such file: looked for ") == 0);
  CHECK(error({{"type", "libsvm"}, {"path", "a.svm"}, {"otherwise", {{"type", "gaussian"}, {"samples", 60}}}})
            .find("s.json: /data/otherwise: missing \"features\": expected ") == 0);
  CHECK(error({{"type", "libsvm"}, {"path", "a.svm"}, {"otherwise", {{"type", "gauss"}}}})
            .find("s.json: /data/otherwise/type: expected ") == 0);
  CHECK(error({{"type", "libsvm"}, {"path", "a.svm"}, {"otherwise", {{"path", "x"}}}})
            .find("s.json: /data/otherwise: missing \"type\": expected ") == 0);
}
