#pragma once

#include <filesystem>
#include <string>

#include "sim/run/run.hpp"

// A sweep as a job array of Slurm (sbatch, squeue and scancel in the PATH): each task does a shard of what was missing
// when the array was submitted. The batch script, the job's number and the tasks' words are kept in <out>/points/slurm
// until the tables are made.

namespace laconic::sweep {

struct SlurmOptions {
  int tasks = 0;       ///< of the array; 0: as many as let each take some minutes
  std::string sbatch;  ///< options of sbatch, separated by blanks
};

/// Checks the sweep, submits what is missing of it, and says the job's number. Returns the exit code. Throws
/// InputError, also where sbatch refuses, with its words, and while an earlier job of this folder is in the queue.
int submit_sweep(const std::filesystem::path& file, const scenario::ScenarioOptions& scenario,
                 const run::RunOptions& options, const SlurmOptions& slurm);

/// Prints what is done, running, waiting and failed, and how long the rest may take; also of shards without a job.
int sweep_status(const std::filesystem::path& file, const scenario::ScenarioOptions& scenario,
                 const run::RunOptions& options);

/// Cancels the job.
int cancel_sweep(const std::filesystem::path& file, const scenario::ScenarioOptions& scenario,
                 const run::RunOptions& options);

}  // namespace laconic::sweep
