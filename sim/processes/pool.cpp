#include "sim/processes/pool.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <new>
#include <string_view>

#include "algorithms/base/error.hpp"
#include "sim/processes/interrupts.hpp"

namespace laconic::processes {

void Pool::start(const std::function<void()>& work, const std::function<void(const std::string&)>& failed) {
  while (jobs_.size() >= size_) wait_for_one();
  while (interrupts() == 0) {
    try {
      constexpr int files = 16;  // that starting a process and its own work need, roughly
      if (!jobs_.empty() && !open_files_left(files)) throw RunError("too few open files");
      jobs_.push_back({process_of(work), failed});
      return;
    } catch (const RunError&) {  // too many processes or open files: those that run give theirs back
      if (jobs_.empty()) throw;
      wait_for_one();
    }
  }
}

ChildProcess Pool::process_of(const std::function<void()>& work) {
  return ChildProcess([&work](int pipe) {
    try {
      work();
      return 0;
    } catch (const std::bad_alloc&) {
      write_all(pipe, out_of_memory());
      return 3;
    } catch (const std::exception& e) {
      if (interrupts() > 0) return 0;     // a system call was cut short, which says nothing about the work
      constexpr std::size_t most = 4000;  // fits into a pipe's buffer: nobody need read while the process runs
      write_all(pipe, std::string_view(e.what()).substr(0, most));
      return 3;
    }
  });
}

void Pool::wait_for_one() {
  for (;;) {
    for (; told_ < std::min(interrupts(), 2); ++told_)
      for (const Job& job : jobs_) job.process.signal(told_ == 0 ? SIGTERM : SIGKILL);  // who insists gets it
    // A process that ends lets go of its pipe. (Not just waitpid: a signal in the moment before would be missed.)
    std::vector<pollfd> pipes;
    for (const Job& job : jobs_) pipes.push_back({job.process.pipe(), 0, 0});
    constexpr int milliseconds = 500;
    if (poll(pipes.data(), pipes.size(), milliseconds) <= 0) continue;
    for (std::size_t i = pipes.size(); i-- > 0;) {
      if (pipes[i].revents == 0) continue;
      Job job = std::move(jobs_[i]);
      jobs_.erase(std::next(jobs_.begin(), static_cast<std::ptrdiff_t>(i)));
      ended(job);
    }
    return;
  }
}

void Pool::ended(Job& job) {
  const std::string words = job.process.read_all();
  const ProcessEnding ending = job.process.wait();
  if (ending.well() || (ending.signal > 0 && interrupts() > 0)) return;
  job.failed(ending.signal > 0 || words.empty() ? ending.sentence() : words);
}

void Pool::finish() {
  while (!jobs_.empty()) wait_for_one();
}

}  // namespace laconic::processes
