#pragma once

#include "algorithms/base/error.hpp"
#include "algorithms/methods/registry.hpp"
#include "tests/laws/setup.hpp"
#include "tests/sim/runs.hpp"

// A scenario for every method of the registry.

namespace laconic::tests {

inline nlohmann::json entry_for(const MethodEntry& method) {
  nlohmann::json entry = {{"method", method.name}};
  const TestSetup s(1);
  // Only what the method insists on, so that its defaults are what is tested.
  const Constants constants{{"L", 1}, {"L_max", 1}, {"M", 2}, {"d", 1}, {"K", 1}};
  for (;;) {
    try {
      Params in(entry, "", "", constants);
      method.make(s.setup, in);
      return entry;
    } catch (const InputError& e) {
      const std::string text = e.what(), missing = "missing \"";
      const auto at = text.find(missing);
      REQUIRE(at != std::string::npos);
      const auto start = at + missing.size();
      const std::string key = text.substr(start, text.find('"', start) - start);
      entry[key] = method_parameters().at(key);
    }
  }
}

inline nlohmann::json scenario_for(const MethodEntry& method, const char* wire) {
  nlohmann::json source = small_scenario(entry_for(method));
  source["workers"] = 4;
  source["data"] = {{"type", "lag-synthetic"}, {"samples", 12}, {"features", 9}};
  source["network"]["wire"] = wire;
  source["stop"]["rounds"] = 60;
  source["record"] = {{"metrics", {"loss", "loss_gap", "grad_norm", "accuracy"}}};
  return source;
}

// Not every method has every slot.
inline bool is_refused(const nlohmann::json& source) {
  try {
    scenario_of(source);
  } catch (const InputError&) {
    return true;
  }
  return false;
}

}  // namespace laconic::tests
