#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "sim/commands/cli.hpp"
#include "sim/processes/interrupts.hpp"

namespace {

constexpr int run_failed = 3;

// A file that is opened would take the place of a stream that was closed, and what is said there would land in it.
void open_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", O_RDWR) != stream) _exit(run_failed);
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_streams();
  signal(SIGXFSZ, SIG_IGN);  // a file beyond `ulimit -f` is an error like a full disk, not the end
  laconic::processes::end_on_interrupts();
  const int code = laconic::commands::command_line(argc, argv);
  if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return code;
  std::fprintf(stderr, "laconic: cannot write to the standard output: %s\n", std::strerror(errno));
  return std::max(code, run_failed);
}
