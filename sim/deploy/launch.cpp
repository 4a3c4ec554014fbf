#include "sim/deploy/launch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "algorithms/base/error.hpp"
#include "algorithms/base/program.hpp"
#include "sim/processes/usable_cores.hpp"

namespace laconic::deploy {

using namespace processes;

namespace {

namespace fs = std::filesystem;

std::optional<int> number_in(const char* variable) {
  const char* text = std::getenv(variable);
  int out = 0;
  if (!text || std::from_chars(text, text + std::strlen(text), out).ec != std::errc{}) return {};
  return out;
}

bool is_in_path(const char* name) {
  std::istringstream folders(std::getenv("PATH") ? std::getenv("PATH") : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (access((fs::path(folder) / name).c_str(), X_OK) == 0) return true;
  return false;
}

}  // namespace

std::optional<int> rank_here() {
  for (const char* variable : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"})
    if (const auto rank = number_in(variable)) return rank;
  // The script of a batch job is a step without a number, from which mpirun may be started.
  if (number_in("SLURM_STEP_ID").value_or(-1) >= 0 && number_in("SLURM_STEP_NUM_TASKS").value_or(1) > 1)
    throw InputError("laconic deploy: srun has not told its tasks of each other: expected srun --mpi=pmix");
  return {};
}

std::vector<std::string> launch_command(int ranks, const std::string& hosts, const std::string& more,
                                        const fs::path& plan) {
  if (!is_in_path("mpirun")) throw InputError("laconic deploy: there is no mpirun in the PATH: install openmpi-bin");
  std::vector<std::string> out{"mpirun", "--quiet", "-n", std::to_string(ranks)};
  if (geteuid() == 0) out.emplace_back("--allow-run-as-root");
  if (!hosts.empty()) out.insert(out.end(), {"--host", hosts});
  if (hosts.empty() && more.empty() && static_cast<std::size_t>(ranks) > usable_cores())
    out.insert(out.end(), {"--oversubscribe", "--mca", "mpi_yield_when_idle", "1"});
  std::istringstream words(more);
  for (std::string word; words >> word;) out.push_back(word);
  out.insert(out.end(), {program_file().string(), "deploy", fs::absolute(plan).string(), "--as-rank"});
  return out;
}

// A process group of its own: Ctrl-C comes by this process, which tells it to end.
ChildProcess launch(const std::vector<std::string>& command, const fs::path& words) {
  return ChildProcess([&](int pipe) {
    fcntl(pipe, F_SETFD, 0);  // whose end is that of the launcher
    setpgid(0, 0);
    const int nothing = open("/dev/null", O_RDWR), said = open(words.c_str(), O_WRONLY | O_TRUNC);
    dup2(nothing, STDIN_FILENO);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) dup2(said, stream);
    std::vector<char*> argv;
    for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    execvp(argv[0], argv.data());
    return 127;
  });
}

std::string words_of_launcher(const fs::path& words) {
  std::ifstream in(words);
  std::string out;
  constexpr std::size_t enough = 400;
  for (std::string word; in >> word && out.size() < enough;)
    if (word.find_first_not_of("-=*") != word.npos || word.size() < 4) out += (out.empty() ? "" : " ") + word;
  return out;
}

}  // namespace laconic::deploy
