#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace laconic::deploy {

/// How rank 0 learns that another rank has died, and they that it has: MPI may wait for ever for one that is killed. A
/// connection each, on which nothing is said before the end, is closed by the kernel when a process dies, however.
class Lifeline {
 public:
  /// Rank 0's: waits for the others.
  Lifeline();
  /// Another's.
  explicit Lifeline(int rank) : rank_(rank) {}
  ~Lifeline();
  Lifeline(const Lifeline&) = delete;
  Lifeline& operator=(const Lifeline&) = delete;

  /// Where the others find rank 0.
  std::string address() const;
  /// Rank 0: takes so many connections. Throws RunError where some do not come.
  void accept(int others);
  /// Another: goes there. Throws RunError.
  void connect(const std::string& address);

  /// From now on `lost` is called, in a thread of its own, with the rank that has died. It ends the process. That it
  /// also ends if who has started it is gone is seen to, too.
  void watch(std::function<void(int rank)> lost);
  /// All is done: whoever ends from now on is not lost.
  void part();

 private:
  void look();

  int rank_ = 0, listener_ = -1;
  std::string token_;
  std::vector<int> sockets_, ranks_;  // ranks_[i] is at the other end of sockets_[i]
  std::function<void(int)> lost_;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

}  // namespace laconic::deploy
