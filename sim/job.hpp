#pragma once

#include "sim/scenario.hpp"
#include "sim/trace.hpp"

namespace laconic {

/// How one algorithm's run ended: what its process tells the one that started it.
struct JobResult {
  Row last;
  Stop stop = Stop::rounds;
  std::vector<std::optional<Row>> reached;  ///< as Recorder::reached
  double wall_s = 0;
};

/// Runs algorithm i of the scenario in this process and writes its rows, without header, to `csv`.
/// `progress` is called every tenth of a second or so with the latest state. `prefix`: leading columns of every row.
/// `threads`: how many may learn at present; results do not depend on it.
JobResult run_job(
    const Scenario& scenario, std::size_t i, std::FILE* csv,
    const std::function<void(Round rounds, const Row& last)>& progress, const std::string& prefix = "",
    const std::function<int()>& threads = [] { return 1; });

/// The same from a trace of algorithm i, on another cluster. Throws what run_actors throws, and std::out_of_range if
/// the run stops where the trace has no row: learning must have stopped by the same rules.
JobResult replay_job(const Scenario& scenario, std::size_t i, const Trace& trace, const ClusterPlan& cluster,
                     std::FILE* csv, const std::string& prefix = "");

/// Ctrl-C (SIGINT) and SIGTERM ask runs to end with the round they are in.
void catch_interrupts();
/// How often they have asked.
int interrupts();

}  // namespace laconic
