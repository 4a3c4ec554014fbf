#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "sim/run/run.hpp"
#include "sim/sweep/shards.hpp"
#include "sim/sweep/slurm.hpp"

namespace laconic::commands {

/// How a sweep is to run, where that is not all of it on this machine.
struct SweepChoice {
  std::string on, shard;
  bool merge = false, status = false, cancel = false, collect = false;
  sweep::SlurmOptions slurm;
};

void add_sweep_choice(CLI::App* command, SweepChoice& choice);

/// Does what was chosen. Returns the exit code. Throws InputError where two options do not go together.
int act_on_sweep(const std::string& file, const scenario::ScenarioOptions& scenario, const run::RunOptions& options,
                 const SweepChoice& choice);

}  // namespace laconic::commands
