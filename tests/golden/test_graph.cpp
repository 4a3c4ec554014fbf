#include <cmath>

#include "sim/scenario/json_input.hpp"
#include "tests/golden/beyond.hpp"

// Trajectories of methods on a graph, computed by an independent program from the same specification: loss, gradient
// norm and consensus to 1e-9 relative (consensus: or 1e-12), counts exactly, in every row, on no network and in
// SimGrid.

using namespace laconic::tests;
using nlohmann::json;

namespace {

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
  const json golden = read_json(beyond / "small2.json");
  int matched = 0;
  for (const auto& [name, one] : golden["cases"].items()) {
    if (one["kind"] != "graph") continue;
    const auto expected = golden_rows(one["file"]);
    for (const json& platform : {json{{"type", "none"}}, golden["star"]}) {
      INFO(name << " on " << platform["type"]);
      ++matched;
      json source = scenario_of_case(golden, one, expected.size() - 2);
      source["platform"] = platform;
      const Scenario s = make_scenario(source, "golden.json", beyond);
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
