#include "tests/faults/faults.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

json two_methods() {
  return {{"name", "s"},
          {"workers", 3},
          {"problem", {{"type", "quadratic"}, {"spectrum", {1, 2}}, {"spread", 1}}},
          {"platform", {{"type", "star"}, {"worker_speed", {"1Mf", "2Mf", "3Mf"}}, {"latency", "1ms"}}},
          {"algorithms", {{{"method", "gd"}}, {{"method", "ringleader"}, {"step", 0.1}}}},
          {"stop", {{"rounds", 9}}}};
}

}  // namespace

TEST_CASE("a run that has an asynchronous method tells its staleness, and is not replayed") {
  const Faults here;
  here.write("s.json", two_methods());
  const auto run = here.laconic({"run", "s.json"});
  CHECK(run.code == 0);
  CHECK(run.out.find("staleness") != std::string::npos);
  check_refused(here.laconic({"replay", "results/s", "--set", "/platform/latency=2ms"}),
                {"/algorithms/1/method: is asynchronous", "run the scenario there"});
}

TEST_CASE("a sweep's rows of asynchronous methods are those of runs") {
  const Faults here;
  json s = two_methods();
  here.write("s.json", s);
  CHECK(here.laconic({"run", "s.json", "--set", "/platform/latency=300ms"}).code == 0);
  s["sweep"] = {{"/platform/latency", {"1ms", "300ms"}}};
  here.write("sweep.json", s);
  CHECK(here.laconic({"sweep", "sweep.json", "--out", "swept"}).code == 0);
  const std::string rows = text_of(here.path / "results/s/trajectory.csv"),
                    swept = text_of(here.path / "swept/trajectory.csv");
  for (std::size_t at = rows.find('\n') + 1; at < rows.size(); at = rows.find('\n', at) + 1)
    CHECK(swept.find("300ms," + rows.substr(at, rows.find('\n', at) - at)) != std::string::npos);
}

TEST_CASE("a worker that is gone ends a run of a method that needs it, in a sentence") {
  const Faults here;
  json s = two_methods();
  s["algorithms"] = {{{"method", "ringleader"}, {"step", 0.1}}};
  s["conditions"] = {{"failures", {{{"workers", 1}, {"down", 0}}}}};
  here.write("s.json", s);
  const auto run = here.laconic({"run", "s.json"});
  CHECK(run.code == 3);
  CHECK(run.err.find("worker 1 is down or out of reach for good, and no update has come") != std::string::npos);
}

TEST_CASE("many equal workers that share the server's link stay equal") {
  const Faults here;
  json s{{"name", "s"},
         {"workers", 300},
         {"problem", {{"type", "quadratic"}, {"spectrum", {{"type", "tridiagonal"}}}, {"dimension", 100}}},
         {"platform", {{"type", "star"}, {"worker_speed", 20000}, {"latency", "1us"}, {"bandwidth", "100Gbps"}}},
         {"algorithms", {{{"method", "rennala"}, {"step", 1}, {"B", 300}}}},
         {"stop", {{"rounds", 8}}}};
  here.write("s.json", s);
  CHECK(here.laconic({"run", "s.json", "--out", "auto"}).code == 0);
  s["network"] = {{"solver", "simgrid"}};
  here.write("simgrid.json", s);
  CHECK(here.laconic({"run", "simgrid.json", "--out", "simgrid"}).code == 0);
  const std::string rows = text_of(here.path / "auto/trajectory.csv");
  CHECK(rows == text_of(here.path / "simgrid/trajectory.csv"));
  CHECK(rows.find(",8.00019417") != std::string::npos);  // a second an update: nobody's gradient came late
}
