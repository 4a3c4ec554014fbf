#include "sim/rounds/run_rounds.hpp"

namespace laconic::rounds {

void run_rounds(const PlanRound& plan_round, Bookkeeper books, const RoundClock& clock, const AfterRound& after_round) {
  Ledger ledger;
  RoundPlan slowed;
  std::optional<std::uint64_t> vote_down;
  if (clock.metered) ledger.energy_j = 0;
  if (clock.watched) ledger.traffic = Traffic{};
  if (!after_round(0, clock.start, ledger)) return;
  const auto time = [&](Round k, const RoundPlan& exchange, std::optional<std::uint64_t> order_bits) {
    if (!clock.slowdown) return clock.time(k, exchange, order_bits, ledger);
    slowed = exchange;
    for (auto& share : slowed.shares) share.flops *= clock.slowdown(share.m, k);
    return clock.time(k, slowed, order_bits, ledger);
  };
  for (Round k = 0;; ++k) {
    const RoundPlan& plan = plan_round(k);
    double now = time(k, plan, plan.broadcast_bits ? plan.broadcast_bits : vote_down);
    for (const RoundPlan& exchange : plan.more) now = time(k, exchange, exchange.broadcast_bits);
    books.count(plan, ledger);
    vote_down = plan.vote_bits;
    if (!after_round(k + 1, now, ledger)) return;
  }
}

void run_untimed(const PlanRound& plan_round, std::size_t workers, const WireRules& wire, const AfterRound& after_round,
                 const Collective* collective) {
  static constexpr double no_time = -1;
  run_rounds(plan_round, {workers, wire, collective}, {[](const auto&...) { return no_time; }, no_time}, after_round);
}

void run_lockstep(Method& method, const WireRules& wire, const AfterLearning& after_round) {
  Learner learner(method);
  run_untimed([&](Round k) -> const RoundPlan& { return learner.round(k); }, method.workers.size(), wire,
              [&](Round rounds, double time, const Ledger& ledger) {
                return after_round(rounds, time, learner.model(), ledger);
              });
}

}  // namespace laconic::rounds
