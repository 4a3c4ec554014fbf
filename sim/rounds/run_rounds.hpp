#pragma once

#include <functional>

#include "sim/rounds/learner.hpp"
#include "sim/rounds/ledger.hpp"

namespace laconic::rounds {

/// Called with `rounds` = 0 before the first round and after every round's update; false ends the run.
/// sim_time_s is negative where no time is simulated.
using AfterRound = std::function<bool(Round rounds, double sim_time_s, const Ledger& ledger)>;
using AfterLearning = std::function<bool(Round rounds, double sim_time_s, const Vector& model, const Ledger& ledger)>;

/// Says when an exchange of round k is over, s, the first one or one of RoundPlan::more: it is called for each, in
/// their order. The plan is as stragglers make it, and its participants receive `order_bits` first. Adds to the ledger
/// what nobody else knows: compute_s, energy_j, traffic.
using TimeRound =
    std::function<double(Round k, const RoundPlan& plan, std::optional<std::uint64_t> order_bits, Ledger& ledger)>;

/// Says how long rounds take.
struct RoundClock {
  TimeRound time;
  double start = 0;                                  ///< when the first round begins, s
  std::function<double(int m, Round k)> slowdown{};  ///< how many times as long worker m computes; empty: as planned
  bool metered = false;                              ///< whether `time` counts energy
  bool watched = false;                              ///< whether it counts Ledger::traffic
};

/// Runs one round after the other, and keeps their books.
void run_rounds(const PlanRound& plan_round, Bookkeeper books, const RoundClock& clock, const AfterRound& after_round);

/// Runs rounds without a network.
void run_untimed(const PlanRound& plan_round, std::size_t workers, const WireRules& wire, const AfterRound& after_round,
                 const Collective* collective = nullptr);

/// Learns a method's rounds without a network, one after the other.
void run_lockstep(Method& method, const WireRules& wire, const AfterLearning& after_round);

}  // namespace laconic::rounds
