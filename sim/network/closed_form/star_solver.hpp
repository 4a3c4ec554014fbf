#pragma once

#include <optional>
#include <vector>

#include "sim/network/closed_form/shared_link.hpp"
#include "sim/network/cluster.hpp"
#include "sim/network/equal_workers.hpp"
#include "sim/network/round_cache.hpp"

namespace laconic::network {

/// The durations of a parameter server's rounds on a star. Transfers share one link, which is solved outright, with
/// SimGrid's alpha-beta model: a transfer takes its share once its latency has passed, and shares are as 1 / latency.
/// SimGrid comes to the same, but visits every transfer at every event.
class StarSolver {
 public:
  /// The star must outlive this.
  explicit StarSolver(const platforms::Star& star)
      : star_(star), equal_workers_(star), down_(star.down), up_(star.up) {}

  /// Of a round that starts on an idle network; `order_bits` is what the participants receive first.
  double seconds(const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits, const rounds::WireRules& wire);

 private:
  double solved(const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits, const rounds::WireRules& wire);

  const platforms::Star& star_;
  const EqualWorkers equal_workers_;
  RoundCache<double> memory_;
  std::vector<std::size_t> order_;
  SharedLink down_, up_;
  std::vector<Transfer> transfers_;
  std::vector<double> ready_, arrived_;  // when
};

/// Rounds on a cluster that is `has_closed_form()`: run_actors without an actor, or an engine.
void run_star(const rounds::PlanRound& plan_round, const ClusterPlan& cluster, const rounds::AfterRound& after_round);

}  // namespace laconic::network
