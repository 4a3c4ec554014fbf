#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "algorithms/core/problem.hpp"
#include "algorithms/methods/compose.hpp"
#include "platforms/platform.hpp"
#include "sim/network/cluster.hpp"
#include "sim/results/recorder.hpp"
#include "sim/scenario/claim.hpp"

namespace laconic::scenario {

/// A worker's samples.
struct WorkerShare {
  Index samples = 0;
  std::vector<Index> counts;  ///< of each class
  double mean_label = 0;      ///< where labels are no classes
};

/// What the data were, for the record of a run.
struct DataFacts {
  std::string name;
  Index samples = 0, features = 0, stored = 0;
  Index test_samples = 0;  ///< 0: no test set
  bool sparse = false;
  std::vector<std::string> classes;  ///< as the data name them; empty: too many values to be classes
  std::vector<WorkerShare> shares;   ///< of each worker
  std::string digest;                ///< XXH3-128 over shape, entries and labels as trained on
  std::string stand_in;              ///< "<these> in place of <those>, which ...": a sentence; empty: none was needed
};

struct AlgorithmEntry {
  std::string label;
  std::string method;
  std::string pointer;  ///< "/algorithms/2"
  nlohmann::json entry;
};

/// A scenario whose every part has been read, checked and built, short of the simulation itself.
struct Scenario {
  nlohmann::json source;  ///< as run: after --set, --seed and platform files
  std::string file;
  std::string name;
  std::uint64_t seed = 1;
  network::ClusterPlan cluster;
  results::RecordRules record;
  DataFacts data;
  Problem problem;
  RoundOptions round;
  std::string batches;
  std::vector<AlgorithmEntry> algorithms;
  std::vector<Claim> claims;

  /// A fresh instance of algorithm i.
  Method make_method(std::size_t i) const;
};

/// Overrides from the command line.
struct ScenarioOptions {
  std::vector<std::string> set;  ///< "/pointer=value"
  std::optional<std::uint64_t> seed;
  bool full = false;     ///< at the scale that the scenario's "full" states
  bool optimum = false;  ///< compute min f where that is known and takes seconds, even if nothing asks for it
};

/// Reads and checks a scenario file. Throws InputError that names every mistake the schema sees, or the first one
/// beyond it in each block.
Scenario load_scenario(const std::filesystem::path& file, const ScenarioOptions& options = {});

/// A scenario file's JSON with its overrides.
nlohmann::json read_source(const std::filesystem::path& file, const ScenarioOptions& options);

/// The same from JSON in memory; relative data paths are looked up in `folder` first.
Scenario make_scenario(nlohmann::json source, const std::string& file, const std::filesystem::path& folder,
                       bool optimum = false);

/// The same of a run whose learning was recorded: without problem and data, and without a look at the algorithms.
/// `has_optimum`: whether loss_gap is recorded where "record" names no metrics.
Scenario make_outline(nlohmann::json source, const std::string& file, const std::filesystem::path& folder,
                      bool has_optimum);

/// "platform" and "network" alone of such JSON, read and checked as make_scenario does.
network::ClusterPlan read_cluster(nlohmann::json source, const std::string& file, const std::filesystem::path& folder);

}  // namespace laconic::scenario
