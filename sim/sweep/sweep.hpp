#pragma once

#include "sim/run/run.hpp"
#include "sim/sweep/open_sweep.hpp"

namespace laconic::sweep {

/// Runs the scenario at every point of its "sweep" and writes trajectory.csv (or trajectory.csv.gz) and summary.csv,
/// with the swept values as leading columns named by their pointers, and sweep.json. What is learned is computed once
/// for all points that differ in their networks alone, and replayed on each, unless "stop" names a simulated time.
///
/// Each run's rows are kept under <out>/points as soon as it is done, under the digest of its scenario, so that an
/// interrupted sweep goes on where it was, and one with failures tries these again. <out>/points is removed when all
/// are done. Returns the exit code: 0, or 3 if runs failed or the sweep was interrupted. Throws InputError.
int run_sweep(const std::filesystem::path& file, const scenario::ScenarioOptions& scenario,
              const run::RunOptions& options);

/// As above, of a scenario in JSON that has passed the schema. `chosen`, unless null: what its algorithms run with.
int run_sweep(const nlohmann::json& source, const std::filesystem::path& file, const run::RunOptions& options,
              const ChosenPoints* chosen = nullptr);

/// Does what is not done of a plan that keeps its runs, in other processes, while this one shows `what` is done and how
/// far, and says on stderr which runs failed. Returns how many runs are done by then, and how many failed.
struct Worked {
  std::size_t done, failed;
};
Worked work_through(SweepPlan& plan, const run::RunOptions& options, const char* what);

}  // namespace laconic::sweep
