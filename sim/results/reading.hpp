#pragma once

#include <limits>
#include <optional>
#include <string>

#include "sim/results/columns.hpp"
#include "sim/results/read_trajectory.hpp"

namespace laconic::results {

/// What a number is known to be: itself, or, where a run ended before its target, bounds.
struct Known {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool exact() const { return low == high; }
};

/// Where a metric is read: at the first row that reaches a target, or at the last one within a budget.
struct Reading {
  std::string key;  ///< "loss", ..., "accuracy": a target; "rounds", "uploads", "upload_bits", "sim_time": a budget
  double value = 0;
  std::optional<Metric> target = {};  ///< none: a budget
  std::string column = {};            ///< trajectory.csv's, under a budget
};

/// Whether a column of trajectory.csv only grows from row to row.
bool is_cost(const std::string& column);

/// A run's metric, a column of trajectory.csv, where it is read; without `to`, in the last row. A cost only grows:
/// where a run ended before its target, it is more than its last row's; where it diverged, it will never be there.
Known value_at(const std::string& metric, const std::optional<Reading>& to, const Results& results, const Curve& curve);

}  // namespace laconic::results
