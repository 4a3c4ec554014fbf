#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

#include "sim/run/gathered.hpp"
#include "sim/run/run.hpp"

namespace laconic::run {

/// Where a run's results go, and when it began.
struct Begun {
  std::filesystem::path folder;
  std::chrono::system_clock::time_point started;
  std::chrono::steady_clock::time_point clock;
};
using Provenance = decltype(RunWork::provenance);

/// What run_all does when all algorithms have ended: names the files, prints the table and what failed. Returns the
/// exit code.
int finish_run(const scenario::Scenario& scenario, const RunOptions& options, const Begun& begun,
               const std::vector<Child>& children, Gathered& gathered, const Provenance& provenance);

}  // namespace laconic::run
