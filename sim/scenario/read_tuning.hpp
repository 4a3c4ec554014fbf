#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/results/reading.hpp"

// "tune", at the top or in an entry of "algorithms": values of parameters to try before the scenario itself is run.

namespace laconic::scenario {

/// A parameter that is tuned.
struct TunedParameter {
  std::string name;         ///< a key of the entry; "compressor/k" where it is a part's own
  std::string pointer;      ///< of its values: "/tune/grid/step"
  bool continuous = false;  ///< any number between the outermost is meant, too: what "refine" changes
};

/// One algorithm, and what is tried of it.
struct TunedEntry {
  std::size_t entry = 0;  ///< index into "algorithms"
  std::string label;
  std::string pointer;  ///< of the "tune" that names its values
  std::vector<TunedParameter> parameters;
  std::vector<std::vector<nlohmann::json>> trials;  ///< a value a parameter
  std::size_t refine = 0;                           ///< so many trials more, around the best of these

  std::size_t budget() const { return trials.size() + refine; }
};

/// All that is tuned. What is best has the least median of `metric`, where it is read, over `seeds`.
struct Tuning {
  std::string metric;
  std::optional<results::Reading> to;
  std::string to_pointer;  ///< where that stands
  std::vector<std::uint64_t> seeds;
  std::vector<TunedEntry> entries;

  std::size_t most_trials() const;  ///< of any entry
  bool equal_budgets() const;
};

/// Whether the scenario, or one of its algorithms, has a "tune" that is not false.
bool is_tuned(const nlohmann::json& source);

/// Reads what is tuned in a scenario that has passed the schema. Throws InputError.
Tuning read_tuning(const nlohmann::json& source, const std::string& file);

/// The scenario without "tune".
nlohmann::json untuned(nlohmann::json source);

/// Puts a value of each parameter into an algorithm's entry.
void put_values(nlohmann::json& entry, const std::vector<TunedParameter>& parameters,
                const std::vector<nlohmann::json>& values);

/// The scenario without "tune", with the first value of all that is tuned: for whoever asks for its problem or data
/// alone.
nlohmann::json with_first_values(const nlohmann::json& source, const Tuning& tuning);

/// x with four digits: what is tried can be written down, and tried again.
double four_digits(double x);

}  // namespace laconic::scenario
