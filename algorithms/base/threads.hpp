#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace laconic {

/// Threads that share out pieces of work which do not touch each other: nothing a run computes depends on how many
/// they are, since what comes of the pieces is put together by the caller, in order. The threads start with the first
/// call that needs them, and must be gone before the process forks.
///
/// To wake a thread takes some 50 us. So after each call they look out for the next one for a while before they sleep,
/// and calls that follow each other closely are shared out even if they are short.
class ThreadTeam {
 public:
  /// `allowed` is asked at each call how many threads may work at present, the caller's own among them.
  explicit ThreadTeam(std::function<int()> allowed) : allowed_(std::move(allowed)) {}
  explicit ThreadTeam(int threads = 1) : ThreadTeam([threads] { return threads; }) {}
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  double worth = 5e5;        ///< flops that are worth waking threads for: some 100 us
  double worth_awake = 5e4;  ///< flops that are worth sharing with threads that are awake

  /// How many pieces could be worked on at once at present.
  std::size_t size() const;
  /// work(0), ..., work(n - 1), each once, in any order and at the same time. Then, if any of them threw, what the one
  /// of the least number threw is thrown. `flops`: what all of it costs, roughly.
  template <class Work>
  void each(std::size_t n, double flops, const Work& work) {
    const bool little = flops < std::min(worth, worth_awake);
    if (n < 2 || little || !is_worth(flops) || size() < 2)
      for (std::size_t i = 0; i < n; ++i) work(i);
    else
      share(
          n, [](const void* context, std::size_t i) { (*static_cast<const Work*>(context))(i); }, &work);
    if (!little) ended_ = Clock::now();
  }

 private:
  using Clock = std::chrono::steady_clock;
  using Call = void (*)(const void* context, std::size_t i);
  // The number of the call, and how many of its pieces are left: who lowers the latter has taken one.
  using Ticket = std::uint64_t;
  static constexpr int left_bits = 32;

  bool is_worth(double flops) const;
  void share(std::size_t n, Call call, const void* context);
  void take_pieces();
  void help(std::size_t number);
  bool called(Ticket seen) const { return over_ || ticket_ >> left_bits != seen >> left_bits; }

  std::function<int()> allowed_;
  std::vector<std::thread> threads_;
  Clock::time_point ended_{};  // the last call that was worth it if nobody had to be woken

  // These describe the present call, and are written before its ticket.
  std::size_t n_ = 0;
  Call call_ = nullptr;
  const void* context_ = nullptr;
  std::atomic<std::size_t> places_ = 0;  // this many helpers may work, the first ones
  std::atomic<Ticket> ticket_ = 0;
  std::atomic<std::size_t> done_ = 0;
  std::atomic<bool> over_ = false;

  std::mutex mutex_;  // guards all below
  std::condition_variable more_, finished_;
  std::atomic<std::size_t> asleep_ = 0;
  bool waits_ = false;  // whether the caller does
  std::size_t failed_ = 0;
  std::exception_ptr error_;  // what piece failed_ threw
};

}  // namespace laconic
