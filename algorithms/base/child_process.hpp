#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>

namespace laconic {

/// How a process ended: by a signal, or with an exit code.
struct ProcessEnding {
  int signal = 0;  ///< 0: by none
  int code = 0;
  bool well() const { return signal == 0 && code == 0; }
  /// "its process was killed by signal 9 (Killed)" or "its process ended with code 3"
  std::string sentence() const;
};

/// A process forked from this one, with a pipe on which it can say something to it. It gets SIGTERM when this process
/// dies, and ends by _exit: this process's objects are not its to destroy.
class ChildProcess {
 public:
  /// None.
  ChildProcess() = default;
  /// Forks. The child does `work`, which may write to `pipe`, and ends with the exit code that `work` returns, or 3 if
  /// that throws. Throws RunError if no process can be started.
  explicit ChildProcess(const std::function<int(int pipe)>& work);
  /// A child that still runs gets SIGTERM, and is waited for.
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;

  /// Whether there is a process that was not waited for.
  bool runs() const { return pid_ > 0; }
  void signal(int number) const;
  /// The pipe's end to poll.
  int pipe() const { return pipe_; }
  /// Appends what the child has said and nobody has read, without blocking. Returns false once nobody can say more.
  bool read_some(std::string& to);
  /// What the child says from now until it, and all that it forked, have closed the pipe.
  std::string read_all();
  /// Waits for the child's end and closes the pipe.
  ProcessEnding wait();

 private:
  pid_t pid_ = -1;
  int pipe_ = -1;
};

/// Writes all of it to a pipe. Returns false if that fails, as where nobody reads any more.
bool write_all(int pipe, std::string_view text);

}  // namespace laconic
