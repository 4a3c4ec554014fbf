#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "sim/run/messages.hpp"

namespace laconic::run {

/// One line on the terminal (stderr) that is painted over: what runs, its round, loss, rounds a second and time left.
class ProgressLine {
 public:
  ProgressLine(const scenario::Scenario& scenario, bool shown);
  void show(const std::vector<JobState>& states);
  void clear();

 private:
  static std::size_t width();

  const scenario::Scenario& scenario_;
  bool shown_;
  bool dumb_;  // a terminal that cannot paint over gets lines
  std::chrono::steady_clock::time_point painted_;
  std::vector<std::chrono::steady_clock::time_point> began_;
};

/// What the line says, in at most `width` columns: whole parts are left out, no number is cut. `began`: when each
/// algorithm's run did.
std::string progress_words(const scenario::Scenario& scenario, const std::vector<JobState>& states,
                           const std::vector<std::chrono::steady_clock::time_point>& began,
                           std::chrono::steady_clock::time_point now, std::size_t width);

}  // namespace laconic::run
