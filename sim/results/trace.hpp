#pragma once

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/results/byte_stream.hpp"
#include "sim/results/recorder.hpp"

namespace laconic::results {

/// Byte strings, each kept once and numbered in the order in which they first came.
class Dictionary {
 public:
  Dictionary() = default;
  Dictionary(Dictionary&&) = default;
  Dictionary& operator=(Dictionary&&) = default;
  std::uint32_t add(std::string text);
  /// Throws std::out_of_range.
  const std::string& operator[](std::uint32_t id) const { return *texts_.at(id); }
  std::size_t size() const { return texts_.size(); }

 private:
  std::unordered_map<std::string, std::uint32_t> ids_;
  std::vector<const std::string*> texts_;
};

/// One run's learning as the network sees it: the plans of its rounds, each kept once and packed (a bit or less for
/// each worker, where they do what they did before), and the metrics of its rows. Replayed on a network, it gives the
/// rows that a live run there would write, byte for byte.
class Trace {
 public:
  Round local_steps = 1;
  /// How the run ended.
  Stop stop = Stop::interrupted;

  void add_round(const rounds::RoundPlan& plan);
  void add_row(Round rounds, const Measures& measures);

  Round rounds() const { return static_cast<Round>(order_.size()); }
  std::size_t distinct_rounds() const { return plans_.size(); }
  bool measured(Metric metric) const;
  /// Reads the plan of round k into `plan`. Throws RunError if the run ended before.
  void read_round(Round k, rounds::RoundPlan& plan) const;
  /// Reads one of the distinct rounds' plans.
  void read_plan(std::uint32_t id, rounds::RoundPlan& plan) const;
  bool has_row(Round rounds) const { return std::binary_search(rows_.begin(), rows_.end(), rounds); }
  /// What was measured of the model after so many rounds. Throws RunError if no row was written there.
  const Measures& measures(Round rounds) const;

  /// The trace as bytes, and back. Throws std::out_of_range or std::length_error if the bytes are none.
  std::string packed() const;
  static Trace unpacked(std::string_view bytes);

 private:
  void pack_exchange(ByteWriter& out, const rounds::RoundPlan& exchange);
  void read_exchange(ByteReader& in, rounds::RoundPlan& exchange) const;

  Dictionary columns_, plans_;
  std::vector<std::uint32_t> order_;  // each round's plan, by its number
  std::vector<Round> rows_;
  std::vector<Measures> measures_;
};

/// A round's plan from a trace, for simulate_rounds.
rounds::PlanRound rounds_of(const Trace& trace);

}  // namespace laconic::results
