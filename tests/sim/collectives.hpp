#pragma once

#include "algorithms/base/error.hpp"
#include "sim/rounds/collectives/collective.hpp"
#include "sim/scenario/read_collective.hpp"
#include "tests/sim/runs.hpp"

namespace laconic::tests {

using nlohmann::json;

inline constexpr double w = 8, header = 64;  // bytes: float64 wire
inline constexpr double bandwidth = 1e6, latency = 0.01, speed = 1e6;

// All paths are alike: two links of 10 ms, 1 MB/s at the narrowest.
inline json even(int M, const json& collective, const json& algorithm = {{"method", "gd"}}, int d = 12) {
  json source = small_scenario(algorithm);
  source["workers"] = M;
  source["data"] = {{"type", "gaussian"}, {"samples", 840}, {"features", d}};
  source["platform"]["server_latency"] = "10ms";
  source["collective"] = collective;
  source["stop"]["rounds"] = 3;
  return source;
}

inline double bytes(double reals) { return w * reals + header; }
inline double way(double size) { return 2 * latency + size / bandwidth; }
inline double compute(int M, int d = 12) { return 4.0 * (840.0 / M) * d / speed; }

using Rows = std::vector<std::vector<std::string>>;

inline Rows rows_on_a_network(const json& source) {
  return csv(in_child([&] { return rows_of(scenario_of(source)); }));
}

inline void expect_rounds_of(const json& source, double seconds) {
  const Rows rows = rows_on_a_network(source);
  REQUIRE(rows.size() == 4);
  for (int k = 1; k <= 3; ++k)
    CHECK(std::stod(rows[static_cast<std::size_t>(k)][sim_time]) == Approx(k * seconds).epsilon(1e-9));
}

inline std::uint64_t count(const Rows& rows, std::size_t k, Column column) { return std::stoull(rows.at(k)[column]); }

inline Rows rows_untimed(json source) {
  source["platform"] = {{"type", "none"}};
  return csv(rows_of(scenario_of(source)));
}

inline Collective collective_of(const json& value, const std::vector<std::size_t>& racks = {}, int M = 4) {
  if (!racks.empty()) M = static_cast<int>(racks.size());
  return *read_collective({{"collective", value}}, "test.json", "", M, racks);
}

/// Those that add uploads up on their way.
inline const json every_collective = {{{"type", "tree"}, {"arity", 1}},
                                      "tree",
                                      {{"type", "tree"}, {"arity", 3}},
                                      "ring-allreduce",
                                      "recursive-doubling",
                                      "reduce-scatter-all-gather",
                                      "hierarchical-allreduce",
                                      {{"type", "hierarchical-allreduce"}, {"groups", 1}}};

inline std::string error(const json& source) {
  try {
    scenario_of(source);
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

struct Sent {
  int from, to;
  Step step;
};

inline std::vector<Sent> sends(const Script& script) {
  std::vector<Sent> out;
  for (std::size_t host = 0; host < script.programs.size(); ++host)
    for (const Step& step : script.programs[host])
      if (step.kind == Step::Kind::send) out.push_back({static_cast<int>(host), step.peer, step});
  return out;
}

}  // namespace laconic::tests
