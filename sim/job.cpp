#include "sim/job.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <chrono>

namespace laconic {
namespace {

using Clock = std::chrono::steady_clock;

volatile sig_atomic_t interrupt_count = 0;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupt_count = interrupt_count + 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int interrupts() { return interrupt_count; }

JobResult run_job(const Scenario& s, std::size_t i, std::FILE* csv,
                  const std::function<void(Round rounds, const Row& last)>& progress) {
  const auto start = Clock::now();
  Method method = s.make_method(i);
  Recorder recorder(s.problem, s.record, fmt::format("{},{},{},", s.name, s.algorithms[i].label, s.seed), csv);
  recorder.local_steps = method.local_steps;
  recorder.interrupted = [] { return interrupts() > 0; };

  auto reported = start;
  const auto after_round = [&](Round rounds, double time, const Vector& model, const Ledger& ledger) {
    const bool go_on = recorder(rounds, time, model, ledger);
    if (progress && seconds_since(reported) > 0.1) {
      reported = Clock::now();
      progress(rounds, recorder.last());
    }
    return go_on;
  };
  if (s.platform) {
    Learner learner(method);
    run_actors([&](Round k) -> const RoundPlan& { return learner.round(k); }, s.platform, *s.network, s.wire,
               [&](Round rounds, double time, const Ledger& ledger) {
                 return after_round(rounds, time, learner.model(), ledger);
               });
  } else {
    run_lockstep(method, s.wire, after_round);
  }
  return {recorder.last(), recorder.stop(), recorder.reached(), seconds_since(start)};
}

}  // namespace laconic
