#include "algorithms/methods/registry.hpp"
#include "platforms/topologies/registry.hpp"
#include "sim/results/trace_file.hpp"
#include "tests/laws/setup.hpp"
#include "tests/platforms/examples.hpp"
#include "tests/sim/program.hpp"
#include "tests/sim/runs.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

// With whatever parameters the method insists on.
Scenario scenario_for(const MethodEntry& method, json source) {
  source["algorithms"] = {{{"method", method.name}}};
  for (;;) {
    try {
      return scenario_of(source);
    } catch (const InputError& e) {
      const std::string text = e.what(), missing = "missing \"";
      const auto at = text.find(missing);
      INFO(text);
      REQUIRE(at != std::string::npos);
      const auto start = at + missing.size();
      const std::string key = text.substr(start, text.find('"', start) - start);
      source["algorithms"][0][key] = method_parameters().at(key);
    }
  }
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
    const Scenario alone = scenario_for(method, source);
    Method learned = alone.make_method(0);
    RecordedRun run{"", "", 4, learn(learned, alone.problem, alone.record, alone.cluster.wire, [] { return false; })};
    std::ofstream(here.path / "t", std::ios::binary) << trace_section(run);
    const Trace trace = std::move(read_trace(here.path / "t").front().trace);
    CHECK(replayed(alone, trace) == rows_of(alone));
    for (int i = 0; i < 2; ++i, ++next) {
      const auto& topology = topologies()[next % topologies().size()];
      INFO(method.name << " on " << topology.name);
      source["platform"] = platform_example(topology.name, files);
      source["network"]["skip_notice"] = i == 0;
      const Scenario s = scenario_for(method, source);
      const std::string live = in_child([&] { return rows_of(s); });
      REQUIRE(csv(live).size() == 4);
      CHECK(in_child([&] { return replayed(s, trace); }) == live);
    }
  }
}
