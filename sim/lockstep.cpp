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

void Ledger::waste(const Ledger& in_vain) {
  downloads += in_vain.downloads;
  download_bits += in_vain.download_bits;
  wire_bytes_down += in_vain.wire_bytes_down;
  flops += in_vain.flops;
}

void Bookkeeper::count(const RoundPlan& plan, Ledger& ledger) {
  if (!collective_) return ledger.round(plan, workers_, wire_);
  if (!(plan == last_)) {
    last_ = plan;
    messages_ = {};
    const Script script = collective_->script(plan, plan.broadcast_bits ? plan.broadcast_bits : plan.verdict_bits);
    for (const auto& program : script.programs)
      for (const Step& step : program) {
        messages_.flops += step.flops;
        if (step.kind != Step::Kind::send) continue;
        if (step.up)
          messages_.upload(step.payload ? std::optional(step.bits) : std::nullopt, wire_);
        else if (step.payload)
          messages_.download(step.bits, wire_);
        else if (wire_.skip_notice)
          messages_.wire_bytes_down += wire_.notice_bytes();
      }
  }
  ledger.uploads += messages_.uploads;
  ledger.downloads += messages_.downloads;
  ledger.upload_bits += messages_.upload_bits;
  ledger.download_bits += messages_.download_bits;
  ledger.wire_bytes_up += messages_.wire_bytes_up;
  ledger.wire_bytes_down += messages_.wire_bytes_down;
  ledger.flops += messages_.flops;
}

void run_rounds(const PlanRound& plan_round, Bookkeeper books, const Conditions& conditions, const TimeRound& time,
                const AfterRound& after_round, double clock) {
  Ledger ledger;
  RoundPlan slowed;
  std::optional<std::uint64_t> verdict;
  if (conditions.energy) ledger.energy_j = 0;
  if (!after_round(0, clock, ledger)) return;
  for (Round k = 0;; ++k) {
    const RoundPlan& plan = plan_round(k);
    if (conditions.stragglers) {
      slowed = plan;
      for (auto& share : slowed.shares) share.flops *= conditions.stragglers->slowdown(share.m, k);
    }
    clock = time(k, conditions.stragglers ? slowed : plan, plan.broadcast_bits ? plan.broadcast_bits : verdict, ledger);
    books.count(plan, ledger);
    verdict = plan.verdict_bits;
    if (!after_round(k + 1, clock, ledger)) return;
  }
}

void run_untimed(const PlanRound& plan_round, std::size_t workers, const WireRules& wire, const AfterRound& after_round,
                 const Collective* collective) {
  static constexpr double no_time = -1;
  run_rounds(
      plan_round, {workers, wire, collective}, {}, [](const auto&...) { return no_time; }, after_round, no_time);
}

void run_lockstep(Method& method, const WireRules& wire, const AfterLearning& after_round) {
  Learner learner(method);
  run_untimed([&](Round k) -> const RoundPlan& { return learner.round(k); }, method.workers.size(), wire,
              [&](Round rounds, double time, const Ledger& ledger) {
                return after_round(rounds, time, learner.model(), ledger);
              });
}

}  // namespace laconic
