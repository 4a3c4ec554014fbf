#include "sim/processes/interrupts.hpp"

#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
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

Watch::Watch(std::function<void()> end) : end_(std::move(end)) {
  try {
    thread_ = std::thread([this] { wait(); });
  } catch (const std::system_error&) {
    // There is no memory for a thread: whoever started this process kills it then.
  }
}

Watch::~Watch() {
  over_ = true;
  sem_post(&heard);
  if (thread_.joinable()) thread_.join();
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
