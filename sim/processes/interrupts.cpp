#include "sim/processes/interrupts.hpp"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace laconic::processes {
namespace {

// A handler may touch nothing but these, and call what POSIX names async-signal-safe.
std::atomic<int> interrupt_count = 0, counting = 0;
static_assert(std::atomic<int>::is_always_lock_free);
sem_t heard;  // by a Watch

void take(int) {
  if (counting > 0) {
    const int kept = errno;
    interrupt_count = interrupt_count + 1;
    sem_post(&heard);
    errno = kept;
    return;
  }
  constexpr std::string_view words = "laconic: interrupted\n";
  constexpr int interrupted = 3;
  if (write(STDERR_FILENO, words.data(), words.size()) < 0) _exit(interrupted);
  _exit(interrupted);
}

}  // namespace

void end_on_interrupts() {
  sem_init(&heard, 0, 0);
  struct sigaction action {};
  action.sa_handler = take;
  sigset_t both;
  sigemptyset(&both);
  for (const int signal : {SIGINT, SIGTERM}) {
    sigaction(signal, &action, nullptr);
    sigaddset(&both, signal);
  }
  sigprocmask(SIG_UNBLOCK, &both, nullptr);  // whatever started this may have blocked them
}

CountedInterrupts::CountedInterrupts() { ++counting; }
CountedInterrupts::~CountedInterrupts() { --counting; }

int interrupts() { return interrupt_count; }

// A stack of the usual 8 MB could be more than `ulimit -v` leaves. Where there is no thread at all, whoever started
// this process kills it in the end.
Watch::Watch(std::function<void()> end) : end_(std::move(end)) {
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 1 << 19);
  const auto work = [](void* self) -> void* {
    static_cast<Watch*>(self)->wait();
    return nullptr;
  };
  runs_ = pthread_create(&thread_, &small, work, this) == 0;
  pthread_attr_destroy(&small);
}

Watch::~Watch() {
  over_ = true;
  sem_post(&heard);
  if (runs_) pthread_join(thread_, nullptr);
}

void Watch::wait() {
  while (!over_ && interrupts() == 0) sem_wait(&heard);
  constexpr long patience_ns = 250'000'000, second_ns = 1'000'000'000;
  timespec until{};
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_nsec += patience_ns;
  until.tv_sec += until.tv_nsec / second_ns;
  until.tv_nsec %= second_ns;
  while (!over_) {
    if (sem_clockwait(&heard, CLOCK_MONOTONIC, &until) == 0 || errno != ETIMEDOUT) continue;
    end_();
    _exit(0);
  }
}

}  // namespace laconic::processes
