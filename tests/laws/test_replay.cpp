#include "algorithms/methods/registry.hpp"
#include "platforms/topologies/registry.hpp"
#include "sim/results/trace_file.hpp"
#include "tests/laws/method_entries.hpp"
#include "tests/laws/setup.hpp"
#include "tests/platforms/examples.hpp"
#include "tests/sim/program.hpp"
#include "tests/sim/runs.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

Scenario scenario_with(const MethodEntry& method, json source) {
  source["algorithms"] = json::array({entry_for(method)});
  return scenario_of(source);
}

std::string replayed(const Scenario& s, const Trace& trace) {
  return text_written([&](std::FILE* file) { replay_job(s, 0, trace, s.cluster, file, {}); });
}

}  // namespace

TEST_CASE("law: a replay's rows are the live run's, byte for byte: every method, every topology") {
  const PlatformFiles files;
  const Folder here;
  std::size_t next = 0;
  for (const auto& method : methods::methods()) {
    json source = small_scenario();
    source["workers"] = 4;
    source["data"] = {{"type", "lag-synthetic"}, {"samples", 12}, {"features", 9}};
    source["stop"]["rounds"] = 8;
    source["record"]["every"] = 3;
    source["platform"] = {{"type", "none"}};
    const Scenario alone = scenario_with(method, source);
    RecordedRun run{"", "", 4, learn(alone, 0)};
    std::ofstream(here.path / "t", std::ios::binary) << trace_section(run);
    const Trace trace = std::move(read_trace(here.path / "t").front().trace);
    CHECK(replayed(alone, trace) == rows_of(alone));
    for (int i = 0; i < 2; ++i, ++next) {
      const auto& topology = topologies()[next % topologies().size()];
      INFO(method.name << " on " << topology.name);
      source["platform"] = platform_example(topology.name, files);
      source["network"]["skip_notice"] = i == 0;
      const Scenario s = scenario_with(method, source);
      const std::string live = in_child([&] { return rows_of(s); });
      REQUIRE(csv(live).size() == 4);
      CHECK(in_child([&] { return replayed(s, trace); }) == live);
    }
  }
}
