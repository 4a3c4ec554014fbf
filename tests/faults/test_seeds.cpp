#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/faults/faults.hpp"

// Seeds are added until the results are as sure as is asked for.

using namespace laconic::tests;
using nlohmann::json;

namespace {

json noisy(const Faults& here, const json& seeds) {
  json out = json::parse(text_of(here.path / "tuned.json"));
  out.erase("tune");
  out["algorithms"] = {{{"method", "gd"}, {"label", "GD"}, {"step", 0.01}},
                       {{"method", "sgd"}, {"label", "SGD"}, {"step", 0.01}, {"batch", 5}}};
  out["data"]["seed"] = 1;
  out["stop"] = {{"rounds", 400}, {"loss", 16}};
  if (!seeds.is_null()) out["seeds"] = seeds;
  return out;
}

Finished done(const Faults& here, const json& source, const std::vector<std::string>& command) {
  here.write("s.json", source);
  Finished run = here.laconic(command);
  INFO(run.err);
  CHECK(run.code == 0);
  return run;
}

json told(const Faults& here, const char* folder) { return json::parse(text_of(here.path / folder / "sweep.json")); }

void check_same(const Faults& here, const char* one, const char* other) {
  for (const char* file : {"trajectory.csv", "summary.csv"}) {
    INFO(file);
    CHECK(text_of(here.path / one / file).size() > 0);
    CHECK(text_of(here.path / one / file) == text_of(here.path / other / file));
  }
}

json listed(json source, std::size_t n) {
  source.erase("seeds");
  for (std::size_t seed = 1; seed <= n; ++seed) source["sweep"]["/seed"].push_back(seed);
  return source;
}

}  // namespace

TEST_CASE("law: enough seeds are the sweep over them, in whatever processes they run") {
  const Faults here;
  const json asked = noisy(here, {{"until", 0.01}, {"most", 8}});
  const Finished run = done(here, asked, {"run", "s.json", "--out", "one", "--jobs", "1"});
  done(here, asked, {"run", "s.json", "--out", "two", "--jobs", "2"});
  done(here, listed(noisy(here, {}), 8), {"sweep", "s.json", "--out", "listed"});
  check_same(here, "one", "two");
  check_same(here, "one", "listed");
  const json seeds = told(here, "one")["seeds"];
  CHECK(seeds == told(here, "two")["seeds"]);
  CHECK(seeds["ran"] == 8);
  CHECK(seeds["widest"] > 0.01);
  CHECK(seeds["words"].get<std::string>().starts_with("8 seeds, still "));
  CHECK(run.out.find(seeds["words"].get<std::string>() + '\n') != std::string::npos);
  CHECK(run.out.find("95 % interval") != std::string::npos);
}

TEST_CASE("as few seeds are run as are enough, at every point of a sweep") {
  const Faults here;
  json asked = noisy(here, {{"until", 1}, {"most", 30}});
  done(here, asked, {"run", "s.json", "--out", "few"});
  CHECK(told(here, "few")["seeds"]["words"] == "5 seeds: intervals within 100 %");
  asked["algorithms"].erase(1);  // which no seed changes
  asked["seeds"]["until"] = 1e-6;
  asked["sweep"] = {{"/platform/latency", {"1ms", "9ms"}}};
  done(here, asked, {"sweep", "s.json", "--out", "same"});
  CHECK(told(here, "same")["seeds"]["ran"] == 5);
  CHECK(told(here, "same")["seeds"]["widest"] == 0);
  CHECK(told(here, "same")["points"] == 10);
  // Costs of seeds that are sure grow with what is asked for.
  std::size_t before = 0;
  for (const double until : {0.5, 0.1, 0.02}) {
    done(here, noisy(here, {{"until", until}, {"most", 12}}), {"run", "s.json", "--out", "more", "--force"});
    const std::size_t ran = told(here, "more")["seeds"]["ran"];
    CHECK(ran >= before);
    before = ran;
  }
  // A target that nobody ever reaches is no doubt; one that some seeds miss is.
  json far = noisy(here, {{"until", 0.1}, {"most", 6}});
  far["stop"]["loss"] = 1e-9;
  done(here, far, {"run", "s.json", "--out", "far"});
  CHECK(told(here, "far")["seeds"]["ran"] == 5);
}

TEST_CASE("enough seeds of a tuned scenario are the tuned sweep over them, and claims are judged over them") {
  const Faults here;
  json asked = noisy(here, {{"until", 0.3}, {"most", 6}, {"metric", "round"}});
  asked["tune"] = {{"grid", {{"step", {0.003, 0.01}}}}};
  asked["claims"] = {{{"of", "SGD"}, {"metric", "round"}, {"to", {{"loss", 16}}}, {"at_most", 1e6}}};
  const Finished run = done(here, asked, {"check", "s.json", "--out", "checked"});
  CHECK(run.out.find("holds") != std::string::npos);
  const std::size_t ran = told(here, "checked/tuned")["seeds"]["ran"];
  done(here, asked, {"check", "s.json", "--out", "checked", "--judge-only"});
  done(here, listed(asked, ran), {"sweep", "s.json", "--out", "listed"});
  check_same(here, "checked/tuned", "listed");
  CHECK(text_of(here.path / "checked/tuned/tuned.csv") == text_of(here.path / "listed/tuned.csv"));
}

TEST_CASE("a scenario with seeds that was killed goes on: none lost, none twice") {
  const Faults here;
  json asked = noisy(here, {{"until", 1e-6}, {"most", 6}});
  asked["sweep"] = {{"/platform", {{{"type", "star"}}, {{"type", "star"}, {"latency", "2ms"}}, {{"file", "l.json"}}}}};
  here.write("s.json", asked);
  REQUIRE(mkfifo((here.path / "l.json").c_str(), 0600) == 0);  // two seeds at a time wait for the third network
  REQUIRE(mkfifo((here.path / ".err").c_str(), 0600) == 0);
  const pid_t stuck = here.start({"sweep", "s.json", "--out", "r", "--jobs", "2", "--progress", "always"}, true);
  std::string shown;
  {
    std::ifstream progress(here.path / ".err");
    for (char c; shown.find("8/30 runs done") == std::string::npos && progress.get(c);) shown += c;
    kill(-stuck, SIGKILL);
  }
  waitpid(stuck, nullptr, 0);
  fs::remove(here.path / ".err");
  fs::remove(here.path / "l.json");
  here.write("l.json", {{"type", "star"}, {"latency", "3ms"}});
  CHECK(!fs::exists(here.path / "r/sweep.json"));
  done(here, asked, {"sweep", "s.json", "--out", "r"});
  done(here, asked, {"sweep", "s.json", "--out", "whole"});
  check_same(here, "r", "whole");
  CHECK(told(here, "r")["seeds"] == told(here, "whole")["seeds"]);
  CHECK(names_in(here.path / "r") == std::vector<std::string>{"summary.csv", "sweep.json", "trajectory.csv"});
}

TEST_CASE("seeds that cannot be enough are refused before anything runs") {
  const Faults here;
  const auto refused = [&](const json& seeds, const json& change, const std::vector<std::string>& words,
                           const std::vector<std::string>& command = {"validate", "s.json"}) {
    json source = noisy(here, seeds);
    source.merge_patch(change);
    here.write("s.json", source);
    check_refused(here.laconic(command), words);
  };
  refused({{"until", 0}}, json::object(), {"/seeds/until: expected a number above 0, at most 1, got 0"});
  refused({{"most", 9}}, json::object(), {"/seeds: missing \"until\""});
  refused({{"until", 0.1}, {"most", 4}}, json::object(),
          {"/seeds/most: expected a whole number from 5 to 10000, got 4"});
  refused({{"until", 0.1}, {"metric", "loss"}}, json::object(), {"/seeds/metric"});
  refused({{"until", 0.1}}, {{"sweep", {{"/seed", {1, 2}}}}}, {"/seeds: and \"/seed\" of /sweep both say"});
  refused({{"until", 0.1}}, {{"stop", {{"loss", nullptr}}}},
          {"/seeds: are enough when it is sure what a target costs"});
  refused({{"until", 0.1}, {"metric", "sim_time_s"}}, {{"platform", nullptr}}, {"/: missing \"platform\""});
  refused({{"until", 0.1}}, {{"sweep", {{"/seeds/until", {0.1, 0.2}}}}}, {"\"/seeds/until\": cannot be swept"});
  refused({{"until", 0.1}, {"most", 200}}, {{"tune", {{"grid", {{"step", {0.1}}}}}}}, {"/tune/seeds: expected other"});
  refused({{"until", 0.1}}, {{"sweep", {{"/workers", {3, 4}}}}}, {"/seeds: how many are enough is known when all"},
          {"sweep", "s.json", "--shard", "1/2"});
  refused({{"until", 0.1}}, json::object(), {"--timeline: a scenario with \"seeds\" runs many times"},
          {"run", "s.json", "--timeline", "t.json"});
  CHECK(done(here, noisy(here, {{"until", 0.1}}), {"validate", "s.json"}).out.find(", 5 to 30 seeds") !=
        std::string::npos);
}
