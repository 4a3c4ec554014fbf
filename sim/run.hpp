#pragma once

#include <filesystem>

#include "sim/scenario.hpp"

namespace laconic {

enum class Progress { automatic, always, never };

struct RunOptions {
  std::filesystem::path out;  ///< empty: results/<name>, or results/<name>-2, ... if that holds a result
  int jobs = 0;               ///< processes at a time; 0: the cores, or as many as leave each its threads
  int threads = 0;            ///< of each process; 0: the cores that the processes leave
  Progress progress = Progress::automatic;
  bool force = false;  ///< replace an existing result
  bool quiet = false;  ///< no table
};

/// Runs every algorithm of the scenario, each in a process of its own (SimGrid has one engine a process), writes
/// trajectory.csv, summary.csv and run.json, and prints the table. Results depend on neither `jobs` nor
/// `threads`.
/// Returns the exit code: 0, or 3 if a run failed or was interrupted; what was recorded is kept.
/// Throws InputError if the output is not writable or holds a result already.
int run_scenario(const Scenario& scenario, const RunOptions& options);

}  // namespace laconic
