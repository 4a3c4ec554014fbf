#pragma once

#include <string>

#include "sim/run/job.hpp"

// What an algorithm's process tells the one that started it, over a pipe. Both are the same program: values travel as
// they lie in memory.

namespace laconic::run {

/// Where a run is.
struct JobState {
  Round rounds = 0;
  results::Row last;
  bool running = false, done = false;
};

struct Frame {
  enum class Kind : std::uint32_t { progress, result, error };
  Kind kind;
  std::string payload;
};

void send_progress(int pipe, const JobState& state);
void send_result(int pipe, const JobResult& result);
void send_error(int pipe, const std::string& what);
JobState progress_of(const Frame& frame);
JobResult result_of(const Frame& frame);

/// Cuts what arrives into frames.
class FrameReader {
 public:
  explicit FrameReader(int pipe);
  /// The next complete frame, if one is there; never waits.
  std::optional<Frame> next();
  /// The other end is closed and every frame was taken.
  bool ended() const { return ended_; }
  int descriptor() const { return pipe_; }
  void close();

 private:
  int pipe_;
  std::string buffer_;
  bool ended_ = false;
};

}  // namespace laconic::run
