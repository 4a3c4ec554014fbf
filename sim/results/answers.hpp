#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sim/results/read_trajectory.hpp"

namespace laconic::results {

/// What runs paid for a target, to be told in sentences.
struct Raced {
  std::string metric;  ///< the target's: a column of trajectory.csv
  double value = 0;
  std::string cost;                   ///< "sim_time_s", or "round" where there is no network
  std::vector<std::string> pointers;  ///< swept, but the seed's
  struct Run {
    std::vector<std::string> point;  ///< as `pointers`
    std::string algorithm;
    std::uint64_t seed = 0;
    double cost = 0;  ///< of the first recorded row that is there; infinite: none
  };
  std::vector<Run> runs;
  /// Each algorithm's best finite value of the metric, which is asked for where nobody arrives.
  std::function<std::vector<std::pair<std::string, double>>()> best;
};

/// Who is first, where, by how much, and what is not decided: what a report of the result begins with, word by word.
/// A sentence for each of a few points; where they are more, their regions ("LAG-WK at 95 of 144 points (latency up to
/// 1 ms, ...)"). analysis/answers.py says it of any target and of results side by side; a test holds both to the same
/// words.
std::vector<std::string> answers(const Raced& raced);

/// The targets that summary.csv in the folder reports, told of the runs in it. Nothing without targets, or without the
/// file. Throws InputError for what is no such file.
std::vector<std::string> answers_of(const std::filesystem::path& folder);

/// That of a trajectory that was read, for the targets of the folder's summary.csv, or without it for `others`: a
/// metric's column and its value.
std::vector<std::string> answers_of(const std::filesystem::path& folder, const Results& results,
                                    const std::vector<std::pair<std::string, double>>& others);

}  // namespace laconic::results
