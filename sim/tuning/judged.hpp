#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/scenario/scenario.hpp"
#include "sim/sweep/open_sweep.hpp"
#include "sim/tuning/choices.hpp"

// What is judged once trials have told which values are best.

namespace laconic::tuning {

/// A scenario with "tune" that has passed the schema. Throws InputError.
nlohmann::json read_tuned(const std::filesystem::path& file, const scenario::ScenarioOptions& options);

/// With the first of all values, at the first point of its sweep if `swept`: it must be right before the first trial.
/// Throws InputError.
scenario::Scenario judged_at_first(const nlohmann::json& source, const Trials& trials,
                                   const std::filesystem::path& file, bool swept);

/// With what was chosen at its one point.
nlohmann::json chosen_source(const nlohmann::json& source, const Trials& trials, const Choices& choices);

/// With what was chosen at each point of its sweep.
sweep::ChosenPoints chosen_points(const nlohmann::json& source, const std::filesystem::path& file, const Trials& trials,
                                  const Choices& choices);

}  // namespace laconic::tuning
