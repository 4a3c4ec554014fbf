#pragma once

#include "algorithms/base/error.hpp"
#include "algorithms/methods/registry.hpp"
#include "tests/laws/setup.hpp"
#include "tests/sim/runs.hpp"

// A scenario for every method of the registry.

namespace laconic::tests {

template <class Entry>
nlohmann::json entry_for(const Entry& method) {
  nlohmann::json entry = {{"method", method.name}};
  const TestSetup s(1);
  // Only what the method requires, so that its defaults are what is tested.
  const Constants constants{{"L", 1}, {"L_max", 1}, {"M", 2}, {"n", 2}, {"d", 1}, {"K", 1}};
  for (bool complete = false; !complete;) {
    Params in(entry, "", "", constants);
    complete = true;
    try {
      method.make(s.setup, in);
    } catch (const InputError& e) {
      for (const auto& parameter : in.described()) {
        if (!parameter.required() || entry.contains(parameter.key)) continue;
        entry[parameter.key] = method_parameters().at(parameter.key);
        complete = false;
      }
      if (complete) FAIL(method.name << ": " << e.what());
    }
    // Rounds of hundreds of local steps would show nothing more.
    for (const auto& parameter : in.described())
      if (parameter.key == "H" && parameter.fallback.size() > 1 && !parameter.required())
        entry["H"] = method_parameters().at("H");
  }
  return entry;
}

template <class Entry>
nlohmann::json scenario_for(const Entry& method, const char* wire) {
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
