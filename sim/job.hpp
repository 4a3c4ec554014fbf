#pragma once

#include "sim/scenario.hpp"
#include "sim/timeline.hpp"
#include "sim/trace.hpp"

namespace laconic {

/// How one algorithm's run ended: what its process tells the one that started it.
struct JobResult {
  Row last;
  Stop stop = Stop::rounds;
  std::vector<std::optional<Row>> reached;  ///< as Recorder::reached
  double wall_s = 0;
};

/// Called every tenth of a second or so with the latest state.
using ReportProgress = std::function<void(Round rounds, const Row& last)>;

/// What else a run may write.
struct JobExtras {
  std::string prefix = {};       ///< leading columns of every row
  Trace* record = nullptr;       ///< what it learns, as the network sees it; not where time decides that
  Timeline* timeline = nullptr;  ///< not where there is no network
  /// How many threads may learn at present; results do not depend on it.
  std::function<int()> threads = [] { return 1; };
};

/// Runs algorithm i of the scenario in this process and writes its rows, without header, to `csv`.
JobResult run_job(const Scenario& scenario, std::size_t i, std::FILE* csv, const ReportProgress& progress,
                  const JobExtras& extras = {});

/// The same from a trace of algorithm i, on another cluster, without the scenario's problem; it records nothing. Throws
/// what run_actors throws, and RunError where the trace ends too soon or has no row that is due.
JobResult replay_job(const Scenario& scenario, std::size_t i, const Trace& trace, const ClusterPlan& cluster,
                     std::FILE* csv, const ReportProgress& progress, const JobExtras& extras = {});

/// Ctrl-C (SIGINT) and SIGTERM ask runs to end with the round they are in.
void catch_interrupts();
/// How often they have asked.
int interrupts();

}  // namespace laconic
