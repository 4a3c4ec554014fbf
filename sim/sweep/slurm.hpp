#pragma once

#include <string>

#include "sim/run/run.hpp"
#include "sim/sweep/shards.hpp"

// A sweep as a job array of Slurm (sbatch, squeue and scancel in the PATH): each task does a shard of what was missing
// when the array was submitted. The batch script, the job's number and the tasks' words are kept in <out>/points/slurm
// until the tables are made.

namespace laconic::sweep {

struct SlurmOptions {
  int tasks = 0;       ///< of the array; 0: as many as let each take some minutes
  std::string sbatch;  ///< options of sbatch, separated by blanks
};

/// Submits what is missing of a sweep, which was opened with these options, and says the job's number. Returns the exit
/// code. Throws InputError, also where sbatch refuses, with its words, and while an earlier job of this folder is in
/// the queue.
int submit_sweep(SharedSweep& shared, const scenario::ScenarioOptions& scenario, const run::RunOptions& options,
                 const SlurmOptions& slurm);

/// Throws InputError where Slurm's commands are not in the PATH, where the options are none of sbatch's, or where the
/// cluster allows no array of so many tasks.
void check_slurm(const SlurmOptions& slurm);

/// Prints what is done, running, waiting and failed, and how long the rest may take; also of shards without a job.
int sweep_status(SharedSweep& shared);

/// Cancels the job.
int cancel_sweep(const SharedSweep& shared);

}  // namespace laconic::sweep
