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

/// Takes the first frame off what a process has said so far; nothing if there is no whole one yet.
std::optional<Frame> take_frame(std::string& said);

}  // namespace laconic::run
