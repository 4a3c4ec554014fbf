#include <cmath>
#include <fstream>
#include <sstream>

#include "sim/scenario/json_input.hpp"
#include "tests/sim/runs.hpp"

// Trajectories of methods on a graph, computed by an independent program from the same specification: loss, gradient
// norm and consensus to 1e-9 relative (consensus: or 1e-12), counts exactly, in every row, on no network and in
// SimGrid.

using namespace laconic::tests;
using nlohmann::json;

namespace {

const std::filesystem::path folder = std::filesystem::path(LACONIC_SOURCE_DIR) / "tests" / "golden" / "beyond";

std::vector<std::vector<std::string>> golden_rows(const std::string& file) {
  std::ifstream in(folder / file);
  REQUIRE(in);
  std::stringstream text;
  text << in.rdbuf();
  return csv(text.str());
}

json scenario_of_case(const json& golden, const json& one, std::size_t rounds, const json& platform) {
  return {{"name", "golden"},
          {"workers", golden["partition"]["sizes"].size()},
          {"problem", golden["problem"]},
          {"data",
           {{"type", "libsvm"},
            {"path", golden["data"]},
            {"features", golden["features"]},
            {"partition", golden["partition"]}}},
          {"platform", platform},
          {"network", {{"wire", golden["wire"]}, {"header", golden["header"]}}},
          {"batches", golden["batches"]},
          {"algorithms", {one["algorithm"]}},
          {"stop", {{"rounds", rounds}}}};
}

void check_row(const std::vector<std::string>& row, const std::vector<std::string>& want) {
  REQUIRE(row[round_] == want[0]);
  REQUIRE(std::stod(row[loss]) == Approx(std::stod(want[1])).epsilon(1e-9));
  REQUIRE(std::stod(row[grad_norm]) == Approx(std::stod(want[2])).epsilon(1e-9));
  REQUIRE(row[uploads] == want[3]);
  REQUIRE(row[upload_bits] == want[4]);
  REQUIRE(row[downloads] == want[5]);
  REQUIRE(row[download_bits] == want[6]);
  REQUIRE(std::abs(std::stod(row[consensus]) - std::stod(want[7])) <= std::max(1e-12, 1e-9 * std::stod(want[7])));
}

}  // namespace

TEST_CASE("golden trajectories of methods on a graph are matched, on no network and in SimGrid") {
  const json golden = read_json(folder / "small2.json");
  int matched = 0;
  for (const auto& [name, one] : golden["cases"].items()) {
    if (one["kind"] != "graph") continue;
    const auto expected = golden_rows(one["file"]);
    for (const json& platform : {json{{"type", "none"}}, golden["star"]}) {
      INFO(name << " on " << platform["type"]);
      ++matched;
      const Scenario s =
          make_scenario(scenario_of_case(golden, one, expected.size() - 2, platform), "golden.json", folder);
      const auto rows = csv(in_child([&] { return rows_of(s); }));
      REQUIRE(rows.size() == expected.size() - 1);
      for (std::size_t k = 0; k < rows.size(); ++k) {
        INFO("round " << k);
        check_row(rows[k], expected[k + 1]);
      }
    }
  }
  CHECK(matched == 34);
}
