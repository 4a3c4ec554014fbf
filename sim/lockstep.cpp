#include "sim/driver.hpp"

namespace laconic {

void Ledger::round(const RoundPlan& plan, std::size_t workers, const WireRules& wire) {
  flops += plan.server_flops;
  for (const auto& share : plan.shares) {
    if (plan.broadcast_bits) download(*plan.broadcast_bits, wire);
    flops += share.flops;
    upload(share.upload_bits, wire);
  }
  if (plan.verdict_bits)
    for (std::size_t m = 0; m < workers; ++m) download(*plan.verdict_bits, wire);
}

void run_untimed(const PlanRound& plan_round, std::size_t workers, const WireRules& wire,
                 const AfterRound& after_round) {
  constexpr double no_time = -1;
  Ledger ledger;
  if (!after_round(0, no_time, ledger)) return;
  for (Round k = 0;; ++k) {
    ledger.round(plan_round(k), workers, wire);
    if (!after_round(k + 1, no_time, ledger)) return;
  }
}

void run_lockstep(Method& method, const WireRules& wire, const AfterLearning& after_round) {
  Learner learner(method);
  run_untimed([&](Round k) -> const RoundPlan& { return learner.round(k); }, method.workers.size(), wire,
              [&](Round rounds, double time, const Ledger& ledger) {
                return after_round(rounds, time, learner.model(), ledger);
              });
}

}  // namespace laconic
