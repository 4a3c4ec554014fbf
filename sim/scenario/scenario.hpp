#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "algorithms/core/asynchronous.hpp"
#include "algorithms/core/peers.hpp"
#include "algorithms/core/problem.hpp"
#include "sim/network/cluster.hpp"
#include "sim/results/recorder.hpp"
#include "sim/scenario/claim.hpp"
#include "sim/scenario/data_facts.hpp"
#include "sim/scenario/read_algorithms.hpp"
#include "sim/scenario/source.hpp"

namespace laconic::scenario {

/// What was chosen for a scenario's algorithms before it is run, in words and for run.json.
struct Chosen {
  std::string title;               ///< "best of 12"
  std::vector<std::string> cells;  ///< "step 0.1", an algorithm each; empty for one that was not tuned
  std::string note;                ///< by what, over which seeds
  nlohmann::ordered_json told;
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
  CodecCosts codecs;  ///< what is stated of the time that compression takes
  std::vector<AlgorithmEntry> algorithms;
  std::vector<Claim> claims;
  std::optional<Chosen> chosen;  ///< where it was tuned

  /// Whether no algorithm's encoding or decoding takes time.
  bool coding_is_free() const;
  /// A fresh instance of an algorithm, or of algorithm i, which has rounds.
  Method make_method(const AlgorithmEntry& algorithm) const;
  Method make_method(std::size_t i) const { return make_method(algorithms[i]); }
  /// That for one that is `is_asynchronous()`.
  AsynchronousMethod make_asynchronous(const AlgorithmEntry& algorithm) const;
  /// That for one that is `is_on_graph()`; refers to the entry's graph.
  PeerMethod make_peers(const AlgorithmEntry& algorithm) const;
  /// That for one that is both.
  ExchangeMethod make_exchanges(const AlgorithmEntry& algorithm) const;
};

/// Reads and checks a scenario file. Throws InputError that names every mistake the schema sees, or the first one
/// beyond it in each block. One that is tuned has the first values that are to be tried.
Scenario load_scenario(const std::filesystem::path& file, const ScenarioOptions& options = {});

/// Reads, checks and builds a scenario from JSON in memory, said to be of `file`; relative paths are looked up in
/// `folder` first. Throws InputError as load_scenario does.
Scenario make_scenario(nlohmann::json given, const std::string& file, const std::filesystem::path& folder,
                       bool optimum = false);

/// A scenario whose learning was recorded: without problem and data, and without a look at the algorithms.
/// `has_optimum`: whether loss_gap is recorded where "record" names no metrics.
Scenario make_outline(nlohmann::json given, const std::string& file, const std::filesystem::path& folder,
                      bool has_optimum);

/// The cluster alone of a scenario in JSON, read and checked as make_scenario does.
network::ClusterPlan read_cluster(nlohmann::json given, const std::string& file, const std::filesystem::path& folder);

}  // namespace laconic::scenario
