#pragma once

#include "sim/run/run.hpp"

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

}  // namespace laconic::sweep
