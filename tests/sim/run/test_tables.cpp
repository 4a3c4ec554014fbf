#include <cmath>
#include <limits>
#include <sstream>

#include "algorithms/base/human_units.hpp"
#include "sim/run/progress_line.hpp"
#include "sim/run/summary_table.hpp"
#include "tests/sim/runs.hpp"

// What the terminal shows of a run: the table at its end, the line while it runs.

using namespace laconic::tests;
using namespace laconic::run;
using laconic::text_width;
using nlohmann::json;

namespace {

json entries(const std::vector<std::string>& labels) {
  json out = json::array();
  for (const auto& label : labels) out.push_back({{"method", "gd"}, {"label", label}});
  return out;
}

Scenario with_target(const std::vector<std::string>& labels) {
  json source = small_scenario();
  source["algorithms"] = entries(labels);
  source["stop"]["loss_gap"] = 0.1;
  source["record"] = {{"metrics", {"loss", "loss_gap", "grad_norm"}}};
  return scenario_of(source);
}

// Ends after `rounds`; reached the target at `time` seconds, or never if that is negative.
JobResult ended(Round rounds, double time) {
  JobResult out;
  out.last.round = rounds;
  out.last.sim_time_s = time < 0 ? 9 : time;
  out.last.metrics = {{{0.5, 0.09, 0.25, std::nullopt}}};
  out.last.ledger.uploads = 3 * rounds;
  out.last.ledger.upload_bits = 1000 * rounds;
  out.last.ledger.download_bits = 640 * rounds;
  out.stop = time < 0 ? Stop::rounds : Stop::target;
  out.reached = {time < 0 ? std::optional<Row>() : out.last};
  return out;
}

std::size_t widest(const std::string& text) {
  std::size_t out = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) out = std::max(out, text_width(line));
  return out;
}

}  // namespace

TEST_CASE("the table's second and third columns are time and bits to the target, the soonest first") {
  const Scenario s = with_target({"slow", "never there", "failed one", "quick"});
  const std::string table = result_table(s, {ended(12, 3), ended(20, -1), std::nullopt, ended(4, 0.5)}, 100);
  CHECK(table ==
        "target: loss_gap at most 0.1\n"
        "algorithm    time to it  bits to it  rounds  uploads  simulated time   loss_gap  stopped by\n"
        "quick            500 ms   4.00 kbit       4       12          500 ms  9.000e-02      target\n"
        "slow             3.00 s   12.0 kbit      12       36          3.00 s  9.000e-02      target\n"
        "never there       never       never      20       60          9.00 s  9.000e-02      rounds\n"
        "failed one       failed\n"
        "not shown: bits up, bits down, grad_norm (summary.csv has all)\n");
}

TEST_CASE("where all end at the target its columns are not said twice, and what is the same for all stands last") {
  const Scenario s = with_target({"a", "b"});
  JobResult other = ended(12, 3);
  other.last.metrics[1] = 0.08;
  other.reached = {other.last};
  CHECK(result_table(s, {other, ended(4, 0.5)}, 200) ==
        "target: loss_gap at most 0.1\n"
        "algorithm  time to it  bits to it  rounds  uploads  bits down   loss_gap  grad_norm  stopped by\n"
        "b              500 ms   4.00 kbit       4       12  2.56 kbit  9.000e-02  2.500e-01      target\n"
        "a              3.00 s   12.0 kbit      12       36  7.68 kbit  8.000e-02  2.500e-01      target\n");
}

TEST_CASE("a table is never wider than the terminal, and never loses what it is about") {
  const Scenario s = with_target({"a label that is rather long, as some are", "12.5 µs"});
  for (const std::size_t width : {200u, 120u, 100u, 80u, 72u, 64u}) {
    const std::string table = result_table(s, {ended(12, 3), ended(20, -1)}, width);
    INFO(table);
    const std::size_t notes = table.find("not shown");
    CHECK(widest(table.substr(0, notes)) <= width);
    CHECK(table.find("time to it") != std::string::npos);
    CHECK(table.find("\x1b") == std::string::npos);
  }
}

TEST_CASE("who diverged is told however narrow the table is, infinite and not a number apart, without a sign") {
  const Scenario s = with_target({"a", "b"});
  JobResult nan = ended(12, -1), infinite = ended(13, -1);
  nan.last.metrics[1] = -std::numeric_limits<double>::quiet_NaN();
  infinite.last.metrics[1] = std::numeric_limits<double>::infinity();
  nan.stop = infinite.stop = Stop::diverged;
  infinite.last.ledger.uploads = 7;
  const std::string table = result_table(s, {nan, infinite}, 80);
  INFO(table);
  CHECK(table.find(" nan") != std::string::npos);
  CHECK(table.find("-nan") == std::string::npos);
  CHECK(table.find(" inf") != std::string::npos);
  CHECK(table.find("DIVERGED") != std::string::npos);
}

TEST_CASE("the line of progress leaves out whole parts and cuts no number") {
  const Scenario s = with_target({"one", "zwölf"});
  std::vector<JobState> states(2);
  for (auto& state : states) {
    state.running = true;
    state.rounds = 12345;
    state.last.metrics[0] = -std::numeric_limits<double>::quiet_NaN();
  }
  const auto now = std::chrono::steady_clock::now();
  const std::vector<std::chrono::steady_clock::time_point> began(2, now - std::chrono::seconds(10));
  const std::string whole = progress_words(s, states, began, now, 500);
  CHECK(whole.find("-nan") == std::string::npos);
  CHECK(whole.find("...") == std::string::npos);
  for (std::size_t width = 20; width < 150; ++width) {
    const std::string line = progress_words(s, states, began, now, width);
    INFO(line);
    CHECK(text_width(line) <= width);
    if (line == whole) continue;
    REQUIRE(line.ends_with(" ..."));
    const std::size_t end = line.size() - 4;
    CHECK(line.substr(0, end) == whole.substr(0, end));
    CHECK((whole[end] == ',' || whole.substr(end, 2) == " |"));
  }
}
