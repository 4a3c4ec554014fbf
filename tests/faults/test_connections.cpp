#include "tests/faults/faults.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

json over_connections() {
  return {{"name", "s"},
          {"workers", 3},
          {"problem", {{"type", "toy"}, {"function", "quadratic"}, {"dimension", 20000}}},
          {"platform", {{"type", "star"}, {"worker_speed", {"1Gf", "2Gf", "3Gf"}}, {"latency", "10ms"}}},
          {"network", {{"model", "connections"}}},
          {"algorithms", {{{"method", "gd"}}, {{"method", "lag-wk"}}}},
          {"stop", {{"rounds", 6}}}};
}

}  // namespace

TEST_CASE("over connections, a run, its timeline, a replay and a sweep tell one time") {
  const Faults here;
  json s = over_connections();
  here.write("s.json", s);
  const auto rows = [&](const char* run) { return text_of(here.path / run / "trajectory.csv"); };
  REQUIRE(here.laconic({"run", "s.json"}).code == 0);
  REQUIRE(here.laconic({"run", "s.json", "--out", "shown", "--timeline", "t.json"}).code == 0);
  CHECK(rows("shown") == rows("results/s"));
  REQUIRE(here.laconic({"run", "s.json", "--set", "/network/model=alpha-beta", "--out", "plain"}).code == 0);
  CHECK(rows("plain") != rows("results/s"));
  REQUIRE(here.laconic({"replay", "plain", "--network", R"({"model": "connections"})", "--out", "replayed"}).code == 0);
  CHECK(rows("replayed") == rows("results/s"));
  s["sweep"] = {{"/network/model", {"alpha-beta", "connections"}}};
  here.write("sweep.json", s);
  REQUIRE(here.laconic({"sweep", "sweep.json", "--out", "swept"}).code == 0);
  const std::string swept = rows("swept"), alone = rows("results/s");
  for (std::size_t at = alone.find('\n') + 1; at < alone.size(); at = alone.find('\n', at) + 1)
    CHECK(swept.find("connections," + alone.substr(at, alone.find('\n', at) - at)) != std::string::npos);
}

TEST_CASE("over connections, energy is metered, and traffic in the background slows what flows") {
  const Faults here;
  json s = over_connections();
  s["platform"]["watts"] = {{"server", {{"idle", 50}, {"busy", 100}}},
                            {"worker", {{"idle", 5}, {"busy", 15}}},
                            {"link", {{"idle", 1}, {"busy", 2}}}};
  here.write("s.json", s);
  const auto metered = here.laconic({"run", "s.json"});
  INFO(metered.err);
  CHECK(metered.code == 0);
  s["conditions"]["traffic"] = {{{"from", "worker-0"}, {"to", "server"}}};
  here.write("s.json", s);
  const auto busy = here.laconic({"run", "s.json", "--out", "busy"});
  INFO(busy.err);
  CHECK(busy.code == 0);
}

TEST_CASE("what is of connections is refused beside another network, and failures beside connections") {
  const Faults here;
  json s = over_connections();
  s["conditions"]["failures"] = {{{"workers", 1}, {"down", 0}}};
  here.write("failing.json", s);
  check_refused(here.laconic({"run", "failing.json"}), {"failing.json: /network/model: ", "lose nothing"});
  s = over_connections();
  s["network"] = {{"mss", 1000}};
  here.write("mss.json", s);
  check_refused(here.laconic({"run", "mss.json"}), {"mss.json: /network/mss: ", "choose the model \"connections\""});
}
