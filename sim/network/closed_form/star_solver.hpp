#pragma once

#include <optional>
#include <vector>

#include "sim/network/closed_form/shared_link.hpp"
#include "sim/network/cluster.hpp"
#include "sim/network/round_cache.hpp"

namespace laconic::network {

/// The durations of a parameter server's rounds on a star, under SimGrid's alpha-beta model: a transfer takes its share
/// of the one link that all share once its latency has passed, and shares are as 1 / latency. Here that link is solved
/// in closed form. SimGrid comes to the same, but visits every transfer at every event.
class StarSolver {
 public:
  /// The star and the rules must outlive this.
  StarSolver(const platforms::Star& star, const rounds::WireRules& wire);
  StarSolver(const StarSolver&) = delete;
  StarSolver& operator=(const StarSolver&) = delete;

  /// How long round k takes, which starts on an idle network with messages of `order_bits` to its participants.
  double seconds(Round k, const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
    return cache_(k, plan, order_bits).seconds;
  }

 private:
  double solve(const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits);

  const platforms::Star& star_;
  const rounds::WireRules& wire_;
  RoundCache cache_;
  SharedLink down_, up_;
  std::vector<Transfer> transfers_;
  std::vector<double> ready_, arrived_;  // when each participant has the model, and when each upload is there, s
};

/// Runs rounds on a cluster that is `has_closed_form()`, without an actor or an engine.
void run_star(const rounds::PlanRound& plan_round, const ClusterPlan& cluster, const rounds::AfterRound& after_round);

}  // namespace laconic::network
