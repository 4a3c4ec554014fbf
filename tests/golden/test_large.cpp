#include "sim/scenario/json_input.hpp"
#include "tests/golden/beyond.hpp"

// Trajectories of large-model methods, computed by a NumPy program from the methods' definitions (large/README.md).

using namespace laconic::tests;
using nlohmann::json;

TEST_CASE("golden trajectories of large-model methods are matched, on no network and in SimGrid") {
  const std::filesystem::path large = beyond.parent_path() / "large";
  const json golden = read_json(beyond / "small2.json"), entries = read_json(large / "large.json");
  int matched = 0;
  for (const auto& [name, entry] : entries.items()) {
    const auto expected = golden_rows("../large/" + name + ".csv");
    for (const json& platform : {json{{"type", "none"}}, golden["star"]}) {
      INFO(name << " on " << platform["type"]);
      if (entry.contains("delay") && platform["type"] != "none") continue;
      ++matched;
      json source = scenario_of_case(golden, {{"algorithm", entry}}, expected.size() - 2);
      source["platform"] = platform;
      const Scenario s = make_scenario(source, "golden.json", beyond);
      const auto rows = csv(in_child([&] { return rows_of(s); }));
      REQUIRE(rows.size() == expected.size() - 1);
      for (std::size_t k = 0; k < rows.size(); ++k) {
        INFO("round " << k);
        const auto &row = rows[k], &want = expected[k + 1];
        REQUIRE(row[round_] == want[0]);
        REQUIRE(std::stod(row[loss]) == Approx(std::stod(want[1])).epsilon(1e-9));
        REQUIRE(std::stod(row[grad_norm]) == Approx(std::stod(want[2])).epsilon(1e-9));
        REQUIRE(row[uploads] == want[3]);
        REQUIRE(row[upload_bits] == want[4]);
        REQUIRE(row[downloads] == want[5]);
        REQUIRE(row[download_bits] == want[6]);
      }
    }
  }
  CHECK(matched == 23);
}
