#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/base/child_process.hpp"

namespace laconic::deploy {

/// Which rank this process is, if mpirun or srun has started it as one. Throws InputError under an srun that has not
/// told its tasks of each other.
std::optional<int> rank_here();

/// Sees to it that MPI can be loaded here (transport.hpp), before all else: the program may begin anew.
void become_rank();

/// The command that starts so many ranks of this program with a plan. Throws InputError where there is no mpirun, or
/// `more`, arguments of its, cannot be cut into words.
std::vector<std::string> launch_command(int ranks, const std::string& hosts, const std::string& more,
                                        const std::filesystem::path& plan);

/// Starts it. What it says goes into a file.
ChildProcess launch(const std::vector<std::string>& command, const std::filesystem::path& words);

/// What mpirun said there, in a line.
std::string words_of_launcher(const std::filesystem::path& words);

}  // namespace laconic::deploy
