#pragma once

#include <cstddef>

namespace laconic::processes {

/// How the cores that this process may use are shared out: processes side by side, and where these are fewer than the
/// cores, threads within them. Unless both numbers are given, processes times threads is at most the cores.
class Cores {
 public:
  /// `jobs`: processes at a time, 0: as many as the cores allow; `threads` of each, 0: as many as the processes leave.
  Cores(int jobs, int threads);
  ~Cores();
  Cores(const Cores&) = delete;
  Cores& operator=(const Cores&) = delete;

  std::size_t processes() const { return processes_; }
  /// How many processes there are at present; those that were forked from this one hear it.
  void busy(std::size_t processes);
  /// The threads a process may have at present.
  int threads() const;

 private:
  std::size_t cores_, processes_;
  int threads_;
  struct Shared;
  Shared* shared_;  // by this process and those forked from it
};

}  // namespace laconic::processes
