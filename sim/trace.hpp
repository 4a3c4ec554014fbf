#pragma once

#include <map>

#include "sim/record.hpp"

namespace laconic {

/// One run's learning as the network sees it: the plans of its rounds, each kept once, and the metrics of its rows.
/// Replayed on a network, it gives the rows that a live run there would write, byte for byte.
class Trace {
 public:
  /// Learns `method` without a network until `rules` say stop; they may not name a simulated time.
  /// `collective`: under which it is replayed; nullptr: the parameter server. `threads`: that may
  /// learn at present; none of them is left afterwards.
  Trace(
      Method& method, const Problem& problem, const RecordRules& rules, const WireRules& wire,
      const std::function<bool()>& interrupted, const Collective* collective = nullptr,
      const std::function<int()>& threads = [] { return 1; });

  /// Of round k that was learned.
  const RoundPlan& round(Round k) const { return plans_[order_[static_cast<std::size_t>(k)]]; }
  /// Of the model after so many rounds, where a row was written.
  const Measures& measures(Round rounds) const { return measures_.at(rounds); }
  Round local_steps() const { return local_steps_; }
  std::size_t distinct_rounds() const { return plans_.size(); }

 private:
  std::vector<RoundPlan> plans_;
  std::vector<std::uint32_t> order_;
  std::map<Round, Measures> measures_;
  Round local_steps_;
};

}  // namespace laconic
