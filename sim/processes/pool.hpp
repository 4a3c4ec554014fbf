#pragma once

#include <functional>
#include <string>
#include <vector>

#include "algorithms/base/child_process.hpp"

namespace laconic::processes {

/// Runs pieces of work in processes of their own, so many at a time.
class Pool {
 public:
  explicit Pool(std::size_t size) : size_(size) {}
  ~Pool() { finish(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Waits for room (a process, and the files it needs), then starts `work`. If its process throws or dies, `failed` is
  /// told why, in this process. After an interrupt nothing is started any more, and a process that it ends has not
  /// failed.
  void start(const std::function<void()>& work, const std::function<void(const std::string& why)>& failed);
  /// Waits for all that was started.
  void finish();

 private:
  struct Job {
    ChildProcess process;  // it says why it failed
    std::function<void(const std::string&)> failed;
  };
  static ChildProcess process_of(const std::function<void()>& work);
  void wait_for_one();
  static void ended(Job& job);

  std::size_t size_;
  std::vector<Job> jobs_;
  int told_ = 0;  // how often the jobs were told to end
};

}  // namespace laconic::processes
