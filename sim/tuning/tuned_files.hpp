#pragma once

#include <filesystem>

#include "sim/tuning/choices.hpp"

namespace laconic::tuning {

/// tuned.csv: a row for every point, algorithm, trial and tuning seed, with the parameters' values, what came out, the
/// trial's median, and whether it was chosen. Throws RunError.
void write_tuned_csv(const std::filesystem::path& folder, const std::string& scenario, const Trials& trials,
                     const Choices& choices);

/// tuned.json of `laconic tune`: what was chosen, and `scenario`, with it put in where that is the same at all points.
void write_tuned_json(const std::filesystem::path& folder, const std::string& file, const nlohmann::ordered_json& told,
                      const nlohmann::json& scenario);

}  // namespace laconic::tuning
