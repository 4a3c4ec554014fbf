#include "sim/run/job.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>

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

// A run's rounds, learned now or read from a trace, and what is measured of the models after them.
struct Rounds {
  PlanRound plan;
  std::optional<OpenRounds> open;  // in two halves, for where a deadline decides what is learned
  std::size_t workers;
  Round local_steps;
  std::function<Measures(Round rounds)> measure;
  std::function<bool(Round rounds)> may_end;  // whether an interrupt can end the run here
};

// The one place that chooses who carries the messages of the rounds, or only counts them.
void carry(const Rounds& rounds, const ClusterPlan& cluster, const AfterRound& after_round, Timeline* timeline) {
  if (cluster.feeds_back())
    run_failing_workers(rounds.open.value(), cluster, after_round, timeline);
  else if (cluster.platform)
    run_actors(rounds.plan, cluster, after_round, timeline);
  else
    run_untimed(rounds.plan, rounds.workers, cluster.wire, after_round, cluster.pattern());
}

JobResult record(const Scenario& s, std::size_t i, const Rounds& rounds, const ClusterPlan& cluster, std::FILE* csv,
                 const ReportProgress& progress, const JobExtras& extras, Clock::time_point start) {
  Recorder recorder(s.record, extras.prefix + row_prefix(s, i), csv, rounds.measure);
  recorder.local_steps = rounds.local_steps;
  recorder.interrupted = [&](Round now) { return interrupts() > 0 && rounds.may_end(now); };
  carry(rounds, cluster, reporting(recorder, progress), extras.timeline);
  if (extras.record) {
    extras.record->local_steps = rounds.local_steps;
    extras.record->stop = recorder.stop();
  }
  return {recorder.last(), recorder.stop(), recorder.reached(), seconds_since(start)};
}

JobResult learn_on(const ClusterPlan& cluster, const Scenario& s, std::size_t i, std::FILE* csv,
                   const ReportProgress& progress, const JobExtras& extras) {
  const auto start = Clock::now();
  Method method = s.make_method(i);
  ThreadTeam team(s.problem.concurrent ? extras.threads : [] { return 1; });
  Learner learner(method, cluster.pattern(), &team);
  Rounds rounds;
  rounds.plan = [&](Round k) -> const RoundPlan& {
    const RoundPlan& plan = learner.round(k);
    if (extras.record) extras.record->add_round(plan);
    return plan;
  };
  rounds.open = {[&](Round k, const std::vector<bool>& away) -> const RoundPlan& { return learner.begin(k, away); },
                 [&](Round k, const auto& arrivals, bool step) { learner.end(k, arrivals, step); }};
  rounds.workers = method.workers.size();
  rounds.local_steps = method.local_steps;
  rounds.measure = [&](Round k) {
    const Measures measures = measure(s.problem, s.record, learner.model(), team);
    if (extras.record) extras.record->add_row(k, measures);
    return measures;
  };
  rounds.may_end = [](Round) { return true; };
  return record(s, i, rounds, cluster, csv, progress, extras, start);
}

}  // namespace

JobResult run_job(const Scenario& s, std::size_t i, std::FILE* csv, const ReportProgress& progress,
                  const JobExtras& extras) {
  return learn_on(s.cluster, s, i, csv, progress, extras);
}

Trace learn(const Scenario& s, std::size_t i, const std::function<int()>& threads) {
  ClusterPlan no_network;
  no_network.wire = s.cluster.wire;
  no_network.collective = s.cluster.collective;
  Trace out;
  learn_on(no_network, s, i, nullptr, {}, {.record = &out, .threads = threads});
  return out;
}

JobResult replay_job(const Scenario& s, std::size_t i, const Trace& trace, const ClusterPlan& cluster, std::FILE* csv,
                     const ReportProgress& progress, const JobExtras& extras) {
  const auto start = Clock::now();
  Rounds rounds;
  rounds.plan = rounds_of(trace);
  rounds.workers = s.source["workers"].get<std::size_t>();
  rounds.local_steps = trace.local_steps;
  rounds.measure = [&](Round k) { return trace.measures(k); };
  rounds.may_end = [&](Round k) { return trace.has_row(k); };
  return record(s, i, rounds, cluster, csv, progress, extras, start);
}

}  // namespace laconic::run
