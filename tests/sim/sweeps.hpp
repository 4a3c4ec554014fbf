#pragma once

#include "tests/sim/program.hpp"
#include "tests/sim/runs.hpp"

namespace laconic::tests {

inline nlohmann::json swept(const nlohmann::json& sweep) {
  nlohmann::json source = small_scenario();
  source["algorithms"] = {{{"method", "gd"}, {"label", "GD"}}, {{"method", "lag-wk"}}};
  source["stop"]["rounds"] = 8;
  source["sweep"] = sweep;
  return source;
}

inline constexpr const char* tables[] = {"trajectory.csv", "summary.csv"};

}  // namespace laconic::tests
