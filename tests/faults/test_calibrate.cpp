#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/faults/faults.hpp"

// Deployed runs made from simulated ones: what is fitted to them must simulate them, and what is damaged is refused.

using namespace laconic::tests;
using nlohmann::json;

namespace {

constexpr int workers = 3;
constexpr double latency = 2e-3, bandwidth = 1.25e6, speed = 1e9, header = 20;

json race() {
  return {{"name", "race"},
          {"workers", workers},
          {"problem", {{"type", "least-squares"}}},
          {"data", {{"type", "gaussian"}, {"samples", 300}, {"features", 400}}},
          {"platform", {{"type", "star"}, {"latency", "2ms"}, {"bandwidth", "10Mbps"}, {"worker_speed", "1Gf"}}},
          {"network", {{"header", 20}}},
          {"algorithms", {{{"method", "gd"}}, {{"method", "ef-signgd"}}}},
          {"stop", {{"rounds", 12}}},
          {"record", {{"every", 1}}}};
}

// trajectory.csv's columns by their names, one algorithm's rows.
std::map<std::string, std::vector<double>> rows_of(const fs::path& file, const std::string& algorithm) {
  std::ifstream in(file);
  std::vector<std::string> names;
  std::map<std::string, std::vector<double>> out;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> fields;
    std::stringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) fields.push_back(cell);
    if (names.empty()) {
      names = fields;
    } else if (fields[1] == algorithm) {
      for (std::size_t i = 3; i < fields.size(); ++i)
        out[names[i]].push_back(fields[i].empty() ? 0 : std::stod(fields[i]));
    }
  }
  return out;
}

// The messages and computations of a simulated run, where all workers do the same and share the server's link.
std::string activities(const fs::path& folder) {
  std::string out = "algorithm,seed,round,kind,from,to,direction,bits,bytes,flops,start_s,end_s\n";
  for (const std::string algorithm : {"gd", "ef-signgd"}) {
    const auto rows = rows_of(folder / "trajectory.csv", algorithm);
    const auto each = [&](const char* name, std::size_t k) {
      return (rows.at(name)[k + 1] - rows.at(name)[k]) / workers;
    };
    for (std::size_t k = 0; k + 1 < rows.at("round").size(); ++k) {
      const double begin = rows.at("sim_time_s")[k], computing = each("compute_s", k);
      const auto took = [&](double bits) { return latency + workers * (std::ceil(bits / 8) + header) / bandwidth; };
      const double down = each("download_bits", k), up = each("upload_bits", k);
      const double there = begin + took(down), computed = there + computing, end = computed + took(up);
      for (int m = 0; m < workers; ++m) {
        const std::string who = fmt::format("{},1,{}", algorithm, k), host = fmt::format("worker-{}", m);
        out += fmt::format("{},message,server,{},down,{},{},,{:.17g},{:.17g}\n", who, host, down,
                           std::ceil(down / 8) + header, begin, there);
        out += fmt::format("{},compute,{},{},,,,{:.17g},{:.17g},{:.17g}\n", who, host, host, computing * speed, there,
                           computed);
        out += fmt::format("{},message,{},server,up,{},{},,{:.17g},{:.17g}\n", who, host, up,
                           std::ceil(up / 8) + header, computed, end);
      }
    }
  }
  return out;
}

// A folder with a simulated run, "r", and one that is said to be deployed, "d".
struct Deployed : Folder {
  Deployed() {
    write("s.json", race());
    REQUIRE(laconic({"run", "s.json", "--out", "r"}).code == 0);
    fs::copy(path / "r", path / "d");
    json told = json::parse(text_of(path / "r/run.json"));
    told["deployed"] = {{"ranks", 4}};
    write("d/run.json", told);
    rows = activities(path / "r");
    set(rows);
  }
  void set(const std::string& text) const { std::ofstream(path / "d/deploy.csv") << text; }
  std::string rows;
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("what is calibrated on a run simulates that run, from --platform of run and replay") {
  const Deployed here;
  const auto run = here.laconic({"calibrate", "d", "--out", "c.json"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK(run.out.find("held out") != std::string::npos);
  const json told = json::parse(text_of(here.path / "c.json"));
  CHECK(told["network"]["header"] == 20);
  CHECK(told["platform"]["latency"] == "2ms");
  CHECK(told["platform"]["server_bandwidth"] == "10Mbps");
  CHECK(told["platform"]["worker_speed"] == "1Gf");
  for (const auto& error : told["calibrated"]["held_out"]) CHECK(error["worst_error"] < 1e-8);

  const std::string known = text_of(here.path / "r/trajectory.csv");
  json other = race();
  other["platform"] = {{"type", "star"}};
  other.erase("network");
  here.write("other.json", other);
  REQUIRE(here.laconic({"run", "other.json", "--out", "o"}).code == 0);
  CHECK(text_of(here.path / "o/trajectory.csv") != known);
  REQUIRE(here.laconic({"run", "other.json", "--platform", "c.json", "--out", "a"}).code == 0);
  REQUIRE(here.laconic({"replay", "o", "--platform", "c.json", "--out", "b"}).code == 0);
  CHECK(text_of(here.path / "b/trajectory.csv") == text_of(here.path / "a/trajectory.csv"));
  const auto mine = rows_of(here.path / "a/trajectory.csv", "gd"),
             theirs = rows_of(here.path / "r/trajectory.csv", "gd");
  for (std::size_t k = 1; k < theirs.at("round").size(); ++k)
    CHECK(std::abs(mine.at("sim_time_s")[k] / theirs.at("sim_time_s")[k] - 1) < 1e-8);
  CHECK(mine.at("wire_bytes_up") == theirs.at("wire_bytes_up"));

  other["platform"] = {{"file", "c.json"}};
  here.write("named.json", other);
  check_refused(here.laconic({"run", "named.json", "--out", "n"}),
                {"named.json: /platform/file: ", "c.json was written by `laconic calibrate`: give it to --platform"});
  check_refused(here.laconic({"run", "other.json", "--platform", "none.json", "--out", "n"}),
                {"--platform: expected a file, or JSON that begins with {, got \"none.json\""});

  const auto as_json = here.laconic({"calibrate", "d", "d", "--json", "--hold-out", "0"});
  REQUIRE(as_json.code == 0);
  CHECK(json::parse(as_json.out)["calibrated"]["held_out"].empty());
}

TEST_CASE("what is no deployed run is refused by calibrate, with its file, its line and what is allowed") {
  const Deployed here;
  const auto refused = [&](const std::vector<std::string>& words) {
    check_refused(here.laconic({"calibrate", "d"}), words);
  };
  check_refused(here.laconic({"calibrate", "r"}), {"r: expected the result folder of a deployed run", "\"deployed\""});
  check_refused(here.laconic({"calibrate", "none"}), {"none: ", "there is no such folder"});
  check_refused(here.laconic({"calibrate", "d", "--hold-out", "1"}), {"--hold-out: expected a share", "\"1\""});
  check_refused(here.laconic({"calibrate", "d", "--latency", "-1s"}), {"--latency: expected a time", "\"-1s\""});
  check_refused(here.laconic({"calibrate", "d", "--out", "no/c.json"}), {"--out: there is no folder no"});

  here.set(replaced(here.rows, ",flops,", ",flop,"));
  refused({"d/deploy.csv:1: there is no column \"flops\""});
  here.set(replaced(here.rows, "algorithm,seed", "seed,seed"));
  refused({"d/deploy.csv:1: there is no column \"algorithm\""});
  here.set(replaced(here.rows, "\ngd,1,0,", "\ngd,1,0,more,"));
  refused({"d/deploy.csv:2: expected 12 fields, got 13"});
  here.set(here.rows.substr(0, here.rows.size() - 5));
  refused({"d/deploy.csv:", "ends without a line break: the file was cut short"});
  here.set(replaced(here.rows, "worker-0,down", "worker-3,down"));
  refused({"d/deploy.csv:2: to: expected \"server\", or \"worker-0\" to \"worker-2\", got \"worker-3\""});
  here.set(replaced(here.rows, "worker-0,down", "worker-0,up"));
  refused({"d/deploy.csv:2: direction: expected \"down\""});
  here.set(replaced(here.rows, "message", "letter"));
  refused({"d/deploy.csv:2: kind: expected \"message\" or \"compute\", got \"letter\""});
  here.set(replaced(here.rows, "down,12800,1620", "down,12800,nan"));
  refused({"d/deploy.csv:2: bytes: expected a finite number that is not negative, got \"nan\""});
  here.set(replaced(here.rows, "down,12800,1620", "down,12800,1599"));
  refused({"d/deploy.csv:2: bytes: expected as many as hold 12800 bits, 1600, or more, got \"1599\""});
  here.set(replaced(here.rows, "gd,1,0,", "gd,1,-1,"));
  refused({"d/deploy.csv:2: round: expected a whole number that is not negative, got \"-1\""});
  here.set(replaced(here.rows, "1620,,0,", "1620,,1e3,"));
  refused({"d/deploy.csv:2: end_s: expected a time that is not before its start, 1e3"});
  here.set(replaced(here.rows, "1620,,0,", "1620,,inf,"));
  refused({"d/deploy.csv:2: start_s: expected a time in seconds, a finite number, got \"inf\""});
  here.set(here.rows.substr(0, here.rows.find('\n') + 1));
  refused({"d/deploy.csv: no row"});
  here.set("");
  refused({"d/deploy.csv:1: there is no column"});
  fs::remove(here.path / "d/deploy.csv");
  refused({"d: expected the result folder of a deployed run", "it has no deploy.csv"});
}

TEST_CASE("runs on other hosts are not calibrated together") {
  const Deployed here;
  fs::copy(here.path / "d", here.path / "e");
  json told = json::parse(text_of(here.path / "e/run.json"));
  told["scenario"]["workers"] = 4;
  here.write("e/run.json", told);
  check_refused(here.laconic({"calibrate", "d", "e"}), {"e/run.json: /scenario/workers: has 4, and d has 3"});
}
