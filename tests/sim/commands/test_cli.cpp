#include <signal.h>
#include <sys/stat.h>

#include <cstdlib>
#include <limits>

#include "tests/real_data.hpp"
#include "tests/sim/program.hpp"
#include "tests/sim/runs.hpp"

// The program as its users meet it: exit codes, files, and what it prints.

using namespace laconic::tests;
using nlohmann::json;

namespace {

const std::vector<std::string> result_files{"run.json", "run.trace", "summary.csv", "trajectory.csv"};

json three_algorithms() {
  json source = small_scenario();
  source["algorithms"] = {
      {{"method", "gd"}, {"label", "GD"}}, {{"method", "lag-wk"}}, {{"method", "sgd"}, {"step", 0.1}, {"batch", 4}}};
  return source;
}

}  // namespace

TEST_CASE("run writes four files and a table, and says where") {
  const Folder here;
  here.write("s.json", three_algorithms());
  const auto run = here.laconic({"run", "s.json"});
  CHECK(run.code == 0);
  CHECK(run.err.empty());
  for (const char* word : {"algorithm", "rounds", "uploads", "bits up", "bits down", "simulated time", "loss_gap", "GD",
                           "lag-wk", "results in results/small"})
    CHECK(run.out.find(word) != std::string::npos);
  CHECK(names_in(here.path / "results/small") == result_files);

  const auto rows = csv(text_of(here.path / "results/small/trajectory.csv"));
  REQUIRE(rows.size() == 1 + 3 * 21);
  CHECK(rows[0] == std::vector<std::string>{"scenario",      "algorithm",      "seed",          "round",
                                            "iterations",    "sim_time_s",     "loss",          "loss_gap",
                                            "grad_norm",     "accuracy",       "uploads",       "downloads",
                                            "upload_bits",   "download_bits",  "wire_bytes_up", "wire_bytes_down",
                                            "compute_s",     "flops",          "late",          "lost",
                                            "energy_j",      "staleness_mean", "staleness_max", "consensus",
                                            "comm_hidden_s", "comm_exposed_s"});
  for (const auto& row : rows) CHECK(row.size() == columns);
  CHECK(rows[1][scenario_] == "small");
  CHECK(rows[1][algorithm] == "GD");
  CHECK(rows.back()[algorithm] == "sgd");

  const auto summary = csv(text_of(here.path / "results/small/summary.csv"));
  REQUIRE(summary.size() == 4);
  // The last row of each trajectory, and why it ended.
  CHECK(std::equal(rows[21].begin(), rows[21].end(), summary[1].begin()));
  CHECK(summary[1][columns] == "rounds");
}

TEST_CASE("run.json tells what was run") {
  const Folder here;
  json source = three_algorithms();
  here.write("s.json", source);
  REQUIRE(here.laconic({"run", "s.json", "--out", "r", "--seed", "5", "--set", "/platform/latency=3ms"}).code == 0);
  const json told = json::parse(text_of(here.path / "r/run.json"));
  source["seed"] = 5;
  source["platform"]["latency"] = "3ms";
  CHECK(told["scenario"] == source);
  CHECK(told["seed"] == 5);
  CHECK(told["status"] == "complete");
  CHECK(told["file"] == "s.json");
  CHECK(told["formats"] == json{{"json", 1}, {"csv", 1}});
  for (const char* key : {"laconic", "simgrid", "eigen", "compiler"}) CHECK(told["versions"].contains(key));
  CHECK(told["data"]["digest"].get<std::string>().starts_with("xxh3-128:"));
  CHECK(told["data"]["samples"] == 60);
  CHECK(told["problem"]["L_m"].size() == 3);
  CHECK(told["algorithms"].size() == 3);
  CHECK(told["wall_time_s"].is_number());
  // It is a scenario again.
  here.write("again.json", told["scenario"]);
  REQUIRE(here.laconic({"run", "again.json", "--out", "q"}).code == 0);
  CHECK(text_of(here.path / "q/trajectory.csv") == text_of(here.path / "r/trajectory.csv"));
}

TEST_CASE("the same seed gives the same bytes, for any number of jobs, another seed others") {
  const Folder here;
  here.write("s.json", three_algorithms());
  for (const auto& [out, jobs] : {std::pair{"a", "1"}, {"b", "2"}, {"c", "7"}})
    REQUIRE(here.laconic({"run", "s.json", "--out", out, "--jobs", jobs}).code == 0);
  for (const char* file : {"trajectory.csv", "summary.csv"}) {
    CHECK(text_of(here.path / "a" / file) == text_of(here.path / "b" / file));
    CHECK(text_of(here.path / "a" / file) == text_of(here.path / "c" / file));
  }
  REQUIRE(here.laconic({"run", "s.json", "--out", "d", "--seed", "2"}).code == 0);
  CHECK(text_of(here.path / "a/trajectory.csv") != text_of(here.path / "d/trajectory.csv"));
}

TEST_CASE("the same bytes for any number of threads, where there is enough to compute for them") {
  const Folder here;
  json source = three_algorithms();
  source["data"] = {{"type", "gaussian"}, {"samples", 6000}, {"features", 40}};
  source["stop"] = {{"rounds", 5}};
  here.write("s.json", source);
  for (const auto& [out, threads] : {std::pair{"a", "1"}, {"b", "2"}, {"c", "5"}})
    REQUIRE(here.laconic({"run", "s.json", "--out", out, "--threads", threads, "--jobs", "1"}).code == 0);
  for (const char* other : {"b", "c"})
    CHECK(text_of(here.path / "a/trajectory.csv") == text_of(here.path / other / "trajectory.csv"));
}

TEST_CASE("an existing result is never overwritten without --force") {
  const Folder here;
  here.write("s.json", small_scenario());
  REQUIRE(here.laconic({"run", "s.json", "--out", "r"}).code == 0);
  const auto again = here.laconic({"run", "s.json", "--out", "r", "--seed", "3"});
  CHECK(again.code == 2);
  CHECK(again.err == "--out: r already holds a result; --force replaces it\n");
  CHECK(text_of(here.path / "r/trajectory.csv").find("small,gd,1,") != std::string::npos);
  CHECK(here.laconic({"run", "s.json", "--out", "r", "--seed", "3", "--force"}).code == 0);
  CHECK(text_of(here.path / "r/trajectory.csv").find("small,gd,3,") != std::string::npos);

  // Without --out a new folder is taken.
  for (int i = 0; i < 3; ++i) CHECK(here.laconic({"run", "s.json"}).code == 0);
  CHECK(names_in(here.path / "results") == std::vector<std::string>{"small", "small-2", "small-3"});
}

TEST_CASE("an output that cannot be written is told before anything runs") {
  const Folder here;
  here.write("s.json", small_scenario());
  std::ofstream(here.path / "file") << "x";
  const auto blocked = here.laconic({"run", "s.json", "--out", "file/r"});
  CHECK(blocked.code == 2);
  CHECK(blocked.err == "--out: cannot make the folder file/r: Not a directory\n");
  CHECK(here.laconic({"run", "s.json", "--out", "file"}).code == 2);
  if (geteuid() == 0) {
    WARN("skipped: root may write anywhere");
    return;
  }
  fs::create_directory(here.path / "locked");
  fs::permissions(here.path / "locked", fs::perms::owner_read);
  const auto locked = here.laconic({"run", "s.json", "--out", "locked"});
  CHECK(locked.code == 2);
  CHECK(locked.err == "--out: cannot write into locked: Permission denied\n");
}

TEST_CASE("a wrong input is code 2, a line on stderr, nothing on stdout, and no result") {
  const Folder here;
  here.write("s.json", small_scenario());
  std::ofstream(here.path / "bad.json") << "{\n  \"name\": }";
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"run", "none.json"}, "none.json: cannot read: No such file or directory\n"},
      {{"run", "."}, ".: is a folder, not a file\n"},
      {{"run", "bad.json"},
       "bad.json:2:11: not JSON: parsing value - unexpected '}'; expected '[', '{', or a literal\n"},
      {{"run", "s.json", "--set", "/workers=0"},
       "s.json: /workers: expected a whole number from 1 to 1000000, got 0\n"},
      {{"run", "s.json", "--set", "/problem/l2=1e400"},
       "s.json: /problem/l2: expected a number that is not negative, got \"1e400\"\n"},
      {{"run", "s.json", "--set", "/algorithms/0/method=gdd"}, "did you mean \"gd\"?"},
      {{"run", "s.json", "--set", "/a/b=1"}, "--set /a/b: there is no \"a\""},
      {{"run", "s.json", "--set", "x"}, "--set: expected /pointer=value, e.g. /platform/latency=10ms, got \"x\"\n"},
      {{"run", "s.json", "--jobs", "0"}, "--jobs: expected a whole number from 1 to 4096, got \"0\""},
      {{"run", "s.json", "--threads", "many"}, "--threads: expected a whole number from 1 to 4096, got \"many\""},
      {{"run", "s.json", "--seed", "-1"}, "--seed: expected a whole number from 0 to 2^53, got \"-1\""},
      {{"run", "s.json", "--progress", "maybe"},
       "--progress: expected \"auto\", \"always\" or \"never\", got \"maybe\""},
      {{"run"}, "laconic run: SCENARIO is required; `laconic run --help` shows the options\n"},
      {{"run", "s.json", "--frob"}, "laconic run: The following argument was not expected: --frob; "},
      {{"runn", "s.json"},
       "laconic: expected \"run\", \"sweep\", \"tune\", \"replay\", \"deploy\", \"check\", \"calibrate\", \"validate\", \"data\", "
       "\"platform\", \"list\", \"describe\", \"bench\", \"pages\", \"plot\", \"report\" or \"compare\", got \"runn\" (did you mean \"run\"?)\n"},
      {{}, "laconic: A subcommand is required; `laconic --help` shows the options\n"},
      {{"describe", "lag-w"}, "describe: nothing is called \"lag-w\" (did you mean \"lag-wk\"?)"},
      {{"list", "stuff"}, "list: expected \"methods\", "},
  };
  for (const auto& [arguments, message] : cases) {
    const auto run = here.laconic(arguments);
    INFO(message);
    CHECK(run.code == 2);
    CHECK(run.out.empty());
    CHECK(run.err.find(message) != std::string::npos);
    CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
  }
  CHECK_FALSE(fs::exists(here.path / "results"));
}

TEST_CASE("validate judges several files, list and describe answer, --version tells versions") {
  const Folder here;
  here.write("a.json", small_scenario());
  json wrong = small_scenario();
  wrong["workers"] = 0;
  here.write("b.json", wrong);
  const auto both = here.laconic({"validate", "a.json", "b.json"});
  CHECK(both.code == 2);
  CHECK(both.out.find("a.json: ok: 1 algorithm, 3 workers, gaussian") == 0);
  CHECK(both.err == "b.json: /workers: expected a whole number from 1 to 1000000, got 0\n");
  CHECK(here.laconic({"validate", "a.json"}).code == 0);
  CHECK_FALSE(fs::exists(here.path / "results"));
  CHECK(here.laconic({"list", "methods"}).out.find("lag-wk") != std::string::npos);
  CHECK(here.laconic({"describe", "lag-wk"}).out.find("Bits: w d up, w d down") != std::string::npos);
  CHECK(here.laconic({"--version"}).out.find("laconic 0.") == 0);
  CHECK(here.laconic({"--help"}).code == 0);
}

TEST_CASE("the manual page and the shells' completion name every subcommand, and another kind is refused") {
  const Folder here;
  const std::string help = here.laconic({"--help"}).out;
  std::vector<std::string> commands;
  std::istringstream lines(help.substr(help.find("Subcommands:")));
  for (std::string line, word; std::getline(lines, line);)
    if (line.starts_with("  ") && std::istringstream(line) >> word) commands.push_back(word);
  CHECK(commands.size() >= 12);
  for (const char* kind : {"bash", "man", "zsh"}) {
    const auto run = here.laconic({"pages", kind});
    CHECK(run.code == 0);
    for (const auto& command : commands) {
      INFO(kind << ' ' << command);
      CHECK(run.out.find(command) != std::string::npos);
    }
  }
  const auto wrong = here.laconic({"pages", "zhs"});
  CHECK(wrong.code == 2);
  CHECK(wrong.err == "pages: expected \"bash\", \"man\" or \"zsh\", got \"zhs\" (did you mean \"zsh\"?)\n");
}

TEST_CASE("data shows what each worker holds, before anything runs") {
  const Folder here;
  json source = small_scenario();
  std::ofstream(here.path / "a.csv") << "x,kind\n1,cat\n-1,dog\n2,cat\n-3,dog\n1,dog\n5,cat\n";
  source["data"] = {{"type", "csv"}, {"path", "a.csv"}, {"partition", "by-label"}, {"test", {{"path", "a.csv"}}}};
  here.write("s.json", source);
  const auto told = here.laconic({"data", "s.json"});
  CHECK(told.err == "");
  CHECK(told.code == 0);
  CHECK(
      told.out.starts_with("a.csv\n  6 samples x 1 features, dense; 6 samples to test on\n"
                           "  2 classes: cat (50.0 %), dog (50.0 %)\n"));
  CHECK(told.out.find("worker  samples  of cat  of dog") != std::string::npos);
  CHECK(told.out.find("\n0             2       2       0") != std::string::npos);
  CHECK(told.out.find("\n1             2       1       1") != std::string::npos);
  CHECK(told.out.find("heterogeneity: at the optimum") != std::string::npos);
  CHECK(!fs::exists(here.path / "results"));
  // Without a known optimum, at the start; without classes, the labels' mean.
  source["problem"] = {{"type", "least-squares"}, {"nonconvex", 0.1}};
  source["data"] = {{"type", "csv"}, {"path", "b.csv"}};
  std::ofstream(here.path / "b.csv") << "1,0.5\n2,0.25\n3,4\n";
  here.write("s.json", source);
  const auto real = here.laconic({"data", "s.json"});
  CHECK(real.out.find("mean label") != std::string::npos);
  CHECK(real.out.find("at the start the workers' gradients have a mean of norm") != std::string::npos);
  // No data at all.
  source.erase("data");
  source["problem"] = {{"type", "toy"}, {"function", "quadratic"}};
  here.write("s.json", source);
  CHECK(here.laconic({"data", "s.json"}).out.starts_with("no data\n"));
}

TEST_CASE("platform in JSON: ranges over the workers, and no picture") {
  const Folder here;
  json source = small_scenario();
  source["platform"]["bandwidth"] = {"8Mbps", "16Mbps", "80Mbps"};
  source["platform"]["worker_speed"] = {"1Mf", "5Mf", "3Mf"};
  here.write("s.json", source);
  const auto run = here.laconic({"platform", "s.json", "--json"});
  CHECK(run.code == 0);
  CHECK(run.err.empty());
  const json both{{"latency", {0.01, 0.01}}, {"bandwidth", {1e6, 1e7}}};
  CHECK(json::parse(run.out) == json{{"type", "star"},
                                     {"hosts", 4},
                                     {"links", 8},
                                     {"server", {{"host", "server"}, {"speed", 1e11}}},
                                     {"workers", {{"count", 3}, {"speed", {1e6, 5e6}}}},
                                     {"down", both},
                                     {"up", both}});
  CHECK_FALSE(fs::exists(here.path / "results"));
}

TEST_CASE("platform shows a scenario's network, a block's, and SimGrid's, and draws them") {
  const Folder here;
  here.write("s.json", small_scenario());
  const auto scenario_shown = here.laconic({"platform", "s.json"});
  CHECK(scenario_shown.code == 0);
  CHECK(scenario_shown.err.empty());
  CHECK(scenario_shown.out.find("s.json: star: a server and 3 workers on 4 hosts, joined by 8 links\n"
                                "server: server, 100 Gf, 1 core\n") == 0);
  CHECK(scenario_shown.out.find("worker      host  speed  links  latency  bandwidth\n"
                                "0       worker-0   1 Mf      2    10 ms     8 Mbps\n") != std::string::npos);
  CHECK(scenario_shown.out.find("\nworker-0_UP  ") != std::string::npos);
  CHECK(text_of(here.path / "results/platforms/s.dot").find("graph platform {") == 0);

  const fs::path ready = fs::path(LACONIC_SOURCE_DIR) / "platforms/ready/torus-4x4.json";
  const auto block = here.laconic({"platform", ready, "--workers", "15", "--out", "pictures"});
  CHECK(block.code == 0);
  CHECK(block.out.find(": torus: a server and 15 workers on 16 hosts") != std::string::npos);
  CHECK(fs::exists(here.path / "pictures/torus-4x4.dot"));
  const auto bent = here.laconic({"platform", "s.json", "--set", "/platform/latency=3ms"});
  CHECK(bent.out.find("3 ms     8 Mbps") != std::string::npos);

  std::ofstream(here.path / "p.xml") << R"(<?xml version="1.0"?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <cluster id="c" prefix="n" suffix="" radical="0-99" speed="1Mf" bw="1MBps" lat="10ms"/>
</platform>)";
  const auto xml = here.laconic({"platform", "p.xml"});
  CHECK(xml.code == 0);
  CHECK(xml.out.find("p.xml: file: a server and 99 workers on 100 hosts") == 0);
  CHECK(xml.out.find("... 69 more workers: --all shows them\n") != std::string::npos);
  CHECK(here.laconic({"platform", "p.xml", "--all"}).out.find("--all shows") == std::string::npos);
  CHECK(text_of(here.path / "results/platforms/p.dot").find("48 of 99 workers are drawn") != std::string::npos);
  CHECK(here.laconic({"platform", "p.xml", "--workers", "5"}).out.find("a server and 5 workers") != std::string::npos);

  std::ofstream(here.path / "bad.xml") << "<platform";
  const auto bad = here.laconic({"platform", "bad.xml"});
  CHECK(bad.code == 2);
  CHECK(bad.out.empty());
  CHECK(bad.err.find("bad.xml, line 1: no XML: ") != std::string::npos);
  CHECK(std::count(bad.err.begin(), bad.err.end(), '\n') == 1);
  const auto too_many = here.laconic({"platform", ready, "--workers", "16"});
  CHECK(too_many.code == 2);
  CHECK(too_many.err.find("/platform/dimensions: makes 16 nodes, which hold the server and 15 workers") !=
        std::string::npos);
  const auto none = here.laconic({"platform", "s.json", "--set", "/platform={\"type\":\"none\"}"});
  CHECK(none.code == 2);
  CHECK(none.err == "s.json: /platform: has no network to show\n");
  CHECK(here.laconic({"platform", "no.json"}).code == 2);
  CHECK(here.laconic({"platform", "no.xml"}).err == "no.xml: cannot read: No such file or directory\n");
}

TEST_CASE("validate finds a platform's mistakes, and a run that SimGrid would end never starts") {
  const Folder here;
  json source = small_scenario();
  std::ofstream(here.path / "apart.xml") << R"(<?xml version="1.0"?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1"><zone id="z" routing="Full">
  <host id="a" speed="1Gf"/><host id="b" speed="1Gf"/><host id="c" speed="1Gf"/><host id="d" speed="1Gf"/>
</zone></platform>)";
  source["platform"] = {{"file", "apart.xml"}};
  here.write("s.json", source);
  for (const char* command : {"validate", "run"}) {
    const auto told = here.laconic({command, "s.json"});
    CHECK(told.code == 2);
    CHECK(told.err == "s.json: /platform: no way from a to b: no link lies between them\n");
  }
  CHECK_FALSE(fs::exists(here.path / "results"));
}

// Everything is read and built, but of files the first samples alone: optima and eigenvalues of MNIST take long.
TEST_CASE("the scenarios that come with Laconic are valid, and none is warned of") {
  const Folder here;
  setenv("LACONIC_DATA", real_data().c_str(), 1);
  std::vector<fs::directory_entry> entries;
  for (const char* folder : {"scenarios", "scenarios/sweeps"})
    for (const auto& entry : fs::directory_iterator(fs::path(LACONIC_SOURCE_DIR) / folder)) entries.push_back(entry);
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename();
    if (!name.ends_with(".json") || name == "schema.json") continue;
    INFO(name);
    std::vector<std::string> command{"validate", entry.path()};
    const json source = json::parse(text_of(entry.path()));
#ifndef LACONIC_HAS_TORCH
    if (source.value(json::json_pointer("/problem/type"), "") == "neural") continue;
#endif
    const std::string data = source.value(json::json_pointer("/data/type"), "");
    if (data == "idx") command.insert(command.end(), {"--set", "/data/rows=4000"});
    if (data == "csv" || data == "libsvm") command.insert(command.end(), {"--set", "/data/rows=1000"});
    const auto run = here.laconic(command);
    INFO(run.err);
    if (run.err.find(": no such file: looked for") != std::string::npos) {
      WARN("skipped: " << name << " needs its data in $LACONIC_DATA");
      continue;
    }
    CHECK(run.code == 0);
    CHECK(run.err.empty());  // no warning either
  }
}

TEST_CASE("a network trains alike for any number of jobs, with a network between the workers or without") {
  const Folder here;
  json source = small_scenario();
  source["problem"] = {{"type", "neural"}, {"model", {{"type", "mlp"}, {"layers", {4}}}}};
  source["algorithms"] = {{{"method", "sgd"}, {"step", 0.1}, {"batch", 4}},
                          {{"method", "lasg-wk2"}, {"step", 0.1}, {"batch", 4}},
                          {{"method", "sgd"},
                           {"label", "low-rank"},
                           {"step", 0.1},
                           {"batch", 4},
                           {"compressor", "low-rank"},
                           {"memory", "error-feedback"}},
                          {{"method", "topk-ams"}, {"step", 0.1}, {"batch", 4}, {"k", 0.2}, {"by_layer", true}}};
  source["record"] = {{"every", 10}, {"metrics", {"loss", "grad_norm", "accuracy"}}};
  here.write("s.json", source);
  const auto run = here.laconic({"run", "s.json", "--out", "a", "--jobs", "1"});
#ifdef LACONIC_HAS_TORCH
  CHECK(run.err == "");
  REQUIRE(run.code == 0);
  REQUIRE(here.laconic({"run", "s.json", "--out", "b", "--jobs", "3"}).code == 0);
  CHECK(text_of(here.path / "a/trajectory.csv") == text_of(here.path / "b/trajectory.csv"));
  REQUIRE(here.laconic({"run", "s.json", "--out", "c", "--set", "/platform={\"type\":\"none\"}"}).code == 0);
  const auto with = csv(text_of(here.path / "a/trajectory.csv")),
             without = csv(text_of(here.path / "c/trajectory.csv"));
  REQUIRE(with.size() == 1 + 4 * 3);
  REQUIRE(without.size() == with.size());
  for (std::size_t i = 1; i < with.size(); ++i)
    for (const Column column : {round_, loss, grad_norm, accuracy, uploads, upload_bits, flops})
      CHECK(with[i][column] == without[i][column]);
  // 5 x 4 and 4 x 2 with rank 1, 4 + 2 biases: w (5 + 4 + 4 + 2 + 6), 3 workers, 20 rounds.
  CHECK(with[9][upload_bits] == std::to_string(64 * 21 * 3 * 20));
  // ceil(0.2 of 20, 4, 8, 2): 4, 1, 2 and 1 entries with indices of 5, 2, 3 and 1 bits.
  CHECK(with[12][upload_bits] == std::to_string((64 * 8 + 4 * 5 + 2 + 2 * 3 + 1) * 3 * 20));
#else
  CHECK(run.code == 2);
  CHECK(
      run.err.starts_with("s.json: /problem/type: \"neural\" needs libtorch, which this build of Laconic is without"));
#endif
}

TEST_CASE("an interrupted run leaves complete rows and a clear state") {
  const Folder here;
  json source = three_algorithms();
  source["stop"]["rounds"] = 1000000000;
  source["record"]["every"] = 1000;
  here.write("s.json", source);
  REQUIRE(mkfifo((here.path / ".err").c_str(), 0600) == 0);
  const pid_t pid = here.start({"run", "s.json", "--out", "r", "--jobs", "2", "--progress", "always"});
  // Reading blocks until the progress line shows that rounds are being made.
  std::ifstream progress(here.path / ".err");
  std::string shown;
  for (char c; shown.find("rounds/s") == std::string::npos && progress.get(c);) shown += c;
  kill(pid, SIGINT);
  progress.ignore(std::numeric_limits<std::streamsize>::max());
  fs::remove(here.path / ".err");
  const auto run = here.finish(pid);
  CHECK(run.code == 3);
  CHECK(run.out.find("interrupted") != std::string::npos);
  CHECK(names_in(here.path / "r") == result_files);
  CHECK(json::parse(text_of(here.path / "r/run.json"))["status"] == "interrupted");
  const std::string text = text_of(here.path / "r/trajectory.csv");
  CHECK(text.back() == '\n');
  for (const auto& row : csv(text)) CHECK(row.size() == columns);
  const auto summary = csv(text_of(here.path / "r/summary.csv"));
  REQUIRE(summary.size() == 3);  // two were running
  CHECK(summary[1][columns] == "interrupted");
}
