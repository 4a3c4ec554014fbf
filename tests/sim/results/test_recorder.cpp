#include "sim/results/recorder.hpp"

#include <cmath>
#include <limits>

#include "algorithms/base/error.hpp"
#include "tests/sim/runs.hpp"

// What the rows hold, when they are written, and when a run ends.

using namespace laconic::tests;
using nlohmann::json;

namespace {

json still(const json& algorithm = {{"method", "gd"}}) {
  json source = small_scenario(algorithm);
  source["platform"] = {{"type", "none"}};
  return source;
}

// A run's rows and result.
struct Outcome {
  std::vector<std::vector<std::string>> rows;
  JobResult result;
};

Outcome outcome_of(const json& source) {
  const Scenario s = scenario_of(source);
  std::FILE* file = std::tmpfile();
  REQUIRE(file);
  JobResult result = run_job(s, 0, file, {});
  std::fclose(file);
  return {csv(rows_of(s)), std::move(result)};
}

std::vector<std::string> column(const Outcome& run, Column c) {
  std::vector<std::string> out;
  for (const auto& row : run.rows) out.push_back(row[c]);
  return out;
}

}  // namespace

TEST_CASE("rows: the start, every few rounds, and the end") {
  json source = still();
  CHECK(outcome_of(source).rows.size() == 21);
  source["record"]["every"] = 8;
  CHECK(column(outcome_of(source), round_) == std::vector<std::string>{"0", "8", "16", "20"});
  source["record"]["every"] = 100;
  CHECK(column(outcome_of(source), round_) == std::vector<std::string>{"0", "20"});
}

TEST_CASE("columns hold what was asked for, and nothing else") {
  json source = still();
  CHECK(row_header() ==
        "round,iterations,sim_time_s,loss,loss_gap,grad_norm,accuracy,uploads,downloads,upload_bits,"
        "download_bits,wire_bytes_up,wire_bytes_down,compute_s,flops,late,lost,energy_j,"
        "staleness_mean,staleness_max,consensus,comm_hidden_s,comm_exposed_s");
  source["record"]["metrics"] = {"accuracy"};
  for (const auto& row : outcome_of(source).rows) {
    CHECK(row.size() == columns);
    for (const Column empty : {sim_time, loss, loss_gap, grad_norm, compute_s, late, lost, energy_j, staleness_mean,
                               staleness_max, consensus, comm_hidden_s, comm_exposed_s})
      CHECK(row[empty].empty());
    CHECK_FALSE(row[accuracy].empty());
  }
  source["record"]["metrics"] = json::array();
  for (const auto& row : outcome_of(source).rows) CHECK(row[accuracy].empty());
  source["record"].erase("metrics");
  for (const auto& row : outcome_of(source).rows) {
    for (const Column full : {loss, loss_gap, grad_norm}) CHECK_FALSE(row[full].empty());
    CHECK(row[accuracy].empty());
  }
  source["problem"]["l2"] = 0;  // no unique optimum, no gap
  for (const auto& row : outcome_of(source).rows) CHECK(row[loss_gap].empty());
}

TEST_CASE("numbers are written with all their digits") {
  const json source = still();
  const Scenario s = scenario_of(source);
  const auto run = outcome_of(source);
  CHECK(std::stod(run.rows[0][loss]) == s.problem.loss(Vector::Zero(5)));
  CHECK(std::stod(run.rows[0][loss_gap]) == s.problem.loss(Vector::Zero(5)) - *s.problem.optimum);
  CHECK(std::stod(run.rows.back()[loss]) == *run.result.last.metrics[0]);
}

TEST_CASE("counts are cumulative: payload bits, and bytes with headers") {
  const auto rows = outcome_of(still()).rows;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const auto messages = 3 * k;
    CHECK(rows[k][uploads] == std::to_string(messages));
    CHECK(rows[k][upload_bits] == std::to_string(messages * 5 * 64));
    CHECK(rows[k][wire_up] == std::to_string(messages * (5 * 8 + 64)));
    CHECK(rows[k][wire_down] == std::to_string(messages * (5 * 8 + 64)));
    CHECK(std::stod(rows[k][flops]) == 4.0 * 60 * 5 * static_cast<double>(k));
  }
}

TEST_CASE("a run ends at the first of its limits") {
  json source = still();
  CHECK(outcome_of(source).result.stop == Stop::rounds);

  source["stop"]["upload_bits"] = 3 * 5 * 64 * 7;  // seven rounds of gd
  auto run = outcome_of(source);
  CHECK(run.result.stop == Stop::upload_bits);
  CHECK(run.rows.back()[round_] == "7");
  source["record"]["every"] = 4;  // limits are judged each round, and their row is written
  CHECK(outcome_of(source).rows.back()[round_] == "7");

  json timed = small_scenario();
  timed["stop"]["sim_time"] = "100ms";
  const auto rows = csv(in_child([&] { return rows_of(scenario_of(timed)); }));
  CHECK(std::stod(rows.back()[sim_time]) >= 0.1);
  CHECK(std::stod(rows[rows.size() - 2][sim_time]) < 0.1);
}

TEST_CASE("a target is reached by the first recorded row at it or beyond") {
  json source = still();
  const auto all = outcome_of(source).rows;
  const double wanted = std::stod(all[6][loss]) + 1e-12;
  source["stop"]["loss"] = wanted;
  auto run = outcome_of(source);
  CHECK(run.result.stop == Stop::target);
  CHECK(run.rows.back()[round_] == "6");
  REQUIRE(run.result.reached.size() == 1);
  CHECK(run.result.reached[0]->round == 6);

  source["record"]["every"] = 4;
  CHECK(outcome_of(source).rows.back()[round_] == "8");

  source["stop"].erase("loss");
  source["record"].erase("every");
  source["stop"]["accuracy"] = std::stod("0.2");
  CHECK(outcome_of(source).result.stop == Stop::target);
}

TEST_CASE("claims' targets are watched without ending the run") {
  json source = still();
  const auto all = outcome_of(source).rows;
  const double wanted = std::stod(all[6][loss]) + 1e-12;
  source["claims"] = {{{"metric", "upload_bits"}, {"of", "gd"}, {"to", {{"loss", wanted}}}, {"at_most", 1}},
                      {{"metric", "upload_bits"}, {"of", "gd"}, {"to", {{"loss", -1}}}, {"at_most", 1}}};
  const auto run = outcome_of(source);
  CHECK(run.result.stop == Stop::rounds);
  REQUIRE(run.result.reached.size() == 2);
  CHECK(run.result.reached[0]->round == 6);
  CHECK_FALSE(run.result.reached[1]);
  const Scenario s = scenario_of(source);
  const std::string header = summary_header(s.record.watch), text = summary_text(run.result.stop, run.result.reached);
  CHECK(header.find("stopped_by,to_loss_") == 0);
  CHECK(std::count(header.begin(), header.end(), ',') == 8);
  CHECK(std::count(text.begin(), text.end(), ',') == 8);
  CHECK(text == "rounds,6,18,5760,,,,,");
}

TEST_CASE("a run that diverges stops and says so") {
  json source = still({{"method", "gd"}, {"step", 1e300}});
  const auto run = outcome_of(source);
  CHECK(run.result.stop == Stop::diverged);
  CHECK(run.rows.size() < 5);
  const std::string end = run.rows.back()[loss];
  CHECK((end == "inf" || end == "nan"));
  // also where no metric is recorded
  source["record"]["metrics"] = json::array();
  CHECK(outcome_of(source).result.stop == Stop::diverged);
}

TEST_CASE("an interrupted run keeps its last round's row") {
  const Scenario s = scenario_of(still());
  std::FILE* file = std::tmpfile();
  REQUIRE(file);
  Recorder recorder(s.record, "a,b,1,", file, [&](Round) { return measure(s.problem, s.record, Vector::Zero(5)); });
  CHECK(recorder(0, -1, {}));
  recorder.interrupted = [](Round) { return true; };
  CHECK_FALSE(recorder(1, -1, {}));
  CHECK(recorder.stop() == Stop::interrupted);
  CHECK(recorder.last().round == 1);
  std::fclose(file);
}

TEST_CASE("a full disk is an error, not a short file") {
  std::FILE* full = std::fopen("/dev/full", "w");
  if (!full) {
    WARN("skipped: no /dev/full here");
    return;
  }
  const Scenario s = scenario_of(still());
  CHECK_THROWS_AS(run_job(s, 0, full, {}), RunError);
  std::fclose(full);
}
