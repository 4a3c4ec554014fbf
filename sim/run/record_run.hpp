#pragma once

#include "sim/run/job.hpp"

namespace laconic::run {

/// A run that is not simulated, and how its rows are measured.
struct CarriedRun {
  Round local_steps = 1;
  std::function<results::Measures(Round rounds)> measure;
  std::function<bool(Round rounds)> may_end = [](Round) { return true; };  ///< whether an interrupt can end it here
  /// Carries it out, and calls what it is given as AfterRound until that ends it.
  std::function<void(const rounds::AfterRound& after)> carry_out;
};

/// What run_job does, but for the simulation.
JobResult record_run(const scenario::Scenario& scenario, std::size_t i, const CarriedRun& carried, std::FILE* csv,
                     const ReportProgress& progress, const JobExtras& extras);

}  // namespace laconic::run
