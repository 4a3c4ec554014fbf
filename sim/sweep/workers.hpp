#pragma once

#include "sim/sweep/open_sweep.hpp"

namespace laconic::sweep {

struct SweepOutcome {
  std::size_t done = 0;  ///< beside what was finished before
  Failures failed;
};

/// Does what the plan has left to do, in other processes, and keeps what they finish and why they failed. `total`: how
/// many runs there are, those that were finished before among them. `what` they are, for
/// the progress.
SweepOutcome work_and_listen(SweepPlan& plan, std::size_t total, const run::RunOptions& options, const char* what);

}  // namespace laconic::sweep
