#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/run/run.hpp"
#include "sim/scenario/read_tuning.hpp"
#include "sim/sweep/open_sweep.hpp"

namespace laconic::tuning {

/// How a trial ended on one tuning seed.
struct TrialRun {
  double cost = 0;  ///< what is to be least; infinite where the target was missed
  double rest = 0;  ///< the target's metric at the end, of which less is nearer to the target
};

/// Values of an algorithm's parameters that were tried.
struct Trial {
  std::vector<nlohmann::json> values;
  std::vector<TrialRun> runs;  ///< a tuning seed each

  double median() const;  ///< of the costs, a miss being infinite
  std::size_t reached() const;
  double median_rest() const;
  /// Whether it has the smaller median, or, where both missed, came nearer.
  bool better_than(const Trial& other) const;
};

/// The first of the best: the one that a smaller budget has, too.
std::size_t best_of(const std::vector<Trial>& trials);

/// [point][tuned entry][trial]
using Tried = std::vector<std::vector<std::vector<Trial>>>;

/// The trials of a scenario that is tuned, at each point of its sweep (without it: at one point) but for the seed's.
///
/// They are runs of a sweep over the tuning seeds and the points, whose algorithms are all that is tried: what is
/// learned is computed once for all networks, and replayed on each.
class Trials {
 public:
  /// Finds all mistakes that can be found before the first round. `source` has passed the schema. `swept`: at each
  /// point of its sweep. Throws InputError.
  Trials(const nlohmann::json& source, const std::filesystem::path& file, bool swept);

  const scenario::Tuning& tuning() const { return tuning_; }
  /// The points' values, {"/pointer": value}.
  const std::vector<nlohmann::json>& points() const { return points_; }
  std::size_t runs() const;  ///< but for what is refined

  /// Runs them all. Finished ones are kept in the folder, and not run again. Nothing after an interrupt, or where a
  /// trial failed, which was said then.
  std::optional<Tried> run(const std::filesystem::path& folder, const run::RunOptions& options) const;
  /// What is in the folder, where that is all of them.
  std::optional<Tried> found(const std::filesystem::path& folder) const;
  /// The sweep that they are, but for those that refine: these depend on how it goes.
  sweep::OpenSweep first_sweep() const;
  /// A digest of all that they depend on.
  std::string digest() const;

 private:
  // Something to try: of a tuned entry, values; at a point.
  struct Candidate {
    std::size_t entry;
    std::vector<nlohmann::json> values;
  };
  struct Batch;

  nlohmann::json scenario_of(const std::vector<Candidate>& candidates) const;
  nlohmann::json swept_values(const std::vector<Candidate>& candidates, std::size_t point) const;
  Batch batch_of(const std::vector<Candidate>& candidates, const std::vector<std::size_t>& points,
                 const std::vector<nlohmann::json>& changes) const;
  void check() const;
  std::string explained(const std::string& mistakes) const;
  Batch first_batch() const;
  bool run_batch(const std::vector<Candidate>& candidates, const std::vector<std::size_t>& points,
                 const std::vector<nlohmann::json>& changes, const std::filesystem::path& folder,
                 const run::RunOptions* options, Tried& tried) const;
  bool refine(std::size_t k, const std::filesystem::path& folder, const run::RunOptions* options, Tried& tried) const;
  std::optional<Tried> all(const std::filesystem::path& folder, const run::RunOptions* options) const;
  TrialRun outcome_of(const std::string& rows) const;

  nlohmann::json source_;
  std::filesystem::path file_;
  scenario::Tuning tuning_;
  std::vector<nlohmann::json> points_;
  std::vector<Candidate> first_;     // what the entries say is to be tried
  std::vector<std::size_t> places_;  // of all points
};

}  // namespace laconic::tuning
