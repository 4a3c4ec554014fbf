#pragma once

#include <cstddef>
#include <filesystem>

namespace laconic::processes {

/// The cores that this process may use, at least 1: the least of its affinity mask, the processor time that its control
/// groups (version 1 or 2) and those above them grant, in whole cores, and what Slurm gave its task
/// (SLURM_CPUS_PER_TASK, or where that is not set SLURM_CPUS_ON_NODE).
/// `root`: where /proc and /sys are; tests have files of their own.
std::size_t usable_cores(const std::filesystem::path& root = "/");

}  // namespace laconic::processes
