#pragma once

#include <chrono>
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
  const scenario::Scenario& scenario_;
  bool shown_;
  std::chrono::steady_clock::time_point painted_;
  std::vector<std::chrono::steady_clock::time_point> began_;
};

}  // namespace laconic::run
