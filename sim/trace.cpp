#include "sim/trace.hpp"

#include <unordered_map>

namespace laconic {
namespace {

// Plans are alike if they ask the same of the network, and count the same.
std::string identity(const RoundPlan& plan) {
  std::string key = timing_key(plan, plan.broadcast_bits);
  const std::uint64_t verdict = plan.verdict_bits.value_or(~std::uint64_t{0});
  return key.append(reinterpret_cast<const char*>(&verdict), sizeof verdict);
}

}  // namespace

Trace::Trace(Method& method, const Problem& problem, const RecordRules& rules, const WireRules& wire,
             const std::function<bool()>& interrupted, const Collective* collective,
             const std::function<int()>& threads)
    : local_steps_(method.local_steps) {
  Crew crew(problem.concurrent ? threads : [] { return 1; });
  Learner learner(method, collective, &crew);
  std::unordered_map<std::string, std::uint32_t> known;
  const auto plan_round = [&](Round k) -> const RoundPlan& {
    const RoundPlan& plan = learner.round(k);
    const auto [place, fresh] = known.emplace(identity(plan), static_cast<std::uint32_t>(plans_.size()));
    if (fresh) plans_.push_back(plan);
    order_.push_back(place->second);
    return plan;
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> nowhere(std::fopen("/dev/null", "w"), &std::fclose);
  Recorder recorder(rules, "", nowhere.get(),
                    [&](Round rounds) { return measures_[rounds] = measure(problem, rules, learner.model(), crew); });
  recorder.interrupted = interrupted;
  run_untimed(plan_round, method.workers.size(), wire, std::ref(recorder), collective);
}

}  // namespace laconic
