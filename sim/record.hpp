#pragma once

#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/problems/problem.hpp"
#include "sim/driver.hpp"

namespace laconic {

/// What can be measured of a model; the columns and targets of that name.
enum class Metric { loss, loss_gap, grad_norm, accuracy };
inline constexpr int metric_count = 4;
extern const char* const metric_names[metric_count];

/// A value of a metric to reach: at most, or for accuracy at least.
struct Target {
  Metric metric;
  double value;
  bool reached(double x) const { return metric == Metric::accuracy ? x >= value : x <= value; }
  bool operator==(const Target&) const = default;
};

/// "stop" and "record" of a scenario, and whatever else a run must watch.
struct RecordRules {
  Round every = 1;                    ///< a row each so many rounds, and after the last
  bool metrics[metric_count] = {};    ///< what the rows hold
  Round rounds = 0;                   ///< stop after so many
  std::optional<double> sim_time;     ///< or with the first round that ends at or after this time, s
  std::optional<double> upload_bits;  ///< or with the first round that has uploaded so many bits
  std::vector<Target> stop_at;        ///< or with the first recorded row that reaches one of these
  std::vector<Target> watch;          ///< targets whose first row the summary reports, stop_at among them

  bool needs(Metric metric) const;
};

/// Metrics of one model, those that were asked for, and its loss.
using Measures = std::array<std::optional<double>, metric_count>;
Measures measure(const Problem& problem, const RecordRules& rules, const Vector& model, Crew& crew);
inline Measures measure(const Problem& problem, const RecordRules& rules, const Vector& model) {
  Crew alone;
  return measure(problem, rules, model, alone);
}

/// One line of trajectory.csv. (design.md section 6)
struct Row {
  Round round = 0;
  Round iterations = 0;    ///< gradient steps of a participating worker
  double sim_time_s = -1;  ///< negative: no network
  Measures metrics;
  Ledger ledger;
};

/// How a run ended.
enum class Stop { rounds, sim_time, upload_bits, target, diverged, interrupted };
extern const char* const stop_names[6];

/// Has the model measured where a row is due, writes the row, and says when to stop. Measuring costs no simulated time.
class Recorder {
 public:
  /// `prefix` holds the leading columns, "scenario,algorithm,seed,". Rows go to `csv`. `measure` is asked for the model
  /// after so many rounds, which is the present one.
  Recorder(const RecordRules& rules, std::string prefix, std::FILE* csv, std::function<Measures(Round rounds)> measure);

  /// Use as AfterRound. Throws RunError if the file cannot be written.
  bool operator()(Round rounds, double sim_time_s, const Ledger& ledger);

  /// Gradient steps of a worker in a round.
  Round local_steps = 1;
  /// Asked once a round; true ends the run with the current row.
  std::function<bool()> interrupted = [] { return false; };

  const Row& last() const { return last_; }
  Stop stop() const { return stop_; }
  /// For each target of rules.watch, the first row that reached it.
  const std::vector<std::optional<Row>>& reached() const { return reached_; }

 private:
  const RecordRules& rules_;
  std::string prefix_;
  std::FILE* csv_;
  std::function<Measures(Round)> measure_;
  Row last_;
  Stop stop_ = Stop::rounds;
  std::vector<std::optional<Row>> reached_;
};

/// trajectory.csv's header without the leading columns, and a row of it.
std::string row_header();
std::string row_text(const Row& row);

/// The columns of summary.csv that follow a row's: why the run stopped and, for each target, the first row there.
std::string summary_header(const std::vector<Target>& watch);
std::string summary_text(Stop stop, const std::vector<std::optional<Row>>& reached);

/// A file under a temporary name beside its own, renamed when done, so that no reader ever sees half a result.
class ResultFile {
 public:
  /// Throws RunError with the system's words if the file cannot be made.
  explicit ResultFile(std::filesystem::path path);
  ~ResultFile();
  ResultFile(const ResultFile&) = delete;
  ResultFile& operator=(const ResultFile&) = delete;
  void write(std::string_view text);
  std::FILE* stream() { return file_; }
  /// Flushes, closes and renames. Throws RunError.
  void commit();

 private:
  std::filesystem::path path_, partial_;
  std::FILE* file_;
};

}  // namespace laconic
