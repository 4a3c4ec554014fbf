#include "sim/processes/command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "algorithms/base/error.hpp"

namespace laconic::processes {
namespace {

// Where the program's words go: a file, so that nobody need read while it runs.
class Words {
 public:
  Words() : descriptor_(memfd_create("words", MFD_CLOEXEC)) {
    if (descriptor_ < 0) throw RunError(fmt::format("cannot start a process: {}", std::strerror(errno)));
  }
  ~Words() { close(descriptor_); }
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  int descriptor() const { return descriptor_; }
  std::string text() const {
    std::string out;
    char bytes[4096];
    for (ssize_t n; (n = pread(descriptor_, bytes, sizeof bytes, static_cast<off_t>(out.size()))) > 0;)
      out.append(bytes, static_cast<std::size_t>(n));
    return out;
  }

 private:
  int descriptor_;
};

}  // namespace

std::string Said::words() const {
  std::string text = err.empty() ? out : err;
  text.erase(std::min(text.find_last_not_of(" \n") + 1, text.size()));
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

Said run_command(const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const Words out, err;
  posix_spawn_file_actions_t streams;
  posix_spawn_file_actions_init(&streams);
  posix_spawn_file_actions_addopen(&streams, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&streams, out.descriptor(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&streams, err.descriptor(), STDERR_FILENO);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, argv[0], &streams, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&streams);
  if (error != 0) throw InputError(fmt::format("{}: cannot be started: {}", command[0], std::strerror(error)));
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), out.text(), err.text()};
}

}  // namespace laconic::processes
