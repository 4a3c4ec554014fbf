#include <set>

#include "sim/claims/check.hpp"
#include "sim/scenario/json_input.hpp"
#include "sim/scenario/schema_check.hpp"
#include "sim/scenario/sweep_points.hpp"
#include "tests/sim/runs.hpp"

using namespace laconic::tests;
using nlohmann::json;

TEST_CASE("the papers' scenarios are valid: their words, claims, sweeps and full scale") {
  const auto files = paper_scenarios();
  CHECK(files.size() >= 10);
  for (const auto& file : files) {
    INFO(file.string());
    for (const bool full : {false, true}) {
      ScenarioOptions options;
      options.full = full;
      const json source = read_source(file, options);
      CHECK_NOTHROW(check_schema(source, file.string()));
      CHECK(source["name"].get<std::string>() == file.stem().string());
      CHECK(source.contains("comment"));
      REQUIRE(source.contains("claims"));
      std::vector<std::string> labels;
      for (const auto& entry : source["algorithms"]) labels.push_back(entry["label"]);
      CHECK_NOTHROW(read_claims(source, file.string(), labels));
      CHECK_NOTHROW(check_claim_points(source, file.string()));
      for (const auto& claim : source["claims"]) CHECK(claim.contains("what"));
      if (source["platform"]["type"] == "none") continue;  // iterations and bits are all that it is about
      // Two clusters at least.
      std::set<json> clusters;
      const Sweep sweep(source, file.string());
      for (std::size_t n = 0; n < sweep.size(); ++n) {
        const json at = sweep.source(n);
        clusters.insert({at["platform"], at.value("conditions", json())});
      }
      CHECK(clusters.size() >= 2);
    }
  }
}
