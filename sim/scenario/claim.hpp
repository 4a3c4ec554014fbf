#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/base/params.hpp"
#include "sim/results/reading.hpp"

namespace laconic::scenario {

/// A statement about the results.
struct Claim {
  enum class Kind {
    compares,   ///< a metric of one algorithm, in units of another's if `times`, lies between two bounds
    converges,  ///< linearly: the metric's logarithm falls along a line
    stays,      ///< the metric stays above, or below, a value
  };
  Kind kind = Kind::compares;
  std::string what;     ///< in words; made up from the rest where the scenario gives none
  std::string pointer;  ///< "/claims/3"
  std::string of;       ///< label
  std::optional<std::string> times;
  std::string metric;                  ///< column of trajectory.csv
  std::optional<results::Reading> to;  ///< none: the last row
  std::optional<double> at_least, at_most;
  std::optional<double> within;       ///< as given: the bounds are 1 - within and 1 + within
  std::optional<double> confidence;   ///< of the interval over seeds that is judged; none: 0.95
  std::optional<double> stays_above;  ///< the one or the other
  std::optional<double> stays_below;
  double r_squared = 0;  ///< least R^2 of the line
  Round from = 0;        ///< converges, stays: rows from this round on
  bool expected_to_fail = false;
  std::string cause, note;                       ///< why it fails; what was tried
  nlohmann::json at = nlohmann::json::object();  ///< pointer of the sweep: value; the points it speaks of

  bool costs() const { return results::is_cost(metric); }
};

/// The "claims" of a scenario that passed its schema. Throws InputError. `labels`: of its algorithms.
std::vector<Claim> read_claims(const nlohmann::json& source, const std::string& file,
                               const std::vector<std::string>& labels);

/// Reads "to" of a claim, or of what is tuned by: one target or budget. Throws InputError.
results::Reading read_to(Params& in, const nlohmann::json& given);

/// The columns of trajectory.csv that a claim may name, and whether they have no meaning without a network.
std::vector<std::string> numeric_columns();
bool is_time(const std::string& column);

/// Throws InputError if a claim's "at" names what "sweep" has not, or if it speaks of a clock that is not there. For
/// whole scenarios: a sweep's points have no sweep, and learn without a network.
void check_claim_points(const nlohmann::json& source, const std::string& file);

/// Whether a claim of the scenario speaks of loss_gap: known before the problem is built.
bool claims_name_gap(const nlohmann::json& source);

}  // namespace laconic::scenario
