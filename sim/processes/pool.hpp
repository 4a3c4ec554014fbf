#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>

namespace laconic::processes {

/// Runs pieces of work in processes of their own, so many at a time. Those started by this process otherwise are not
/// waited for; what is started here ends when this process does.
class Pool {
 public:
  explicit Pool(std::size_t size) : size_(size) {}
  ~Pool() { finish(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Waits for room, then starts `work`. If its process throws or dies, `failed` is told why, in this process.
  /// After an interrupt nothing is started any more, and a process that it ends has not failed.
  void start(const std::function<void()>& work, std::function<void(const std::string& why)> failed);
  /// Waits for all that was started.
  void finish();

 private:
  void wait_for_one();
  void ended(pid_t pid);

  struct Job {
    std::function<void(const std::string&)> failed;
    int words;  // what it says of its failure
  };
  std::size_t size_;
  std::map<pid_t, Job> jobs_;
  int told_ = 0;  // how often the jobs were told to end
};

/// In a child of one's own: ask it to end (SIGTERM) when its parent ends.
void end_with_parent();
/// Waits for a child to end.
void wait_for(pid_t child);

}  // namespace laconic::processes
