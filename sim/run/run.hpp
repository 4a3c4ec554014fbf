#pragma once

#include <chrono>
#include <filesystem>

#include "sim/processes/cores.hpp"
#include "sim/results/result_folder.hpp"
#include "sim/run/job.hpp"

namespace laconic::run {

enum class Progress { automatic, always, never };

struct RunOptions {
  std::filesystem::path out;  ///< empty: results/<name>, or results/<name>-2, ... if that holds a result
  const results::HeldFolder* folder = nullptr;  ///< where results go instead, if the caller holds it already
  int jobs = 0;     ///< processes at a time; 0: the cores, or as many as leave each its threads
  int threads = 0;  ///< each process's; 0: the cores that the processes leave
  Progress progress = Progress::automatic;
  bool force = false;              ///< replace an existing result
  bool quiet = false;              ///< no table
  bool as_json = false;            ///< the summary as JSON instead
  std::filesystem::path timeline;  ///< where hosts' and links' activity goes (timeline.hpp); empty: nowhere
  Round timeline_first = 1, timeline_last = 100;  ///< the rounds that it shows
};

/// Runs every algorithm of the scenario, each in a process of its own (SimGrid has one engine a process), writes
/// trajectory.csv (or trajectory.csv.gz), summary.csv, run.json and run.trace, and prints the table. Results depend on
/// neither `jobs` nor `threads`. Returns the exit code: 0, or 3 if a run failed or was interrupted, or the disk is
/// full; what was recorded is kept. Throws InputError if the output is not writable, holds a result already, or another
/// process writes there.
int run_scenario(const scenario::Scenario& scenario, const RunOptions& options);

/// Throws InputError if the scenario's timeline cannot be written where `options` say.
void check_timeline(const scenario::Scenario& scenario, const RunOptions& options);

/// What run_scenario does, but for what it does in each algorithm's process, and what it writes into run.json.
struct RunWork {
  /// `section` receives the algorithm's section of run.trace.
  std::function<JobResult(std::size_t i, std::FILE* rows, const ReportProgress& progress, network::Timeline* timeline,
                          std::string& section, Unfinished& unfinished)>
      run;
  std::function<nlohmann::ordered_json(const std::vector<std::optional<JobResult>>& results, const char* status,
                                       std::chrono::system_clock::time_point started, double wall_s)>
      provenance;
};
/// `given`, unless null, hears how many processes there are.
int run_all(const scenario::Scenario& scenario, const RunOptions& options, const RunWork& work,
            processes::Cores* given = nullptr);

}  // namespace laconic::run
