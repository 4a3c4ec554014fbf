#include "algorithms/base/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "algorithms/base/error.hpp"

namespace laconic {
namespace {

constexpr int threw = 3;

[[noreturn]] void be_child(const std::function<int(int)>& work, int pipe, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // whatever it is doing, and those forked from it likewise
  int code = threw;
  if (getppid() == parent) {  // else the parent died before its death could be listened for
    try {
      code = work(pipe);
    } catch (...) {
      code = threw;  // must not unwind into the parent's functions
    }
  }
  _exit(code);
}

}  // namespace

bool open_files_left(int count) {
  const auto from = [](int least) {  // the first free number from there on
    const int number = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, least);
    if (number >= 0) close(number);
    return number;
  };
  const int next = from(0);
  return next >= 0 && from(next + count - 1) >= 0;
}

std::string out_of_memory() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    return fmt::format("not enough memory: a process may have {} MB here (ulimit -v)", limit.rlim_cur / 1'000'000);
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  return fmt::format("not enough memory: this machine has {} MB", std::max(pages, 0L) * (page / 1000) / 1000);
}

std::string ProcessEnding::sentence() const {
  if (last_words.find("allocate") != std::string::npos || last_words.find("memory") != std::string::npos)
    return fmt::format("{} ({})", out_of_memory(), last_words);
  if (!last_words.empty()) return "its process ended itself: " + last_words;
  return signal > 0 ? fmt::format("its process was killed by signal {} ({})", signal, strsignal(signal))
                    : fmt::format("its process ended with code {}", code);
}

ChildProcess::ChildProcess(const std::function<int(int pipe)>& work) {
  const auto failed = [] { return RunError(fmt::format("cannot start a process: {}", std::strerror(errno))); };
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw failed();
  words_ = memfd_create("laconic-words", MFD_CLOEXEC);
  std::fflush(nullptr);  // or the child would write what stands in our buffers a second time
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    close(ends[0]);
    if (words_ >= 0) dup2(words_, STDERR_FILENO);
    be_child(work, ends[1], parent);
  }
  const int why = errno;
  close(ends[1]);
  pipe_ = ends[0];
  if (pid_ > 0) return;
  close(pipe_);
  if (words_ >= 0) close(words_);
  errno = why;
  throw failed();
}

ChildProcess::~ChildProcess() {
  if (!runs()) return;
  signal(SIGKILL);
  wait();
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pipe_(std::exchange(other.pipe_, -1)),
      words_(std::exchange(other.words_, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pipe_, other.pipe_);
  std::swap(words_, other.words_);
  return *this;
}

void ChildProcess::signal(int number) const {
  if (runs()) kill(pid_, number);
}

bool ChildProcess::read_some(std::string& to) {
  char bytes[1 << 16];
  for (pollfd fd{pipe_, POLLIN, 0};;) {
    const int ready = poll(&fd, 1, 0);
    if (ready == 0) return true;
    if (ready < 0 && errno == EINTR) continue;
    const ssize_t n = read(pipe_, bytes, sizeof bytes);
    if (n > 0) to.append(bytes, static_cast<std::size_t>(n));
    if (n == 0 || (n < 0 && errno != EINTR)) return false;
  }
}

std::string ChildProcess::read_all() {
  std::string out;
  for (pollfd fd{pipe_, POLLIN, 0}; read_some(out);) poll(&fd, 1, -1);
  return out;
}

ProcessEnding ChildProcess::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  close(pipe_);
  pid_ = pipe_ = -1;
  ProcessEnding ending;
  (WIFSIGNALED(status) ? ending.signal : ending.code) = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  take_words(ending);
  return ending;
}

// SimGrid's are "[0.000000] ./src/file.cpp:1: [root/CRITICAL] the reason", and a backtrace.
void ChildProcess::take_words(ProcessEnding& ending) {
  if (words_ < 0) return;
  constexpr off_t most = 1 << 20;
  std::string text(static_cast<std::size_t>(std::min(std::max(lseek(words_, 0, SEEK_END), off_t{0}), most)), '\0');
  const ssize_t n = pread(words_, text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max(n, ssize_t{0})));
  close(std::exchange(words_, -1));
  constexpr std::string_view mark = "/CRITICAL] ";
  const auto at = ending.well() ? std::string::npos : text.find(mark);
  if (at == std::string::npos) {
    write_all(STDERR_FILENO, text);
    return;
  }
  const auto start = at + mark.size();
  ending.last_words = text.substr(start, text.find('\n', start) - start);
}

bool write_all(int pipe, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(pipe, text.data(), text.size());
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace laconic
