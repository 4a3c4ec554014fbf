#pragma once

#include <mutex>

#include "sim/network/timeline/timeline.hpp"
#include "sim/results/trace.hpp"
#include "sim/scenario/scenario.hpp"

namespace laconic::run {

/// How one algorithm's run ended: what its process tells the one that started it.
struct JobResult {
  results::Row last;
  results::Stop stop = results::Stop::rounds;
  std::vector<std::optional<results::Row>> reached;  ///< as Recorder::reached
  double wall_s = 0;
};

/// Called every tenth of a second or so with the latest state.
using ReportProgress = std::function<void(Round rounds, const results::Row& last)>;

/// What is complete of a run so far, for a thread that ends the process in the middle of a long round. The run holds
/// `mutex` while it changes anything that these read, or writes a row.
struct Unfinished {
  std::mutex mutex;
  std::function<JobResult()> result;     ///< empty where there is no row yet
  std::function<std::string()> section;  ///< of run.trace; empty: none
};

/// What else a run may write.
struct JobExtras {
  std::string prefix = {};                ///< leading columns of every row
  results::Trace* record = nullptr;       ///< what it learns, as the network sees it; not where time decides that
  network::Timeline* timeline = nullptr;  ///< not where there is no network
  Unfinished* unfinished = nullptr;       ///< kept up to date
  /// How many threads may learn at present; results do not depend on it.
  std::function<int()> threads = [] { return 1; };
};

/// Runs algorithm i of the scenario in this process and writes its rows, without header, to `csv`; nullptr: nowhere.
JobResult run_job(const scenario::Scenario& scenario, std::size_t i, std::FILE* csv, const ReportProgress& progress,
                  const JobExtras& extras = {});

/// Learns algorithm i of the scenario without its network, under its collective, until "stop" or an interrupt ends it;
/// "stop" may not name a simulated time. `threads`: as JobExtras::threads.
results::Trace learn(
    const scenario::Scenario& scenario, std::size_t i, const std::function<int()>& threads = [] { return 1; });

/// Writes the rows that run_job would write on another cluster, from a trace of algorithm i and without the scenario's
/// problem. Throws what simulate_rounds throws, and RunError where the trace ends too soon or has no row that is due.
JobResult replay_job(const scenario::Scenario& scenario, std::size_t i, const results::Trace& trace,
                     const network::ClusterPlan& cluster, std::FILE* csv, const ReportProgress& progress,
                     const JobExtras& extras = {});

}  // namespace laconic::run
