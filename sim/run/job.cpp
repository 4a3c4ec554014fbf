#include "sim/run/job.hpp"

#include <fmt/format.h>

#include <chrono>

#include "sim/processes/interrupts.hpp"

namespace laconic::run {

using namespace platforms;
using namespace rounds;
using namespace network;
using namespace results;
using namespace scenario;
using namespace processes;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::string row_prefix(const Scenario& s, std::size_t i) {
  return fmt::format("{},{},{},", s.name, s.algorithms[i].label, s.seed);
}

// The driver that the cluster asks for.
void drive(const PlanRound& plan_round, const ClusterPlan& cluster, std::size_t workers, const AfterRound& after_round,
           Timeline* timeline) {
  if (cluster.platform)
    run_actors(plan_round, cluster, after_round, timeline);
  else
    run_untimed(plan_round, workers, cluster.wire, after_round, cluster.pattern());
}

AfterRound reporting(Recorder& recorder, const ReportProgress& progress) {
  return [&, reported = Clock::now()](Round rounds, double time, const Ledger& ledger) mutable {
    const bool go_on = recorder(rounds, time, ledger);
    if (progress && seconds_since(reported) > 0.1) {
      reported = Clock::now();
      progress(rounds, recorder.last());
    }
    return go_on;
  };
}

}  // namespace

JobResult run_job(const Scenario& s, std::size_t i, std::FILE* csv, const ReportProgress& progress,
                  const JobExtras& extras) {
  const auto start = Clock::now();
  Method method = s.make_method(i);
  ThreadTeam team(s.problem.concurrent ? extras.threads : [] { return 1; });
  Learner learner(method, s.cluster.pattern(), &team);
  Recorder recorder(s.record, extras.prefix + row_prefix(s, i), csv, [&](Round rounds) {
    const Measures measures = measure(s.problem, s.record, learner.model(), team);
    if (extras.record) extras.record->add_row(rounds, measures);
    return measures;
  });
  recorder.local_steps = method.local_steps;
  recorder.interrupted = [] { return interrupts() > 0; };
  const auto plan_round = [&](Round k) -> const RoundPlan& {
    const RoundPlan& plan = learner.round(k);
    if (extras.record) extras.record->add_round(plan);
    return plan;
  };
  const AfterRound after_round = reporting(recorder, progress);
  if (s.cluster.feeds_back())
    run_failing_workers(
        {[&](Round k, const std::vector<bool>& away) -> const RoundPlan& { return learner.begin(k, away); },
         [&](Round k, const auto& arrivals, bool step) { learner.end(k, arrivals, step); }},
        s.cluster, after_round, extras.timeline);
  else
    drive(plan_round, s.cluster, method.workers.size(), after_round, extras.timeline);
  if (extras.record) {
    extras.record->local_steps = method.local_steps;
    extras.record->stop = recorder.stop();
  }
  return {recorder.last(), recorder.stop(), recorder.reached(), seconds_since(start)};
}

JobResult replay_job(const Scenario& s, std::size_t i, const Trace& trace, const ClusterPlan& cluster, std::FILE* csv,
                     const ReportProgress& progress, const JobExtras& extras) {
  const auto start = Clock::now();
  Recorder recorder(s.record, extras.prefix + row_prefix(s, i), csv,
                    [&](Round rounds) { return trace.measures(rounds); });
  recorder.local_steps = trace.local_steps;
  Round now = 0;
  recorder.interrupted = [&] { return interrupts() > 0 && trace.has_row(now); };
  const auto record = reporting(recorder, progress);
  drive(
      rounds_of(trace), cluster, s.source["workers"].get<std::size_t>(),
      [&](Round rounds, double time, const Ledger& ledger) {
        now = rounds;
        return record(rounds, time, ledger);
      },
      extras.timeline);
  return {recorder.last(), recorder.stop(), recorder.reached(), seconds_since(start)};
}

}  // namespace laconic::run
