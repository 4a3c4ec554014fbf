#pragma once

#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"
#include "sim/tuning/trials.hpp"

namespace laconic::tuning {

/// Which trial is the best of each tuned entry at each point, and what there is to say about it.
class Choices {
 public:
  Choices(const Trials& trials, Tried tried, std::string file);

  const std::vector<Trial>& trials(std::size_t point, std::size_t entry) const { return tried_[point][entry]; }
  std::size_t best(std::size_t point, std::size_t entry) const { return best_[point][entry]; }
  const Trial& chosen(std::size_t point, std::size_t entry) const { return tried_[point][entry][best(point, entry)]; }

  /// The scenario's entry of an algorithm, with what was chosen for it.
  void put(nlohmann::json& entry, std::size_t point, std::size_t k) const;

  /// "step 0.1, k 0.01"
  std::string words(std::size_t point, std::size_t entry) const { return words_of(entry, chosen(point, entry)); }
  /// "best of 12", or "tuned" where budgets differ.
  std::string title() const;
  /// "tuned by sim_time_s to loss at most 0.1, median over the seeds 101, 102 and 103; 12 trials each"
  std::string note() const;
  /// What was chosen, a line for each algorithm: where it differs from point to point, how often.
  std::string lines() const;

  /// Best values at the edge of those that were tried, targets that nobody reached, choices that differ by seed: a
  /// sentence each, which begins with its place.
  std::vector<std::string> warnings() const;

  /// For run.json and sweep.json. `source`: the scenario as it was given.
  nlohmann::ordered_json told(const nlohmann::json& source) const;
  /// For the table of a run.
  scenario::Chosen of_run(const nlohmann::json& source) const;

 private:
  std::string words_of(std::size_t k, const Trial& trial) const;
  std::string places(const std::vector<std::size_t>& points) const;
  void warn_of_edges(std::size_t k, std::vector<std::string>& out) const;
  void warn_of_misses(std::vector<std::string>& out) const;
  void warn_of_seeds(std::size_t k, std::vector<std::string>& out) const;
  std::string seeds_words(std::size_t k, std::size_t p) const;

  const Trials& trials_;
  Tried tried_;
  std::string file_;
  std::vector<std::vector<std::size_t>> best_;
};

}  // namespace laconic::tuning
