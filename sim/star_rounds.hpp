#pragma once

#include <optional>
#include <vector>

#include "sim/alike.hpp"
#include "sim/driver.hpp"
#include "sim/round_memory.hpp"
#include "sim/shared_link.hpp"

namespace laconic {

/// The durations of a parameter server's rounds on a star. Transfers share one link, which is solved outright, with
/// SimGrid's alpha-beta model: a transfer takes its share once its latency has passed, and shares are as 1 / latency.
/// SimGrid comes to the same, but visits every transfer at every event.
class StarRounds {
 public:
  /// The star must outlive this.
  explicit StarRounds(const Star& star) : star_(star), alike_(star), down_(star.down), up_(star.up) {}

  /// Of a round that starts on an idle network; `order_bits` is what the participants receive first.
  double seconds(const RoundPlan& plan, std::optional<std::uint64_t> order_bits, const WireRules& wire);

 private:
  double solved(const RoundPlan& plan, std::optional<std::uint64_t> order_bits, const WireRules& wire);

  const Star& star_;
  const Alike alike_;
  RoundMemory<double> memory_;
  std::vector<std::size_t> order_;
  SharedLink down_, up_;
  std::vector<Transfer> transfers_;
  std::vector<double> ready_, arrived_;  // when
};

/// Rounds on a cluster that is `outright()`: run_actors without an actor, or an engine.
void run_star(const PlanRound& plan_round, const ClusterPlan& cluster, const AfterRound& after_round);

}  // namespace laconic
