#pragma once

#include <optional>
#include <span>
#include <vector>

#include "sim/network/closed_form/shared_link.hpp"
#include "sim/network/closed_form/shared_parts.hpp"
#include "sim/network/cluster.hpp"
#include "sim/network/round_cache.hpp"
#include "sim/network/traffic.hpp"

namespace laconic::network {

/// The durations of a parameter server's rounds on a star, under SimGrid's alpha-beta model: a transfer takes its share
/// of the one link that all share once its latency has passed, and shares are as 1 / latency. Here that link is solved
/// in closed form. SimGrid comes to the same, but visits every transfer at every event.
class StarSolver {
 public:
  /// All must outlive this. `connections`: nothing, if all flows begin when they are sent.
  /// `watched`: whether costs tell of the traffic.
  StarSolver(const platforms::Star& star, const rounds::WireRules& wire,
             const std::optional<ConnectionPlan>& connections = {}, bool watched = false);
  StarSolver(const StarSolver&) = delete;
  StarSolver& operator=(const StarSolver&) = delete;

  /// How long round k takes, which starts on an idle network with messages of `order_bits` to its participants.
  /// With connections, rounds must be asked for in their order, each once.
  double seconds(Round k, const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
    return cost(k, plan, order_bits).seconds;
  }
  /// That, and what it took else.
  RoundCost cost(Round k, const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits);

 private:
  RoundCost solve(const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits);
  void add_transfer(double at, double bytes, const platforms::Star::Links& links);
  double carry_uploads(const rounds::RoundPlan& plan);
  double carry_buckets(const rounds::RoundPlan& plan);
  void write_orders(const rounds::RoundPlan& plan, double date, std::uint64_t bytes);
  void write_uploads();
  void tell_arrivals(Connections& connections, std::span<const double> dates) const;

  const platforms::Star& star_;
  const rounds::WireRules& wire_;
  RoundCache cache_;
  SharedLink down_, up_;
  std::vector<Transfer> transfers_;
  std::vector<double> ready_;               // when each participant has the model, s
  std::vector<double> computed_, arrived_;  // when each upload is written, and when it is there, s
  std::optional<Connections> to_workers_, to_server_;
  std::vector<Connections::Message> messages_;
  std::vector<double> waits_;  // for each of the messages, s
  double clock_ = 0;           // when the round begins, s; followed only where connections remember
  std::vector<Sender> senders_;
  std::vector<SentPart> parts_;
  std::optional<TrafficWatch> watch_;
};

/// Runs rounds on a cluster that is `has_closed_form()`, without an actor or an engine.
void run_star(const rounds::PlanRound& plan_round, const ClusterPlan& cluster, const rounds::AfterRound& after_round);

}  // namespace laconic::network
