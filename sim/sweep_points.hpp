#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace laconic {

/// One point of a sweep.
struct SweepPoint {
  std::vector<std::string> values;  ///< as CSV fields, in the order of Sweep::pointers
  std::string place;                ///< "/platform/latency = \"1ms\", /workers = 10"
  nlohmann::json source;            ///< the scenario there, without "sweep"
};

struct Sweep {
  std::vector<std::string> pointers;  ///< "/platform/latency", ...: those of the product, then those of "zip"
  std::vector<SweepPoint> points;     ///< the last pointer's values vary fastest; zipped ones as one
};

/// Expands "sweep": {"/pointer": [values], ..., "zip": {"/pointer": [values], ...}}, and checks every point
/// against the schema. Throws InputError.
Sweep expand_sweep(const nlohmann::json& source, const std::string& file);

/// What of a scenario its learning depends on: all but names, comments, claims, the platform, and of the network all
/// but the wire.
nlohmann::json learning_part(nlohmann::json source);

}  // namespace laconic
