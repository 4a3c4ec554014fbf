#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace laconic {

/// Threads that share out pieces of work which do not touch each other: nothing a run computes depends on how many
/// they are, since what comes of the pieces is put together by the caller, in order. The threads start with the first
/// call that needs them, and must be gone before the process forks.
class Crew {
 public:
  /// `allowed` is asked at each call how many threads may work at present, the caller's own among them.
  explicit Crew(std::function<int()> allowed) : allowed_(std::move(allowed)) {}
  explicit Crew(int threads = 1) : Crew([threads] { return threads; }) {}
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  double worth = 5e5;  ///< flops that are worth waking threads for: some 100 us

  /// How many pieces could be worked on at once at present.
  std::size_t size() const;
  /// work(0), ..., work(n - 1), each once, in any order and at the same time. Then, if any of them threw, what the one
  /// of the least number threw is thrown. `flops`: what all of it costs, roughly.
  template <class Work>
  void each(std::size_t n, double flops, const Work& work) {
    if (n < 2 || flops < worth || size() < 2) {
      for (std::size_t i = 0; i < n; ++i) work(i);
      return;
    }
    share(
        n, [](const void* context, std::size_t i) { (*static_cast<const Work*>(context))(i); }, &work);
  }

 private:
  using Call = void (*)(const void* context, std::size_t i);
  void share(std::size_t n, Call call, const void* context);
  void take_pieces(std::unique_lock<std::mutex>& lock);
  void help();

  std::function<int()> allowed_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;  // of all below
  std::condition_variable more_, finished_;
  Call call_ = nullptr;
  const void* context_ = nullptr;
  std::size_t next_ = 0, end_ = 0, places_ = 0, working_ = 0;
  std::size_t failed_ = 0;
  std::exception_ptr error_;  // of piece failed_
  bool over_ = false;
};

}  // namespace laconic
