#include <fstream>
#include <sstream>

#include "algorithms/methods/registry.hpp"
#include "sim/scenario/json_input.hpp"
#include "tests/sim/runs.hpp"

// Trajectories computed by an independent program from the same specification: loss and gradient norm to 1e-9 relative,
// counts exactly, in every row.

using namespace laconic::tests;
using nlohmann::json;

namespace {

const std::filesystem::path folder = std::filesystem::path(LACONIC_SOURCE_DIR) / "tests" / "golden";

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  REQUIRE(in);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// Columns of both: round, loss, gradient norm, and the four counts.
void check_rows(const Scenario& s, const std::filesystem::path& file) {
  const auto expected = csv(text_of(file));
  const auto rows = csv(in_child([&] { return rows_of(s); }));
  REQUIRE(rows.size() == expected.size() - 1);
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const auto& want = expected[k + 1];
    INFO("round " << k);
    REQUIRE(rows[k][round_] == want[0]);
    REQUIRE(std::stod(rows[k][loss]) == Approx(std::stod(want[1])).epsilon(1e-9));
    REQUIRE(std::stod(rows[k][grad_norm]) == Approx(std::stod(want[2])).epsilon(1e-9));
    REQUIRE(rows[k][uploads] == want[3]);
    REQUIRE(rows[k][upload_bits] == want[4]);
    REQUIRE(rows[k][downloads] == want[5]);
    REQUIRE(rows[k][download_bits] == want[6]);
  }
}

std::size_t rows_in(const std::filesystem::path& file) { return csv(text_of(file)).size() - 1; }

json scenario_of_case(const json& golden, const json& one, std::size_t rounds) {
  json problem = one["problem"];
  problem["type"] = "logistic";
  return {{"name", "golden"},
          {"workers", golden["partition"]["sizes"].size()},
          {"problem", problem},
          {"data",
           {{"type", "libsvm"},
            {"path", golden["data"]},
            {"features", golden["features"]},
            {"partition", golden["partition"]}}},
          {"platform", {{"type", "star"}}},
          {"network", {{"wire", golden["wire"]}}},
          {"batches", golden["batches"]},
          {"algorithms", {one["algorithm"]}},
          {"stop", {{"rounds", rounds}}}};
}

}  // namespace

TEST_CASE("golden trajectories are matched") {
  const json golden = read_json(folder / "small.json");
  int matched = 0;
  for (const auto& [name, one] : golden["cases"].items()) {
    if (!find(methods::methods(), one["algorithm"]["method"].get<std::string>())) continue;
    INFO(name);
    ++matched;
    const auto file = folder / one["file"].get<std::string>();
    check_rows(make_scenario(scenario_of_case(golden, one, rows_in(file) - 1), "golden.json", folder), file);
  }
  CHECK(matched == 26);
}

TEST_CASE("PowerSGD's golden trajectory is matched, on no network, on a star and under every solver") {
  const std::filesystem::path beyond = folder / "beyond";
  json golden = read_json(beyond / "small2.json");
  json one = golden["cases"]["powersgd"];
  one["problem"] = golden["problem"];
  const auto file = beyond / one["file"].get<std::string>();
  json source = scenario_of_case(golden, one, rows_in(file) - 1);
  for (const json& platform : {json{{"type", "none"}}, golden["star"]})
    for (const char* solver : {"auto", "simgrid", "actors"}) {
      if (platform["type"] == "none" && solver == std::string("actors")) continue;
      INFO(platform["type"] << " " << solver);
      source["platform"] = platform;
      source["network"]["solver"] = solver;
      check_rows(make_scenario(source, "golden.json", beyond), file);
    }
}

TEST_CASE("golden smoothness constants are matched") {
  const json golden = read_json(folder / "small.json");
  for (const char* kind : {"sum", "mean"}) {
    const json one = {{"problem", {{"objective", kind}, {"reduction", kind}, {"l2", 0.01}}},
                      {"algorithm", {{"method", "gd"}}}};
    Scenario s = make_scenario(scenario_of_case(golden, one, 1), "golden.json", folder);
    s.problem.find_smoothness();
    CHECK(s.problem.L == Approx(golden["constants"][std::string("L_") + kind].get<double>()).epsilon(1e-12));
    const auto L_m = golden["constants"][std::string("L_m_") + kind].get<std::vector<double>>();
    for (std::size_t m = 0; m < L_m.size(); ++m) CHECK(s.problem.L_m[m] == Approx(L_m[m]).epsilon(1e-12));
  }
}
