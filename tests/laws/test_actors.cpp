#include "algorithms/methods/registry.hpp"
#include "platforms/topologies/registry.hpp"
#include "tests/laws/method_entries.hpp"
#include "tests/platforms/examples.hpp"
#include "tests/sim/runs.hpp"
#include "tests/trials.hpp"

// The honest end: workers and server as actors that share nothing but the bytes they send each other. Whatever finds
// the same rounds faster is held to them, column by column; times and energy to 1e-12.

using namespace laconic::tests;
using nlohmann::json;

namespace {

bool is_measured_in_time(std::size_t column) { return column == sim_time || column == compute_s || column == energy_j; }

std::string rows_under(json source, const char* solver) {
  source["network"]["solver"] = solver;
  return in_child([&] { return rows_of(scenario_of(source)); });
}

void expect_equal(const std::string& fast, const std::string& reference, std::size_t least_rows) {
  const auto a = csv(fast), b = csv(reference);
  REQUIRE(a.size() == b.size());
  REQUIRE(a.size() >= least_rows);
  for (std::size_t k = 0; k < a.size(); ++k) {
    INFO("row " << k);
    REQUIRE(a[k].size() == b[k].size());
    for (std::size_t column = 0; column < a[k].size(); ++column) {
      INFO("column " << column);
      if (is_measured_in_time(column) && !a[k][column].empty())
        REQUIRE(std::stod(a[k][column]) == Approx(std::stod(b[k][column])).epsilon(1e-12));
      else
        REQUIRE(a[k][column] == b[k][column]);
    }
  }
}

// Every worker differs from every other.
const json uneven = {{"type", "star"},
                     {"worker_speed", {"1Mf", "3Mf", "400kf", "2Mf"}},
                     {"bandwidth", {"1kBps", "30MBps", "2MBps", "400kBps"}},
                     {"latency", {"10ms", "3ms", "30ms", "11ms"}},
                     {"server_bandwidth", "100kBps"}};

const json conditions = json::parse(R"({
  "stragglers": {"probability": 0.3, "factor": {"type": "log-normal", "median": 5, "sigma": 1}},
  "links": [{"link": "worker-1", "bandwidth": [[0, "1MBps"], ["10ms", "100kBps"]], "period": "20ms"},
            {"link": "worker-2", "latency": [["30ms", "50ms"]]}],
  "hosts": [{"host": "worker-0", "speed": [["50ms", 0.1]]}],
  "traffic": [{"from": "worker-3", "to": "server", "on": "20ms", "off": "30ms"}]})");

}  // namespace

TEST_CASE("law: actors that exchange the encoded bytes write the rows that the fast paths write, for every method") {
  const auto all = methods::methods();
  for (std::size_t i = 0; i < all.size(); ++i)
    for (const bool notice : {true, false}) {
      if (!takes_pair(i, notice, 2)) continue;
      const auto& method = all[i];
      INFO(method.name << ", skip_notice " << notice);
      json source = scenario_for(method, notice ? "float32" : "float64");
      source["network"]["skip_notice"] = notice;
      source["platform"] = uneven;
      const std::string reference = rows_under(source, "actors");
      REQUIRE_FALSE(reference.starts_with("threw"));
      for (const char* solver : {"auto", "simgrid"}) expect_equal(rows_under(source, solver), reference, 40);
    }
}

TEST_CASE("law: so they do on every topology") {
  const PlatformFiles files;
  const auto all = methods::methods();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& method = all[i];
    json source = scenario_for(method, "float32");
    source["stop"]["rounds"] = 5;
    for (std::size_t t = 0; t < topologies().size(); ++t) {
      if (!takes_pair(i, t, topologies().size())) continue;
      const auto& topology = topologies()[t];
      INFO(method.name << " on " << topology.name);
      source["platform"] = platform_example(topology.name, files);
      expect_equal(rows_under(source, "auto"), rows_under(source, "actors"), 6);
    }
  }
}

TEST_CASE("law: so they do with stragglers, changing links, traffic and energy") {
  const auto all = methods::methods();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& method = all[i];
    INFO(method.name);
    json source = scenario_for(method, "float32");
    source["stop"]["rounds"] = 12;
    json metered = source;
    source["conditions"] = conditions;
    metered["conditions"]["stragglers"] = conditions["stragglers"];
    metered["platform"]["watts"] = {{"server", {{"idle", 50}, {"busy", 100}}},
                                    {"worker", {{"idle", 5}, {"busy", 15}}},
                                    {"link", {{"idle", 1}, {"busy", 2}}}};
    if (takes_pair(i, 0, 2)) expect_equal(rows_under(source, "auto"), rows_under(source, "actors"), 13);
    if (takes_pair(i, 1, 2)) expect_equal(rows_under(metered, "auto"), rows_under(metered, "actors"), 13);
  }
}

TEST_CASE("actors leave a trace that is the fast paths' trace, to the byte") {
  json source = scenario_for(*find(methods::methods(), "le-signgd"), "float32");
  const auto trace_under = [&](const char* solver) {
    source["network"]["solver"] = solver;
    return in_child([&] {
      Trace trace;
      const Scenario s = scenario_of(source);
      text_written([&](std::FILE* file) { run_job(s, 0, file, {}, {.record = &trace}); });
      return trace.packed();
    });
  };
  CHECK(trace_under("actors") == trace_under("auto"));
}

TEST_CASE("what actors cannot do is refused with the reason") {
  json source = scenario_for(*find(methods::methods(), "gd"), "float32");
  source["network"]["solver"] = "actors";
  const auto refusal = [&](const json& given) {
    try {
      scenario_of(given);
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  json none = source, ring = source, failing = source;
  none["platform"] = {{"type", "none"}};
  ring["collective"] = "ring-allreduce";
  failing["conditions"]["failures"] = {{{"mtbf", "200ms"}, {"mttr", "20ms"}}};
  CHECK_THAT(refusal(none),
             Catch::Matchers::ContainsSubstring("/network/solver: \"actors\" exchange messages over a network"));
  CHECK_THAT(refusal(ring),
             Catch::Matchers::ContainsSubstring("/network/solver: \"actors\" exchange whole messages with a server"));
  CHECK_THAT(refusal(failing), Catch::Matchers::ContainsSubstring("/network/solver: \"actors\" wait for everybody"));
}
