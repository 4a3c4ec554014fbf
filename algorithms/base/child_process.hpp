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
  std::string last_words;  ///< a library's reason, if it logged one as critical before it ended the process
  bool well() const { return signal == 0 && code == 0; }
  /// "its process was killed by signal 9 (Killed)", "its process ended with code 3", or "its process ended itself: "
  /// and the library's reason; one line.
  std::string sentence() const;
};

/// A process forked from this one, with a pipe on which it can say something to it. It is killed when this process
/// dies, however that dies, and ends by _exit: this process's objects are not its to destroy. What it writes to its
/// error stream is kept: if SimGrid says there why it aborts, and where in its sources, the reason alone is told
/// (ProcessEnding::last_words); all else goes to this process's error stream once the child has ended.
class ChildProcess {
 public:
  /// None.
  ChildProcess() = default;
  /// Forks. The child does `work`, which may write to `pipe`, and ends with the exit code that `work` returns, or 3 if
  /// that throws. Throws RunError if no process can be started.
  explicit ChildProcess(const std::function<int(int pipe)>& work);
  /// A child that still runs is killed, and waited for.
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
  void take_words(ProcessEnding& ending);

  pid_t pid_ = -1;
  int pipe_ = -1;
  int words_ = -1;  // a file in memory: the child's error stream; -1: it has this process's
};

/// Whether this process may open so many files more. One that is forked from it begins with what it has open.
bool open_files_left(int count);

/// "not enough memory", and how much this process may have at most.
std::string out_of_memory();

/// Writes all of it to a pipe. Returns false if that fails, as where nobody reads any more.
bool write_all(int pipe, std::string_view text);

}  // namespace laconic
