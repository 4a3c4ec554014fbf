#pragma once

#include <filesystem>
#include <string>

#include "sim/run/run.hpp"

namespace laconic::deploy {

struct DeployOptions {
  int ranks = 0;         ///< 0: this process is a rank that mpirun or srun has started
  std::string hosts;     ///< mpirun's --host
  std::string mpirun;    ///< more arguments of mpirun
  bool as_rank = false;  ///< this process is a rank, and the scenario's place has a Plan
  bool send_data = false;
};

/// Runs a scenario's methods as processes that exchange the encoded messages over MPI, and writes what run_scenario
/// does and deploy.csv; times are measured. Returns the exit code. Throws InputError for what only a simulation has.
int deploy(const std::string& file, const scenario::ScenarioOptions& scenario, const run::RunOptions& options,
           const DeployOptions& how);

}  // namespace laconic::deploy
