#include <cmath>

#include "algorithms/asynchronous/registry.hpp"
#include "algorithms/decentralised/registry.hpp"
#include "tests/laws/method_entries.hpp"
#include "tests/sim/deploy/mpi.hpp"

// What is learned over MPI, by processes that share nothing but messages, is what is learned in one: the rows are equal
// but for times.

using namespace laconic::tests;
using nlohmann::json;

namespace {

bool is_time(const std::string& column) { return column == "sim_time_s" || column == "compute_s"; }

void expect_same_rows(const fs::path& run, const fs::path& deployed) {
  const auto a = csv(text_of(run / "trajectory.csv")), b = csv(text_of(deployed / "trajectory.csv"));
  REQUIRE(a.size() > 1);
  REQUIRE(a.size() == b.size());
  REQUIRE(b[0].back() == "wall_s");
  for (std::size_t k = 0; k < a.size(); ++k) {
    INFO("line " << k + 1 << ", " << a[k][algorithm]);
    REQUIRE(a[k].size() + 1 == b[k].size());
    for (std::size_t column = 0; column < a[k].size(); ++column) {
      INFO(a[0][column]);
      if (k == 0 || !is_time(a[0][column])) REQUIRE(a[k][column] == b[k][column]);
    }
  }
}

void expect_same(const Folder& here, const json& source, const char* ranks) {
  here.write("s.json", source);
  const Finished run = here.laconic({"run", "s.json", "--out", "run", "--force", "--progress", "never"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  const Finished deployed = here.laconic({"deploy", "s.json", "--ranks", ranks, "--out", "deployed", "--force"});
  INFO(deployed.err);
  REQUIRE(deployed.code == 0);
  expect_same_rows(here.path / "run", here.path / "deployed");
}

json every_method(const char* wire) {
  json source = scenario_for(methods::methods()[0], wire);
  source["stop"]["rounds"] = 12;
  source["algorithms"] = json::array();
  for (const auto& method : methods::methods()) {
    json entry = entry_for(method);
    entry["label"] = method.name;
    source["algorithms"].push_back(entry);
  }
  return source;
}

json every_method_on_a_graph() {
  json source = small_scenario();
  source["workers"] = 5;
  source["stop"]["rounds"] = 12;
  source["record"] = {{"every", 3}, {"metrics", {"loss", "grad_norm"}}};
  source["problem"]["objective"] = "mean";
  source["graph"] = "ring";
  source["algorithms"] = json::array();
  for (const auto& method : decentralised::peer_methods()) {
    json entry = {{"method", method.name}, {"label", method.name}, {"step", 0.1}};
    // What a method requires beyond these is added one by one.
    const std::pair<const char*, double> required[] = {{"consensus_step", 0.3}, {"c", 0.5}};
    for (const auto& [key, value] : required) {
      json with = source, without = source;
      with["algorithms"] = json::array({entry});
      with["algorithms"][0][key] = value;
      without["algorithms"] = json::array({entry});
      if (!is_refused(with) || is_refused(without)) entry[key] = value;
    }
    json alone = source;
    alone["algorithms"] = json::array({entry});
    INFO(method.name);
    REQUIRE_FALSE(is_refused(alone));
    source["algorithms"].push_back(entry);
  }
  return source;
}

}  // namespace

TEST_CASE("law: every method on a graph learns over MPI what it learns in the simulation") {
  if (!has_mpi()) return;
  const Folder here;
  json source = every_method_on_a_graph();
  expect_same(here, source, "3");
  source["stop"]["upload_bits"] = 3000;
  source["graph"] = {{"type", "star"}};
  source["algorithms"] = {{{"method", "d-psgd"}, {"step", 0.1}},
                          {{"method", "choco-sgd"}, {"step", 0.1}, {"consensus_step", 0.3}}};
  expect_same(here, source, "1");
}

TEST_CASE("every asynchronous method learns over MPI, though not the same twice") {
  if (!has_mpi()) return;
  const Folder here;
  json source = small_scenario();
  source["stop"]["rounds"] = 25;
  source["algorithms"] = json::array();
  for (const auto& method : asynchronous::asynchronous_methods()) {
    json entry = entry_for(method);
    entry["label"] = method.name;
    source["algorithms"].push_back(entry);
  }
  here.write("s.json", source);
  const Finished deployed = here.laconic({"deploy", "s.json", "--ranks", "3", "--out", "deployed"});
  INFO(deployed.err);
  REQUIRE(deployed.code == 0);
  const auto rows = csv(text_of(here.path / "deployed/trajectory.csv"));
  std::map<std::string, double> first, last;
  for (std::size_t k = 1; k < rows.size(); ++k) {
    const double value = std::stod(rows[k][loss]);
    first.emplace(rows[k][algorithm], value);
    last[rows[k][algorithm]] = value;
    CHECK(std::stod(rows[k][staleness_max].empty() ? "0" : rows[k][staleness_max]) < 25);
  }
  CHECK(last.size() == asynchronous::asynchronous_methods().size());
  for (const auto& [name, value] : last) {
    INFO(name);
    // Who comes first is a matter of the machine, and 25 updates of stale gradients need not lower the loss.
    CHECK(std::isfinite(value));
    CHECK(value != first[name]);
  }
}

TEST_CASE("law: every method with a server learns over MPI what it learns in the simulation") {
  if (!has_mpi()) return;
  const Folder here;
  expect_same(here, every_method("float32"), "3");
}

TEST_CASE("a rank alone holds the server and all workers, and silence for free is counted as in the simulation") {
  if (!has_mpi()) return;
  const Folder here;
  json source = every_method("float64");
  source["network"]["skip_notice"] = false;
  expect_same(here, source, "1");
}
