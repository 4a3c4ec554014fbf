#pragma once

#include <pthread.h>

#include <atomic>
#include <functional>

namespace laconic::processes {

/// From here on, Ctrl-C (SIGINT) and SIGTERM end this process at once with a line on the error stream and exit code 3,
/// but for times when they are counted.
void end_on_interrupts();

/// While one of these lives, interrupts are counted instead, and whoever works asks now and then.
class CountedInterrupts {
 public:
  CountedInterrupts();
  ~CountedInterrupts();
  CountedInterrupts(const CountedInterrupts&) = delete;
  CountedInterrupts& operator=(const CountedInterrupts&) = delete;
};
/// How many were counted.
int interrupts();

/// Sees to it that a process heeds a counted interrupt, however long what it is at takes: if this still lives a quarter
/// of a second after one, `end` is called in a thread of its own, and the process ends. `end` may take locks that the
/// work lets go of soon, and must not throw.
class Watch {
 public:
  explicit Watch(std::function<void()> end);
  /// The work is done in time. If `end` has been called, this never returns.
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  void wait();

  std::function<void()> end_;
  std::atomic<bool> over_ = false;
  bool runs_ = false;
  pthread_t thread_{};
};

}  // namespace laconic::processes
