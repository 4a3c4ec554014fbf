#include "sim/rounds/run_rounds.hpp"

namespace laconic::rounds {

void run_rounds(const PlanRound& plan_round, Bookkeeper books, const RoundClock& clock, const AfterRound& after_round) {
  Ledger ledger;
  RoundPlan slowed;
  std::optional<std::uint64_t> vote_down;
  if (clock.metered) ledger.energy_j = 0;
  if (!after_round(0, clock.start, ledger)) return;
  for (Round k = 0;; ++k) {
    const RoundPlan& plan = plan_round(k);
    if (clock.slowdown) {
      slowed = plan;
      for (auto& share : slowed.shares) share.flops *= clock.slowdown(share.m, k);
    }
    const double now =
        clock.time(k, clock.slowdown ? slowed : plan, plan.broadcast_bits ? plan.broadcast_bits : vote_down, ledger);
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
