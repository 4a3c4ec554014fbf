#include <fstream>

#include "tests/faults/faults.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

json workload_of(const std::vector<json>& algorithms) {
  return {{"name", "w"},
          {"workers", 4},
          {"problem", {{"type", "workload"}, {"model", "resnet-18"}, {"step_time", "150ms"}}},
          {"platform", {{"type", "star"}, {"bandwidth", "10Gbps"}, {"latency", "50us"}}},
          {"algorithms", algorithms},
          {"stop", {{"rounds", 3}}}};
}

Finished run_of(const Folder& here, const json& source, const std::vector<std::string>& words = {"run", "w.json"}) {
  std::ofstream(here.path / "w.json") << source.dump();
  return here.laconic(words);
}

}  // namespace

TEST_CASE("workloads: what a model or its gradients would decide is refused with the reason") {
  const Folder here;
  const auto refused = [&](const json& entry, const std::vector<std::string>& words) {
    check_refused(run_of(here, workload_of({entry})), words);
  };
  refused({{"method", "lag-wk"}}, {"/algorithms/0/method", "looks at gradients", "\"every\""});
  refused({{"method", "gd"}, {"trigger", "le"}}, {"/algorithms/0/trigger", "looks at gradients"});
  refused({{"method", "async-sgd"}}, {"/algorithms/0/method", "needs a problem that is learned"});
  refused({{"method", "gd"}, {"start", 1}}, {"/algorithms/0/start", "has no model"});
  refused({{"method", "sgd"}, {"batch", 8}}, {"/algorithms/0/batch", "/problem/batch"});
  refused({{"method", "gd"}, {"compressor", "top-k"}, {"k", 0.01}, {"collective", "ring-allreduce"}},
          {"/algorithms/0/compressor", "entries that each worker names"});
  json source = workload_of({{{"method", "gd"}}});
  source["stop"]["loss"] = 0.1;
  check_refused(run_of(here, source), {"/stop/loss", "learns nothing", "\"rounds\""});
  source["stop"].erase("loss");
  source["record"] = {{"metrics", {"loss"}}};
  check_refused(run_of(here, source), {"/record/metrics", "learns nothing"});
  source["record"] = {{"every", 1}};
  source["stop"]["loss_gap"] = 0.1;
  check_refused(run_of(here, source), {"learns nothing"});
  source["stop"].erase("loss_gap");
  source["claims"] = {{{"of", "gd"}, {"metric", "grad_norm"}, {"at_most", 1}}};
  check_refused(run_of(here, source), {"/claims/0", "learns nothing"});
  source["claims"] = {{{"of", "gd"}, {"metric", "sim_time_s"}, {"to", {{"rounds", 3}}}, {"at_most", 10}}};
  CHECK(run_of(here, source, {"check", "w.json"}).code == 0);
}

TEST_CASE(
    "workloads: 8 billion parameters on 1024 workers are validated and run, and a replay asks for the same hosts") {
  const Folder here;
  json source = workload_of(
      {{{"method", "gd"}},
       {{"method", "signsgd"}},
       {{"method", "gd"}, {"label", "top-k"}, {"compressor", "top-k"}, {"k", 0.001}, {"memory", "error-feedback"}},
       {{"method", "qsgd"}, {"bits", 4}},
       {{"method", "powersgd"}, {"rank", 4}},
       {{"method", "local-sgd"}, {"H", 30}}});
  source["workers"] = 1024;
  source["problem"]["model"] = "llama-3-8b";
  CHECK(run_of(here, source, {"validate", "w.json"}).code == 0);
  const Finished done = run_of(here, source, {"run", "w.json", "--out", "out", "--jobs", "1"});
  INFO(done.err);
  REQUIRE(done.code == 0);
  const Finished elsewhere = here.laconic({"replay", "out", "--platform", R"({"type": "star"})", "--out", "again"});
  check_refused(elsewhere, {"/platform", "what is learned depends on it"});
  const Finished replayed =
      here.laconic({"replay", "out", "--network", R"({"header": 100})", "--out", "again", "--progress", "never"});
  INFO(replayed.err);
  CHECK(replayed.code == 0);
}

TEST_CASE("workloads: list, describe and data show models and their layers") {
  const Folder here;
  CHECK(here.laconic({"list", "models"}).out.find("llama-3-8b") != std::string::npos);
  const std::string model = here.laconic({"describe", "resnet-50"}).out;
  for (const char* words : {"torchvision", "layer4.2.conv3.weight", "2048 x 512 x 1 x 1", "25557032 parameters"})
    CHECK(model.find(words) != std::string::npos);
  CHECK(here.laconic({"describe", "workload"}).out.find("step_time") != std::string::npos);
  const std::string data = run_of(here, workload_of({{{"method", "gd"}}}), {"data", "w.json"}).out;
  for (const char* words : {"fc.weight", "11689512 parameters", "a step takes 150 ms"})
    CHECK(data.find(words) != std::string::npos);
}

TEST_CASE("codecs: what bench measures is a block of a scenario, which run.json keeps") {
  const Folder here;
  const Finished bench = here.laconic({"bench", "codecs", "--profile"});
  REQUIRE(bench.code == 0);
  json source = workload_of({{{"method", "qsgd"}}});
  const json profile = json::parse(bench.out);
  CHECK(profile["codecs"].size() >= 12);
  source.update(profile);
  CHECK(run_of(here, source, {"run", "w.json", "--out", "out"}).code == 0);
  const auto told = [&](const char* file) { return json::parse(std::ifstream(here.path / file)); };
  CHECK(told("out/run.json")["scenario"]["codecs"] == profile["codecs"]);
  CHECK_FALSE(told("out/run.json").contains("coding"));
  CHECK(run_of(here, workload_of({{{"method", "qsgd"}}}), {"run", "w.json", "--out", "free"}).code == 0);
  CHECK(told("free/run.json")["coding"] == "encoding and decoding took no time");
}
