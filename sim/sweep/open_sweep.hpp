#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/run/run.hpp"
#include "sim/sweep/sweep_plan.hpp"

namespace laconic::sweep {

/// What was chosen for each point before the sweep began.
struct ChosenPoints {
  nlohmann::json swept;                 ///< the scenario without what was tuned
  std::vector<nlohmann::json> changes;  ///< as Sweep's
  nlohmann::ordered_json told;          ///< for sweep.json
  std::string words;                    ///< for the terminal
  nlohmann::ordered_json seeds = {};    ///< for sweep.json, where it was found out how many are enough
};

/// A sweep's scenario, read and checked, and its plan.
struct OpenSweep {
  nlohmann::json source;
  SweepPlan plan;
  std::string name, stand_in;
  results::RecordRules record;
  // What a run at one of its points works on, for estimates:
  double d = 0, samples = 0;           ///< the model's numbers; all workers' samples
  double flops = 0;                    ///< of all workers' gradients over all samples
  nlohmann::ordered_json tuning = {};  ///< what was chosen, for sweep.json; null: nothing was tuned
  std::string chosen = {};             ///< that in words
  nlohmann::ordered_json seeds = {};   ///< how many were enough, for sweep.json; null: that was not asked
};

/// Throws InputError: what all points share is wrong at any of them, and found before anything runs. Warns.
OpenSweep open_sweep(const std::filesystem::path& file, const scenario::ScenarioOptions& options);
/// That of a scenario in JSON that has passed the schema. `chosen`, unless null: what its algorithms run with.
OpenSweep open_sweep(const nlohmann::json& source, const std::filesystem::path& file, const ChosenPoints* chosen);
/// That of trials, which were checked: without a warning. `changes`: as Sweep's.
OpenSweep open_trials(const nlohmann::json& source, const std::filesystem::path& file,
                      const std::vector<nlohmann::json>& changes);

/// The runs that are not finished, and failed when they were last tried, with the reason.
using Failures = std::map<RunName, std::string>;
/// In lines on the error stream.
void report_failures(const SweepPlan& plan, const Failures& failed);

/// What there is to know of a sweep that is not done, for a figure of it; it goes with the points. `shards`: this
/// process is not the only one that works on it.
void write_running(const OpenSweep& sweep, const std::filesystem::path& points, bool shards);

/// Whether the tables of this very sweep are in that folder, and whole.
bool holds_tables(const OpenSweep& sweep, const std::filesystem::path& folder);

enum class Tables { made, interrupted, gone };
/// Writes the tables and sweep.json, of the runs that were finished when the plan last looked. `gone`: what was
/// finished cannot be read any more. Throws RunError if they cannot be written.
Tables make_tables(const OpenSweep& sweep, const std::filesystem::path& folder, std::size_t failed,
                   std::chrono::steady_clock::time_point start);

/// What to exit with where the tables are there: 0, or 3 if runs failed or all of them diverged.
int exit_code(const std::filesystem::path& folder, std::size_t failed);

/// Says what there is now. `before`: how many of the runs were finished before.
void say_made(const OpenSweep& sweep, const std::filesystem::path& folder, std::size_t done, std::size_t before,
              std::size_t failed);

}  // namespace laconic::sweep
