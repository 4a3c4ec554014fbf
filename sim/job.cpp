#include "sim/job.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <chrono>

namespace laconic {
namespace {

using Clock = std::chrono::steady_clock;

volatile sig_atomic_t interrupt_count = 0;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::string row_prefix(const Scenario& s, std::size_t i) {
  return fmt::format("{},{},{},", s.name, s.algorithms[i].label, s.seed);
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupt_count = interrupt_count + 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int interrupts() { return interrupt_count; }

JobResult run_job(const Scenario& s, std::size_t i, std::FILE* csv,
                  const std::function<void(Round rounds, const Row& last)>& progress, const std::string& prefix,
                  const std::function<int()>& threads) {
  const auto start = Clock::now();
  Method method = s.make_method(i);
  Crew crew(s.problem.concurrent ? threads : [] { return 1; });
  Learner learner(method, s.cluster.pattern(), &crew);
  Recorder recorder(s.record, prefix + row_prefix(s, i), csv,
                    [&](Round) { return measure(s.problem, s.record, learner.model(), crew); });
  recorder.local_steps = method.local_steps;
  recorder.interrupted = [] { return interrupts() > 0; };

  auto reported = start;
  const auto after_round = [&](Round rounds, double time, const Ledger& ledger) {
    const bool go_on = recorder(rounds, time, ledger);
    if (progress && seconds_since(reported) > 0.1) {
      reported = Clock::now();
      progress(rounds, recorder.last());
    }
    return go_on;
  };
  const auto plan_round = [&](Round k) -> const RoundPlan& { return learner.round(k); };
  if (s.cluster.feeds_back())
    run_exposed({[&](Round k, const std::vector<bool>& away) -> const RoundPlan& { return learner.begin(k, away); },
                 [&](Round k, const auto& arrivals, bool step) { learner.end(k, arrivals, step); }},
                s.cluster, after_round);
  else if (s.cluster.platform)
    run_actors(plan_round, s.cluster, after_round);
  else
    run_untimed(plan_round, method.workers.size(), s.cluster.wire, after_round, s.cluster.pattern());
  return {recorder.last(), recorder.stop(), recorder.reached(), seconds_since(start)};
}

JobResult replay_job(const Scenario& s, std::size_t i, const Trace& trace, const ClusterPlan& cluster, std::FILE* csv,
                     const std::string& prefix) {
  const auto start = Clock::now();
  Recorder recorder(s.record, prefix + row_prefix(s, i), csv, [&](Round rounds) { return trace.measures(rounds); });
  recorder.local_steps = trace.local_steps();
  recorder.interrupted = [] { return interrupts() > 0; };
  const auto plan_round = [&](Round k) -> const RoundPlan& { return trace.round(k); };
  if (cluster.platform)
    run_actors(plan_round, cluster, std::ref(recorder));
  else
    run_untimed(plan_round, static_cast<std::size_t>(s.problem.M()), cluster.wire, std::ref(recorder),
                cluster.pattern());
  return {recorder.last(), recorder.stop(), recorder.reached(), seconds_since(start)};
}

}  // namespace laconic
