#include "algorithms/asynchronous/registry.hpp"
#include "sim/scenario/json_input.hpp"
#include "tests/golden/beyond.hpp"

// Trajectories of asynchronous methods, computed by an independent program from the same specification. Times, losses
// and means to 1e-9 relative, counts exactly, in every row, whoever simulates.

using namespace laconic::tests;
using nlohmann::json;

TEST_CASE("golden trajectories of asynchronous methods are matched by both solvers") {
  const json golden = read_json(beyond / "small2.json");
  int matched = 0;
  for (const auto& [name, one] : golden["cases"].items()) {
    if (one["kind"] != "async") continue;
    const auto expected = golden_rows(one["file"]);
    for (const char* solver : {"auto", "simgrid"}) {
      INFO(name << " by " << solver);
      ++matched;
      json source = scenario_of_case(golden, one, expected.size() - 2);
      source["network"]["solver"] = solver;
      const Scenario s = make_scenario(source, "golden.json", beyond);
      const auto rows = csv(in_child([&] { return rows_of(s); }));
      REQUIRE(rows.size() == expected.size() - 1);
      for (std::size_t k = 0; k < rows.size(); ++k) {
        INFO("update " << k);
        const auto& want = expected[k + 1];
        const Column columns_of[] = {round_,    sim_time,      loss, grad_norm,      uploads,      upload_bits,
                                     downloads, download_bits, late, staleness_mean, staleness_max};
        for (std::size_t i = 0; i < std::size(columns_of); ++i) {
          INFO(expected[0][i]);
          const std::string& got = rows[k][columns_of[i]];
          if (got == want[i]) continue;
          REQUIRE_FALSE(got.empty());
          REQUIRE_FALSE(want[i].empty());
          const bool count = i == 0 || (i > 3 && columns_of[i] != staleness_mean);
          REQUIRE_FALSE(count);
          REQUIRE(std::stod(got) == Approx(std::stod(want[i])).epsilon(1e-9));
        }
      }
    }
  }
  CHECK(matched == 24);
}
