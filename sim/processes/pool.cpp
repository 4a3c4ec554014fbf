#include "sim/processes/pool.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <vector>

#include "algorithms/base/error.hpp"
#include "sim/processes/interrupts.hpp"

namespace laconic::processes {
namespace {

constexpr int threw = 3;

// A sentence fits into a pipe's buffer: nobody need read while its process runs.
void say(int pipe, const std::string& what) {
  const auto ignored = write(pipe, what.data(), std::min<std::size_t>(what.size(), 4000));
  (void)ignored;
}

std::string said(int pipe) {
  char buffer[4000];
  const auto n = read(pipe, buffer, sizeof buffer);
  close(pipe);
  return std::string(buffer, n > 0 ? static_cast<std::size_t>(n) : 0);
}

}  // namespace

void Pool::start(const std::function<void()>& work, std::function<void(const std::string&)> failed) {
  while (jobs_.size() >= size_) wait_for_one();
  if (interrupts() > 0) return;
  int ends[2];
  if (pipe(ends) != 0) throw RunError(fmt::format("cannot start a process: {}", std::strerror(errno)));
  std::fflush(nullptr);  // or the child would write what stands in our buffers a second time
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) throw RunError(fmt::format("cannot start a process: {}", std::strerror(errno)));
  if (pid == 0) {
    close(ends[0]);
    end_with_parent();
    if (getppid() != parent) _exit(threw);  // it died before it could be listened for
    int status = 0;
    try {
      work();
    } catch (const std::exception& e) {
      if (interrupts() == 0) {  // else a system call was cut short, which says nothing about the work
        say(ends[1], e.what());
        status = threw;
      }
    }
    _exit(status);  // not exit(): the parent's objects are not this process's to destroy
  }
  close(ends[1]);
  jobs_[pid] = {std::move(failed), ends[0]};
}

void Pool::wait_for_one() {
  for (;;) {
    for (; told_ < std::min(interrupts(), 2); ++told_)
      for (const auto& [pid, job] : jobs_) kill(pid, told_ == 0 ? SIGTERM : SIGKILL);  // who insists gets it
    // A process that ends lets go of its pipe. (Not just waitpid: a signal in the moment before would be missed.)
    std::vector<pollfd> pipes;
    std::vector<pid_t> pids;
    for (const auto& [pid, job] : jobs_) {
      pipes.push_back({job.words, 0, 0});
      pids.push_back(pid);
    }
    constexpr int milliseconds = 500;
    if (poll(pipes.data(), pipes.size(), milliseconds) <= 0) continue;
    for (std::size_t i = 0; i < pipes.size(); ++i)
      if (pipes[i].revents != 0) ended(pids[i]);
    return;
  }
}

void Pool::ended(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  const Job job = std::move(jobs_.at(pid));
  jobs_.erase(pid);
  const std::string words = said(job.words);
  if (WIFSIGNALED(status) && interrupts() == 0)
    job.failed(fmt::format("its process was killed by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status))));
  else if (!WIFSIGNALED(status) && WEXITSTATUS(status) != 0)
    job.failed(words.empty() ? fmt::format("its process ended with code {}", WEXITSTATUS(status)) : words);
}

void end_with_parent() { prctl(PR_SET_PDEATHSIG, SIGTERM); }

void wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
}

void Pool::finish() {
  while (!jobs_.empty()) wait_for_one();
}

}  // namespace laconic::processes
