#pragma once

#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "algorithms/core/problem.hpp"
#include "sim/results/columns.hpp"

namespace laconic::results {

/// Measures a model: what the rules ask for, and its loss. Throws RunError if that is below min f beyond rounding.
Measures measure(const Problem& problem, const RecordRules& rules, const Vector& model, ThreadTeam& team);
inline Measures measure(const Problem& problem, const RecordRules& rules, const Vector& model) {
  ThreadTeam alone;
  return measure(problem, rules, model, alone);
}

/// Has the model measured where a row is due, writes the row, and says when to stop. Measuring costs no simulated time.
class Recorder {
 public:
  /// `prefix` holds the leading columns, "scenario,algorithm,seed,". Rows go to `csv`; nullptr: nowhere. `measure` is
  /// asked for the model after so many rounds, which is the present one.
  Recorder(const RecordRules& rules, std::string prefix, std::FILE* csv, std::function<Measures(Round rounds)> measure);

  /// Use as AfterRound. Throws RunError if the file cannot be written.
  bool operator()(Round rounds, double sim_time_s, const rounds::Ledger& ledger);

  /// Gradient steps of a worker in a round.
  Round local_steps = 1;
  /// Asked once a round; true ends the run with the current row.
  std::function<bool(Round rounds)> interrupted = [](Round) { return false; };

  /// Held while what the functions below return changes, so that another thread may ask, too; nullptr: nobody does.
  std::mutex* guard = nullptr;

  /// Whether there is a row yet.
  bool any() const { return any_; }
  const Row& last() const { return last_; }
  Stop stop() const { return stop_; }
  /// For each target of rules.watch, the first row that reached it.
  const std::vector<std::optional<Row>>& reached() const { return reached_; }

 private:
  void tell_staleness(const rounds::Staleness& before);

  const RecordRules& rules_;
  std::string prefix_;
  std::FILE* csv_;
  std::function<Measures(Round)> measure_;
  Row last_;
  bool any_ = false;
  std::uint64_t stalest_ = 0;  // since the last row
  Stop stop_ = Stop::rounds;
  std::vector<std::optional<Row>> reached_;
};

}  // namespace laconic::results
