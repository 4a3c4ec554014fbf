#include <fstream>

#include "tests/faults/faults.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

json overlapping() {
  return {{"name", "o"},
          {"workers", 3},
          {"problem", {{"type", "least-squares"}}},
          {"data", {{"type", "gaussian"}, {"samples", 30}, {"features", 3}}},
          {"platform", {{"type", "star"}, {"bandwidth", "10Mbps"}, {"latency", "1ms"}}},
          {"execution", {{"overlap", json::object()}}},
          {"algorithms", {{{"method", "gd"}, {"step", 0.01}}}},
          {"stop", {{"rounds", 3}}}};
}

Finished run_of(const Faults& here, const json& given) {
  std::ofstream(here.path / "o.json") << given;
  return here.laconic({"run", "o.json", "--out", "o", "--force", "--progress", "never"});
}

}  // namespace

TEST_CASE("overlap: what cannot leave in parts is said when it runs, and when a record is replayed") {
  const Faults here;
  const Finished run = run_of(here, overlapping());
  INFO(run.err);
  CHECK(run.code == 0);
  CHECK(
      run.err.find("o.json: warning: /algorithms/0/method: the model has one layer: it leaves in one piece when all is "
                   "computed, and nothing overlaps") != std::string::npos);
  const Finished again = here.laconic({"replay", "o", "--out", "p", "--progress", "never"});
  INFO(again.err);
  CHECK(again.code == 0);
  CHECK(again.err.find("/algorithms/0: its record knows uploads in one piece alone") != std::string::npos);
}

TEST_CASE("overlap: an execution that no algorithm uses, or that cannot be, is refused") {
  const Faults here;
  json given = overlapping();
  given["platform"]["type"] = "star";
  given["algorithms"] = {{{"method", "async-sgd"}, {"step", 0.01}, {"batch", 2}}};
  check_refused(run_of(here, given), {"o.json: /execution: no algorithm here uses it"});
  given.erase("execution");
  given["algorithms"][0]["execution"] = json::object();
  check_refused(run_of(here, given), {"o.json: /algorithms/0/execution: is for rounds", "\"async-sgd\" has none"});
}
