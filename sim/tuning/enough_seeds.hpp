#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/results/result_folder.hpp"
#include "sim/run/run.hpp"
#include "sim/scenario/read_seeds.hpp"
#include "sim/sweep/open_sweep.hpp"

namespace laconic::tuning {

/// The seeds that were run, and what they say.
struct EnoughSeeds {
  std::size_t seeds = 0;
  double widest = 0;  ///< of all intervals, as a share of its median; infinite where some seeds miss a target
  /// The median of each algorithm's cost to each target, and its interval; empty where more than seeds are swept.
  std::string table = {};

  /// "12 seeds: intervals within 5 %", "30 seeds, still 8 %"
  std::string words(const scenario::Seeds& asked) const;
};

/// Runs a sweep over the first 5 seeds, and over a quarter more of them, until the bootstrap interval of each median
/// cost to each target in `watch`, of each algorithm at each point, is as narrow as is asked for, or there are as many
/// seeds as are allowed. Runs are kept in the folder, whose points are there, and not run again. `at`: the sweep over
/// the first n. Nothing after an interrupt, or where runs failed, which was said then.
std::optional<EnoughSeeds> run_enough(const scenario::Seeds& asked, const std::vector<results::Target>& watch,
                                      const std::function<sweep::ChosenPoints(std::size_t n)>& at,
                                      const std::filesystem::path& file, const results::ResultFolder& folder,
                                      const run::RunOptions& options);

}  // namespace laconic::tuning
