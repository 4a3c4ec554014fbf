#include "sim/results/reading.hpp"

#include <algorithm>
#include <cmath>

namespace laconic::results {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr Known never_there{infinite, infinite};

}  // namespace

bool is_cost(const std::string& column) {
  return std::find(std::begin(metric_names), std::end(metric_names), column) == std::end(metric_names);
}

Known value_at(const std::string& metric, const std::optional<Reading>& to, const Results& results,
               const Curve& curve) {
  const std::size_t column = results.column(metric);
  const bool cost = is_cost(metric);
  const auto known = [&](const std::vector<double>& row) -> Known {
    const double x = row[column];
    if (std::isnan(x)) return metric != "accuracy" && !cost && curve.diverged ? never_there : Known{};
    return {x, x};
  };
  const std::vector<double>& last = curve.rows.back();
  if (!to) return known(last);
  const std::size_t at = results.column(to->column);
  if (to->target) {
    const Target target{*to->target, to->value};
    for (const auto& row : curve.rows)
      if (target.reached(row[at])) return known(row);
    if (!cost) return {};
    if (curve.diverged) return never_there;
    return {last[column], infinite};
  }
  if (last[at] < to->value) return curve.diverged && !cost ? never_there : Known{};
  const std::vector<double>* within_budget = nullptr;
  for (const auto& row : curve.rows)
    if (row[at] <= to->value) within_budget = &row;
  return within_budget ? known(*within_budget) : Known{};
}

}  // namespace laconic::results
