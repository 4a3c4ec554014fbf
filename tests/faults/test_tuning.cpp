#include <signal.h>
#include <sys/stat.h>

#include <sstream>

#include "tests/faults/faults.hpp"

// Every method at its best: values are tried before the runs that are judged.

using namespace laconic::tests;
using nlohmann::json;

namespace {

json the_scenario(const Faults& here) { return json::parse(text_of(here.path / "tuned.json")); }

void check_same(const Faults& here, const char* one, const char* other, const std::vector<const char*>& files) {
  for (const char* file : files) {
    INFO(file);
    CHECK(text_of(here.path / one / file).size() > 0);
    CHECK(text_of(here.path / one / file) == text_of(here.path / other / file));
  }
}

Finished done(const Faults& here, const std::vector<std::string>& command) {
  Finished run = here.laconic(command);
  INFO(run.err);
  CHECK(run.code == 0);
  return run;
}

json told(const Faults& here, const char* path) { return json::parse(text_of(here.path / path)); }

// The lines that begin so, without that; and the first, which names the columns.
std::string part_of(const std::string& table, const std::string& start, const std::string& header) {
  std::istringstream lines(table);
  std::string out, line;
  std::getline(lines, line);
  out = line.substr(header.size()) + '\n';
  while (std::getline(lines, line))
    if (line.starts_with(start)) out += line.substr(start.size()) + '\n';
  return out;
}

}  // namespace

TEST_CASE("law: to tune over one value is not to tune") {
  const Faults here;
  json tuned = the_scenario(here), plain = tuned;
  tuned["tune"] = {{"grid", {{"step", {0.1}}}}};
  plain.erase("tune");
  plain["algorithms"][2].erase("tune");
  for (const int i : {0, 1}) plain["algorithms"][static_cast<std::size_t>(i)]["step"] = 0.1;
  here.write("one.json", tuned);
  here.write("none.json", plain);
  done(here, {"run", "one.json", "--out", "one"});
  done(here, {"run", "none.json", "--out", "none"});
  check_same(here, "one", "none", {"trajectory.csv", "summary.csv", "run.trace"});
  CHECK(told(here, "one/run.json")["scenario"] == told(here, "none/run.json")["scenario"]);
  for (json* each : {&tuned, &plain}) (*each)["sweep"] = {{"/platform/latency", {"1ms", "9ms"}}, {"/seed", {1, 2}}};
  here.write("one.json", tuned);
  here.write("none.json", plain);
  done(here, {"sweep", "one.json", "--out", "ones"});
  done(here, {"sweep", "none.json", "--out", "nones"});
  check_same(here, "ones", "nones", {"trajectory.csv", "summary.csv"});
}

TEST_CASE("law: a sweep is tuned at each of its points as a run there is, and by replays as by live runs") {
  const Faults here;
  json source = the_scenario(here);
  source["sweep"] = {{"/platform/bandwidth", {"8Mbps", "1kbps"}}};
  source["algorithms"][0]["compressor"] = "top-k";
  source["algorithms"][0]["tune"] = {{"grid", {{"compressor/k", {1, 3}}, {"step", {0.3, 0.1, 0.03}}}}};
  here.write("s.json", source);
  done(here, {"sweep", "s.json", "--out", "replayed", "--jobs", "1"});
  done(here, {"sweep", "s.json", "--out", "parallel", "--jobs", "4"});
  check_same(here, "replayed", "parallel", {"tuned.csv", "trajectory.csv", "summary.csv"});
  done(here, {"sweep", "s.json", "--out", "live", "--set", "/stop/sim_time=\"1h\""});
  check_same(here, "replayed", "live", {"tuned.csv", "trajectory.csv", "summary.csv"});
  for (const std::string bandwidth : {"8Mbps", "1kbps"}) {
    done(here, {"run", "s.json", "--out", bandwidth, "--set", "/platform/bandwidth=" + bandwidth});
    for (const char* file : {"tuned.csv", "trajectory.csv", "summary.csv"}) {
      INFO(bandwidth << " " << file);
      CHECK(part_of(text_of(here.path / "replayed" / file), bandwidth + ',', "/platform/bandwidth,") ==
            text_of(here.path / bandwidth / file));
    }
  }
  // Where a bit takes a millisecond, fewer of them are best.
  const json chosen = told(here, "replayed/sweep.json")["tuning"]["chosen"];
  CHECK(chosen[0]["at"]["/platform/bandwidth"] == "8Mbps");
  CHECK(chosen[0]["values"]["compressor/k"] == 3);
}

TEST_CASE("trials that were killed go on: none lost, none twice") {
  const Faults here;
  json source = the_scenario(here);
  source["sweep"] = {{"/platform", {{{"type", "star"}}, {{"type", "star"}, {"latency", "2ms"}}, {{"file", "l.json"}}}}};
  source["tune"].erase("refine");
  here.write("s.json", source);
  REQUIRE(mkfifo((here.path / "l.json").c_str(), 0600) == 0);  // two seeds at a time wait for the third network
  REQUIRE(mkfifo((here.path / ".err").c_str(), 0600) == 0);
  const pid_t stuck = here.start({"sweep", "s.json", "--out", "r", "--jobs", "2", "--progress", "always"}, true);
  std::string shown;
  {
    std::ifstream progress(here.path / ".err");
    for (char c; shown.find("32/72 trials done") == std::string::npos && progress.get(c);) shown += c;
    kill(-stuck, SIGKILL);
  }
  waitpid(stuck, nullptr, 0);
  fs::remove(here.path / ".err");
  fs::remove(here.path / "l.json");
  here.write("l.json", {{"type", "star"}, {"latency", "3ms"}});
  CHECK(!fs::exists(here.path / "r/sweep.json"));
  CHECK(!names_in(here.path / "r/tuning").empty());
  done(here, {"sweep", "s.json", "--out", "r"});
  done(here, {"sweep", "s.json", "--out", "whole"});
  check_same(here, "r", "whole", {"tuned.csv", "trajectory.csv", "summary.csv"});
  CHECK(names_in(here.path / "r") ==
        std::vector<std::string>{"summary.csv", "sweep.json", "trajectory.csv", "tuned.csv"});
}

TEST_CASE("law: a tuned sweep in shards makes the tables of one here") {
  const Faults here;
  json source = the_scenario(here);
  source["sweep"] = {{"/platform/bandwidth", {"8Mbps", "1kbps"}}, {"/seed", {1, 2}}};
  here.write("s.json", source);
  done(here, {"sweep", "s.json", "--out", "whole"});
  const auto shard = [&](const std::string& which, const std::string& out) {
    return std::vector<std::string>{"sweep", "s.json", "--out", out, "--shard", which, "--jobs", "1"};
  };
  const auto expect_whole = [&](const char* out) {
    check_same(here, out, "whole", {"tuned.csv", "trajectory.csv", "summary.csv"});
    CHECK(told(here, (std::string(out) + "/sweep.json").c_str())["tuning"] == told(here, "whole/sweep.json")["tuning"]);
    CHECK(names_in(here.path / out) == names_in(here.path / "whole"));
  };
  // The trials first, then what is judged; the last shard of the trials does its share of both.
  const Finished first = done(here, shard("1/2", "r"));
  CHECK(first.out.find("when all shards of the trials are done") != std::string::npos);
  CHECK(here.laconic({"sweep", "s.json", "--out", "r", "--merge"}).code == 3);
  const Finished status = done(here, {"sweep", "s.json", "--out", "r", "--status"});
  CHECK(status.out.find(" trials are done, 0 failed, ") != std::string::npos);
  done(here, shard("2/2", "r"));
  CHECK_FALSE(fs::exists(here.path / "r/sweep.json"));
  done(here, shard("1/2", "r"));
  expect_whole("r");
  // Whatever is asked for again changes nothing.
  for (const auto& again : std::vector<std::vector<std::string>>{{"--shard", "2/3"}, {"--merge"}, {"--status"}}) {
    std::vector<std::string> command{"sweep", "s.json", "--out", "r"};
    command.insert(command.end(), again.begin(), again.end());
    CHECK(done(here, command).out == "all is done before\nresults in r\n");
  }
  expect_whole("r");
  // A sweep here goes on with what shards have done.
  done(here, shard("2/2", "other"));
  done(here, {"sweep", "s.json", "--out", "other"});
  expect_whole("other");
}

TEST_CASE("what was chosen stands in the table, in run.json and in tuned.csv, with its budget and its doubts") {
  const Faults here;
  const Finished run = done(here, {"run", "tuned.json", "--out", "r"});
  for (const char* words :
       {"tuned by sim_time_s to loss at most 20, median over the seeds 101, 102 and 103; 6 trials each", "best of 6",
        "step 0.1 "}) {
    INFO(run.out);
    CHECK(run.out.find(words) != std::string::npos);
  }
  CHECK(run.err.find("GD's best values differ by seed: ") != std::string::npos);
  const json told_of = told(here, "r/run.json");
  CHECK(told_of["scenario"]["algorithms"][0] == json{{"method", "gd"}, {"label", "GD"}, {"step", 0.1}});
  CHECK(!told_of["scenario"].contains("tune"));
  CHECK(told_of["tuning"]["scenario"] == the_scenario(here));
  CHECK(told_of["tuning"]["chosen"][0]["values"] == json{{"step", 0.1}});
  const std::string table = text_of(here.path / "r/tuned.csv");
  CHECK(table.starts_with(
      "scenario,algorithm,trial,step,seed,sim_time_s,median,chosen\ntuned,GD,1,0.001,101,inf,inf,0\n"));
  CHECK(std::count(table.begin(), table.end(), '\n') == 1 + 2 * 6 * 3);
  // On another network the values are those of this one, which is told.
  done(here, {"replay", "r", "--set", "/platform/latency=1ms", "--out", "replayed"});
  CHECK(told(here, "replayed/run.json")["tuning"]["elsewhere"] == true);
  // Without "tune" nothing of it is left.
  done(here, {"run", "tuned.json", "--out", "r", "--force", "--set", "/algorithms=[{\"method\": \"gd\"}]", "--set",
              "/tune={\"grid\": {\"step\": [0.1]}}"});
  json plain = the_scenario(here);
  plain.erase("tune");
  plain["algorithms"] = {{{"method", "gd"}}};
  here.write("plain.json", plain);
  done(here, {"run", "plain.json", "--out", "r", "--force"});
  CHECK(!fs::exists(here.path / "r/tuned.csv"));
}

TEST_CASE("a scenario may come from the standard input, and a summary go as JSON, with the exit codes of the table") {
  const Faults here;
  const auto piped = [&](const std::string& command) {
    const std::string all = "cd '" + here.path.string() + "' && '" LACONIC_BINARY "' " + command + " 2>.err; echo $?";
    std::FILE* pipe = popen(all.c_str(), "r");
    REQUIRE(pipe);
    std::string out;
    char buffer[4096];
    for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
    CHECK(pclose(pipe) == 0);
    return out;
  };
  const std::string said = piped("run - --json --out a <tuned.json");
  const json summary = json::parse(said.substr(0, said.find('\n')));
  CHECK(said.substr(said.find('\n')) == "\n0\n");
  CHECK(summary["folder"] == "a");
  CHECK(summary["status"] == "complete");
  CHECK(summary["tuning"]["trials"] == 6);
  CHECK(summary["summary"].size() == 3);
  CHECK(summary["summary"][0]["algorithm"] == "GD");
  CHECK(summary["summary"][0]["stopped_by"] == "target");
  CHECK(summary["summary"][0]["energy_j"].is_null());
  done(here, {"run", "tuned.json", "--out", "b"});
  check_same(here, "a", "b", {"trajectory.csv", "summary.csv", "tuned.csv"});
  CHECK(piped("validate - </dev/null") == "2\n");
  CHECK(text_of(here.path / ".err") == "-:1:1: not JSON: there is nothing in it\n");
  const std::string lost = piped(R"(run - --json --out c --set /tune/log='{"step": [1e290, 1e300, 2]}' )"
                                 R"(--set /tune/refine=false --set /algorithms/2/step=1e300 <tuned.json)");
  CHECK(lost.ends_with("\n3\n"));
}

TEST_CASE("tuning alone leaves the scenario with its best values, ready to run") {
  const Faults here;
  done(here, {"tune", "tuned.json", "--out", "best"});
  CHECK(names_in(here.path / "best") == std::vector<std::string>{"tuned.csv", "tuned.json"});
  check_refused(here.laconic({"tune", "tuned.json", "--out", "best"}), {"already holds a result"});
  here.write("chosen.json", told(here, "best/tuned.json")["scenario"]);
  done(here, {"run", "chosen.json", "--out", "chosen"});
  done(here, {"run", "tuned.json", "--out", "whole"});
  check_same(here, "chosen", "whole", {"trajectory.csv", "summary.csv"});
  check_same(here, "best", "whole", {"tuned.csv"});
  check_refused(here.laconic({"tune", "chosen.json"}),
                {"chosen.json: /: missing \"tune\": expected an object such as"});
}

TEST_CASE("claims are judged with the best values, and again without a run") {
  const Faults here;
  json source = the_scenario(here);
  source["claims"] = {{{"of", "GD"}, {"metric", "round"}, {"to", {{"loss", 20}}}, {"at_most", 50}}};
  here.write("c.json", source);
  CHECK(done(here, {"check", "c.json", "--out", "r"}).out.find("holds") != std::string::npos);
  done(here, {"check", "c.json", "--out", "r", "--judge-only"});
  source["tune"]["refine"] = 3;
  here.write("c.json", source);
  check_refused(here.laconic({"check", "c.json", "--out", "r", "--judge-only"}), {"of another scenario"});
}

TEST_CASE("a claim is judged on the interval over seeds, of 95 % unless it says otherwise") {
  const Faults here;
  json source = the_scenario(here);
  source.erase("tune");
  source["algorithms"] = {{{"method", "sgd"}, {"label", "SGD"}, {"batch", 5}, {"step", 0.01}}};
  source["data"]["seed"] = 1;
  source["stop"] = {{"rounds", 400}, {"loss", 16}};
  source["sweep"] = {{"/seed", {1, 2, 3, 4, 5}}};
  const auto verdict = [&](double most, const json& confidence) {
    source["claims"] = {{{"of", "SGD"}, {"metric", "round"}, {"to", {{"loss", 16}}}, {"at_most", most}}};
    if (!confidence.is_null()) source["claims"][0]["confidence"] = confidence;
    here.write("c.json", source);
    here.laconic({"check", "c.json", "--out", "r", "--force"});
    return told(here, "r/tuned/claims.json")["claims"][0];
  };
  const json sure = verdict(1e6, 0.95);
  CHECK(sure["verdict"] == "holds");
  const double low = sure["interval"][0], high = sure["interval"][1], median = sure["value_of"];
  CHECK(low < median);
  CHECK(median < high);
  CHECK(low >= sure["range"][0]);
  CHECK(high <= sure["range"][1]);
  const json open = verdict((median + high) / 2, 0.95);
  CHECK(open["verdict"] == "not decidable");
  CHECK(open["why"] == "not decided by 5 seeds");
  CHECK(verdict(low - 1, 0.95)["verdict"] == "fails");
  CHECK(verdict((median + high) / 2, nullptr) == open);
  CHECK(verdict((median + high) / 2, 0.95) == open);  // the resampling is seeded
  check_refused(here.laconic({"check", "c.json", "--set", "/claims/0/confidence=2", "--out", "s"}),
                {"/claims/0/confidence: expected a number from 0.5 to 0.999"});
}

TEST_CASE("draws are seeded and alike for all, and the best at an edge and missed targets are told") {
  const Faults here;
  const auto drawn = [&](const char* out, const char* seed) {
    here.laconic({"tune", "tuned.json", "--out", out, "--seed", seed, "--set",
                  R"(/tune={"random": 5, "log": {"step": [1e-3, 1]}, "grid": {"local_steps": [1, 2]}})"});
    return text_of(here.path / out / "tuned.csv");
  };
  const std::string table = drawn("a", "1");
  CHECK(std::count(table.begin(), table.end(), '\n') == 1 + 2 * 5 * 3);
  CHECK(drawn("b", "1") == table);
  CHECK(drawn("c", "2") != table);
  const auto tried = [&](const char* label) {
    std::string values;
    for (int trial = 1; trial <= 5; ++trial) {
      const std::string start = "tuned," + std::string(label) + ',' + std::to_string(trial) + ',';
      const auto at = table.find(start) + start.size();
      values += table.substr(at, table.find(",101,", at) - at) + ' ';
    }
    return values;
  };
  CHECK(tried("GD") == tried("SGD"));

  const Finished edge =
      here.laconic({"tune", "tuned.json", "--out", "e", "--set", R"(/tune={"grid": {"step": [0.001, 0.01]}})"});
  CHECK(edge.err.find("tuned.json: warning: /tune/grid/step: GD's best step, 0.01, is the largest that was tried: a "
                      "better one may lie beyond\n") != std::string::npos);
  const Finished nobody = here.laconic({"tune", "tuned.json", "--out", "n", "--set", "/stop/rounds=1"});
  CHECK(nobody.err.find(
            "tuned.json: warning: /stop/loss: no trial of any algorithm reached the target with most seeds") !=
        std::string::npos);
}

TEST_CASE("what is wrong with what is to be tuned is refused before anything runs, at its place") {
  const Faults here;
  const auto refused = [&](const char* set, const std::vector<std::string>& words) {
    INFO(set);
    for (const char* command : {"run", "tune", "validate"})
      check_refused(here.laconic({command, "tuned.json", "--set", set}), words);
  };
  refused(R"(/tune/grid={"k": [1, 2]})", {"tuned.json: /tune/grid/k: \"k\" means nothing to gd"});
  refused(R"(/tune/grid={"local_steps": [1, -1]})",
          {"tuned.json: /tune/grid/local_steps: expected a whole number", "-1"});
  refused(R"(/algorithms/1/tune={"grid": {"step": [0.1, "fast"]}, "refine": false})",
          {": /algorithms/1/tune/grid/step: ", "\"fast\""});
  refused(R"(/algorithms/1/tune=true)", {"/algorithms/1/tune: expected false, or an object, got true"});
  refused(R"(/tune/by={"to": {"loss": 0.1}})", {"/tune/by/to/loss: no model reaches 0.1: the least loss is "});
  refused("/stop/loss=0.1", {"/stop/loss: no model reaches 0.1: the least loss is "});
  refused(R"(/tune/by={"metric": "loss", "to": {"loss": 19}})", {"/tune/by/to: ", "budget"});
  refused(R"(/tune/by={"metric": "uploads", "to": {"rounds": 9}})", {"/tune/by/to: ", "target"});
  refused(R"(/tune/by={"metric": "los"})", {"/tune/by/metric: ", "did you mean \"loss\"?"});
  refused("/tune/seeds=[1]", {"/tune/seeds: expected other seeds than those of the runs that are compared, got 1"});
  refused(R"(/tune/log={"step": [0.1, 0.01, 3]})", {"/tune/log/step: expected two positive numbers"});
  refused(R"(/tune/log={"step": [0.1, 1]})", {"/tune/log/step: ", "how many values"});
  refused(R"(/tune/grid={"step": [0.1]})", {"/tune/log/step: stands in \"grid\", too"});
  refused(R"(/tune={"seeds": [101]})", {"/tune: missing \"grid\" or \"log\""});
  refused(R"(/tune={"grid": {"local_steps": [1, 2]}, "refine": true})", {"/tune/refine: nothing to refine"});
  refused(R"(/tune={"grid": {"step": [0.1, 0.2]}, "random": 2})",
          {"/tune/random: expected fewer than the 2 combinations"});
  refused(R"(/tune/grid={"label": ["a"]})", {"/tune/grid/label: cannot be tuned"});
  refused(R"(/sweep={"/algorithms/0/step": [0.1, 0.2]})",
          {"/sweep: \"/algorithms/0/step\": changes what /tune/log/step tunes"});
  check_refused(here.laconic({"sweep", "tuned.json", "--set", R"(/sweep={"/tune/seeds": [[1], [2]]})"}),
                {"\"/tune/seeds\": cannot be swept"});
}
