#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/base/params.hpp"
#include "algorithms/base/random.hpp"

namespace laconic::platforms {

/// The kinds of numbers with units, in SimGrid's base units: seconds, bytes per second, flop/s, bytes. A factor has
/// none.
enum class Unit { time, bandwidth, speed, size, factor };

/// "10ms", "100Mbps" (bits), "12.5MBps" (bytes), "10Gf", "64B": a number, an optional prefix (k = 1000, Ki = 1024, ...)
/// and the unit, as SimGrid writes them. Empty if it is none of these.
std::optional<double> parse_quantity(std::string_view text, Unit unit);

/// Reads a quantity from a JSON value, of which a plain number is in the base unit. Empty if it is none.
std::optional<double> quantity_of(const nlohmann::json& value, Unit unit);

/// A quantity of a scenario: a plain number in the base unit, or a string with a unit. Bandwidths and speeds are
/// positive, times and sizes not negative.
double quantity(Params& in, const std::string& key, const char* fallback, Unit unit, const char* meaning);

/// What a quantity is drawn from: always the same value, or one of the distributions that `quantities` knows.
class Law {
 public:
  static Law constant(double value);
  static Law exponential(double mean);
  /// Reads a distribution's JSON. Its "seed", if it has one, is `seed`.
  static Law read(Params in, Unit unit);
  double draw(Rng& rng) const;
  bool always_zero() const { return kind_ <= Kind::uniform && a_ == 0 && (kind_ == Kind::constant || b_ == 0); }
  std::uint64_t seed = 0;

 private:
  enum class Kind { constant, uniform, log_uniform, inverse_uniform, log_normal, exponential } kind_ = Kind::constant;
  double a_ = 0, b_ = 0;
};

/// A quantity that is drawn anew each time: a value, or a distribution, whose seed is the reader's business.
Law quantity_law(Params& in, const std::string& key, Unit unit, const char* meaning);

/// One quantity for each of M workers: one for all, a list of M, or a distribution with its own seed:
/// {"type": "uniform" | "log-uniform" | "inverse-uniform", "min", "max"}, {"type": "log-normal", "median", "sigma"},
/// {"type": "exponential", "mean"}, each with "seed" (default 0: a cluster does not change with the run's seed).
/// `fallback` is a quantity, or such a distribution's JSON.
std::vector<double> quantities(Params& in, const std::string& key, const char* fallback, Unit unit, int M,
                               const char* meaning);

}  // namespace laconic::platforms
