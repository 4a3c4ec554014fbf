#include "sim/run/job.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

#include "algorithms/base/text.hpp"
#include "sim/processes/interrupts.hpp"
#include "sim/run/record_run.hpp"

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
  return fmt::format("{},{},{},", csv_field(s.name), csv_field(s.algorithms[i].label), s.seed);
}

std::unique_lock<std::mutex> alone(const JobExtras& extras) {
  return extras.unfinished ? std::unique_lock(extras.unfinished->mutex) : std::unique_lock<std::mutex>();
}

AfterRound reporting(Recorder& recorder, const ReportProgress& progress, std::function<void()> keep) {
  return [&, keep, reported = Clock::now()](Round rounds, double time, const Ledger& ledger) mutable {
    const bool go_on = recorder(rounds, time, ledger);
    if (keep && recorder.any()) std::exchange(keep, nullptr)();
    if (progress && seconds_since(reported) > 0.1) {
      reported = Clock::now();
      progress(rounds, recorder.last());
    }
    return go_on;
  };
}

// A run's rounds, learned now or read from a trace, and what is measured of the models after them.
struct Run {
  RunRounds rounds;
  Round local_steps = 1;
  std::function<Measures(Round rounds)> measure;
  std::function<bool(Round rounds)> may_end;  // whether an interrupt can end the run here
};

Recorder recorder_of(const Scenario& s, std::size_t i, const Run& run, std::FILE* csv, const JobExtras& extras) {
  Recorder recorder(s.record, extras.prefix + row_prefix(s, i), csv, run.measure);
  recorder.local_steps = run.local_steps;
  recorder.interrupted = [&](Round now) { return interrupts() > 0 && run.may_end(now); };
  return recorder;
}

// What `simulate` does with the rows, and what may be told of them if it must be ended in the middle.
template <class Simulate>
JobResult recorded(Recorder& recorder, const ReportProgress& progress, const JobExtras& extras, Clock::time_point start,
                   const Simulate& simulate) {
  std::function<void()> keep;  // once there is a row
  if (Unfinished* const unfinished = extras.unfinished) {
    recorder.guard = &unfinished->mutex;
    keep = [&, unfinished] {
      const auto lock = alone(extras);
      unfinished->result = [&] {
        return JobResult{recorder.last(), Stop::interrupted, recorder.reached(), seconds_since(start)};
      };
    };
  }
  try {
    simulate(reporting(recorder, progress, keep));
  } catch (...) {  // what it would read is about to go
    if (const auto lock = alone(extras)) {
      extras.unfinished->result = nullptr;
      extras.unfinished->section = nullptr;
    }
    throw;
  }
  if (extras.record) {
    const auto lock = alone(extras);
    extras.record->local_steps = recorder.local_steps;
    extras.record->stop = recorder.stop();
  }
  const JobResult result{recorder.last(), recorder.stop(), recorder.reached(), seconds_since(start)};
  if (const auto lock = alone(extras)) extras.unfinished->result = [result] { return result; };
  return result;
}

JobResult record(const Scenario& s, std::size_t i, const Run& run, const ClusterPlan& cluster, std::FILE* csv,
                 const ReportProgress& progress, const JobExtras& extras, Clock::time_point start) {
  Recorder recorder = recorder_of(s, i, run, csv, extras);
  return recorded(recorder, progress, extras, start,
                  [&](const AfterRound& after) { simulate_rounds(run.rounds, cluster, after, extras.timeline); });
}

Measures measured(const Scenario& s, const PeerModels& models, ThreadTeam& team) {
  Measures out = measure(s.problem, s.record, models.mean, team);
  out.consensus = models.consensus;
  return out;
}

// Puts a row on the run's record, if there is one.
Measures on_record(const JobExtras& extras, Round k, const Measures& measures) {
  if (!extras.record) return measures;
  const auto lock = alone(extras);
  extras.record->add_row(k, measures);
  return measures;
}

JobResult learn_on(const ClusterPlan& cluster, const Scenario& s, std::size_t i, std::FILE* csv,
                   const ReportProgress& progress, const JobExtras& extras) {
  const auto start = Clock::now();
  Method method = s.make_method(i);
  ThreadTeam team(s.problem.concurrent ? extras.threads : [] { return 1; });
  Learner learner(method, cluster.pattern(), &team);
  Run run;
  const auto seen = [&](const RoundPlan& plan) {
    if (!extras.record) return;
    const auto lock = alone(extras);
    extras.record->add_round(plan);
  };
  run.rounds.workers = method.workers.size();
  run.rounds.plan = [&](Round k) -> const RoundPlan& {
    const RoundPlan& plan = learner.round(k);
    seen(plan);
    return plan;
  };
  run.rounds.open = {[&](Round k, const auto& away) -> const RoundPlan& { return learner.begin(k, away); },
                     [&](Round k, const auto& arrivals, bool step) { learner.end(k, arrivals, step); }};
  run.rounds.by_endpoints = {&method, seen};
  run.local_steps = method.local_steps;
  if (extras.record) extras.record->local_steps = method.local_steps;
  run.measure = [&](Round k) { return on_record(extras, k, measure(s.problem, s.record, learner.model(), team)); };
  run.may_end = [](Round) { return true; };
  return record(s, i, run, cluster, csv, progress, extras, start);
}

// Rounds of a method on a graph may be learned before the rows of earlier ones are written.
JobResult learn_on_graph(const ClusterPlan& cluster, const Scenario& s, std::size_t i, std::FILE* csv,
                         const ReportProgress& progress, const JobExtras& extras) {
  const auto start = Clock::now();
  PeerMethod method = s.make_peers(s.algorithms[i]);
  ThreadTeam team(s.problem.concurrent ? extras.threads : [] { return 1; });
  PeerHistory history(models_of(method));
  PeerLearner learner(method, *s.algorithms[i].graph, history, &team);
  Run run;
  run.local_steps = method.local_steps;
  if (extras.record) extras.record->local_steps = method.local_steps;
  run.measure = [&](Round k) { return on_record(extras, k, measured(s, history.after(k), team)); };
  run.may_end = [](Round) { return true; };
  Recorder recorder = recorder_of(s, i, run, csv, extras);
  return recorded(recorder, progress, extras, start, [&](const AfterRound& after) {
    const AfterRound seen = [&](Round rounds, double time, const Ledger& ledger) {
      history.forget(rounds);
      if (rounds > 0 && extras.record) {
        const auto lock = alone(extras);
        extras.record->add_round(history.plan(rounds - 1));
      }
      return after(rounds, time, ledger);
    };
    const GossipRounds rounds{.graph = s.algorithms[i].graph.get(),
                              .plan = [&](Round k) -> const RoundPlan& { return learner.round(k); },
                              .known = s.record.rounds,
                              .method = &method,
                              .history = &history};
    simulate_gossip(rounds, cluster, seen, extras.timeline);
  });
}

JobResult learn_by_exchanges(const ClusterPlan& cluster, const Scenario& s, std::size_t i, std::FILE* csv,
                             const ReportProgress& progress, const JobExtras& extras) {
  const auto start = Clock::now();
  ExchangeMethod method = s.make_exchanges(s.algorithms[i]);
  ThreadTeam team(s.problem.concurrent ? extras.threads : [] { return 1; });
  Run run;
  run.measure = [&](Round) { return measured(s, models_of(method), team); };
  run.may_end = [](Round) { return true; };
  Recorder recorder = recorder_of(s, i, run, csv, extras);
  return recorded(recorder, progress, extras, start,
                  [&](const AfterRound& after) { simulate_exchanges(method, cluster, after, extras.timeline); });
}

JobResult learn_asynchronously(const ClusterPlan& cluster, const Scenario& s, std::size_t i, std::FILE* csv,
                               const ReportProgress& progress, const JobExtras& extras) {
  const auto start = Clock::now();
  AsynchronousMethod method = s.make_asynchronous(s.algorithms[i]);
  ThreadTeam team(s.problem.concurrent ? extras.threads : [] { return 1; });
  Run run;
  run.measure = [&](Round) { return measure(s.problem, s.record, method.server->model(), team); };
  run.may_end = [](Round) { return true; };
  Recorder recorder = recorder_of(s, i, run, csv, extras);
  return recorded(recorder, progress, extras, start, [&](const AfterRound& after) {
    AsynchronousRun updates(method, cluster.wire, after, &team);
    simulate_asynchronous(updates, cluster, extras.timeline);
  });
}

}  // namespace

JobResult record_run(const Scenario& s, std::size_t i, const CarriedRun& carried, std::FILE* csv,
                     const ReportProgress& progress, const JobExtras& extras) {
  const auto start = Clock::now();
  Run run;
  run.local_steps = carried.local_steps;
  if (extras.record) extras.record->local_steps = run.local_steps;
  run.measure = [&](Round k) { return on_record(extras, k, carried.measure(k)); };
  run.may_end = carried.may_end;
  Recorder recorder = recorder_of(s, i, run, csv, extras);
  return recorded(recorder, progress, extras, start, carried.carry_out);
}

JobResult run_job(const Scenario& s, std::size_t i, std::FILE* csv, const ReportProgress& progress,
                  const JobExtras& extras) {
  const AlgorithmEntry& algorithm = s.algorithms[i];
  const ClusterPlan cluster = cluster_of(algorithm, s.file, s.cluster);
  if (algorithm.graph && is_asynchronous(algorithm)) return learn_by_exchanges(cluster, s, i, csv, progress, extras);
  if (is_asynchronous(algorithm)) return learn_asynchronously(cluster, s, i, csv, progress, extras);
  if (algorithm.graph) return learn_on_graph(cluster, s, i, csv, progress, extras);
  return learn_on(cluster, s, i, csv, progress, extras);
}

Trace learn(const Scenario& s, std::size_t i, const std::function<int()>& threads) {
  ClusterPlan no_network;
  no_network.wire = s.cluster.wire;
  no_network.collective = cluster_of(s.algorithms[i], s.file, s.cluster).collective;
  Trace out;
  const JobExtras extras{.record = &out, .threads = threads};
  if (s.algorithms[i].graph)
    learn_on_graph(no_network, s, i, nullptr, {}, extras);
  else
    learn_on(no_network, s, i, nullptr, {}, extras);
  return out;
}

JobResult replay_job(const Scenario& s, std::size_t i, const Trace& trace, const ClusterPlan& cluster, std::FILE* csv,
                     const ReportProgress& progress, const JobExtras& extras) {
  const auto start = Clock::now();
  Run run;
  const AlgorithmEntry& algorithm = s.algorithms[i];
  run.local_steps = trace.local_steps;
  run.measure = [&](Round k) { return trace.measures(k); };
  run.may_end = [&](Round k) { return trace.has_row(k); };
  if (algorithm.graph) {
    Recorder recorder = recorder_of(s, i, run, csv, extras);
    const GossipRounds rounds{.graph = algorithm.graph.get(), .plan = rounds_of(trace), .known = trace.rounds()};
    return recorded(recorder, progress, extras, start,
                    [&](const AfterRound& after) { simulate_gossip(rounds, cluster, after, extras.timeline); });
  }
  run.rounds = {s.source["workers"].get<std::size_t>(), rounds_of(trace)};
  return record(s, i, run, cluster_of(algorithm, s.file, cluster), csv, progress, extras, start);
}

}  // namespace laconic::run
