#pragma once

#include "sim/deploy/plan.hpp"

namespace laconic::deploy {

// How a rank exits.
inline constexpr int exit_done = 0, exit_failed = 3;

/// Is rank 0 of a deployed run until that is over. `scenario` is the plan's. Returns the exit code.
int be_rank_0(const Plan& plan, const scenario::Scenario& scenario);

/// Is rank 0 of a run that cannot begin: lets the others go.
void dismiss();

/// Is another rank, which learns from rank 0 what there is to do.
int be_rank();

}  // namespace laconic::deploy
