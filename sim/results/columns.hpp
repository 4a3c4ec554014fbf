#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "sim/rounds/ledger.hpp"

namespace laconic::results {

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

/// How trajectory.csv is written: as it is, or packed with gzip.
enum class TableFormat { csv, csv_gz };
extern const char* const format_names[2];

/// "stop" and "record" of a scenario, and whatever else a run must watch.
struct RecordRules {
  Round every = 1;                  ///< a row each so many rounds, and after the last
  bool metrics[metric_count] = {};  ///< what the rows hold
  TableFormat format = TableFormat::csv;
  Round rounds = 0;                   ///< stop after so many
  std::optional<double> sim_time;     ///< or with the first round that ends at or after this time, s
  std::optional<double> upload_bits;  ///< or with the first round that has uploaded so many bits
  std::vector<Target> stop_at;        ///< or with the first recorded row that reaches one of these
  std::vector<Target> watch;          ///< targets whose first row the summary reports, stop_at among them

  bool needs(Metric metric) const;
};

/// Metrics of one model, those that were asked for, and its loss.
struct Measures : std::array<std::optional<double>, metric_count> {
  /// (1/M) sum_i ||x_i - mean||^2 of the nodes' models; nothing: there is one model alone.
  std::optional<double> consensus = {};
  bool operator==(const Measures&) const = default;
};

/// One line of trajectory.csv.
struct Row {
  Round round = 0;
  Round iterations = 0;    ///< gradient steps of a participating worker
  double sim_time_s = -1;  ///< negative: no network
  Measures metrics;
  rounds::Ledger ledger;
  /// Over the uploads that were taken since the row before: how many versions old their models were, on average and at
  /// most. Nothing if there were none, or the method is synchronous.
  std::optional<double> staleness_mean = {};
  std::optional<std::uint64_t> staleness_max = {};
};

/// How a run ended.
enum class Stop { rounds, sim_time, upload_bits, target, diverged, interrupted };
extern const char* const stop_names[6];

/// trajectory.csv's header without the leading columns, and a row of it.
std::string row_header();
std::string row_text(const Row& row);

/// The columns of summary.csv that follow a row's: why the run stopped and, for each target, the first row there.
std::string summary_header(const std::vector<Target>& watch);
std::string summary_text(Stop stop, const std::vector<std::optional<Row>>& reached);

}  // namespace laconic::results
