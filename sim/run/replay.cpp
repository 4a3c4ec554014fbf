#include "sim/run/replay.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/base/error.hpp"
#include "algorithms/base/params.hpp"
#include "sim/results/trace_file.hpp"
#include "sim/run/provenance.hpp"
#include "sim/run/told.hpp"
#include "sim/scenario/json_input.hpp"
#include "sim/scenario/other_platform.hpp"
#include "sim/scenario/what_is_learned.hpp"

namespace laconic::run {

using namespace network;
using namespace results;
using namespace scenario;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json told_by(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored))
    throw InputError(fmt::format("{}: expected the result folder of a run: there is no such folder", folder.string()));
  for (const char* name : {"run.json", "run.trace"})
    if (!fs::exists(folder / name, ignored))
      throw InputError(fmt::format("{}: expected the result folder of a run: it has no {}{}", folder.string(), name,
                                   fs::exists(folder / "sweep.json", ignored)
                                       ? "; a sweep's is none: give its scenario another \"sweep\""
                                       : ""));
  return read_told(folder / "run.json");
}

// Warns where a record cannot tell what an overlap asks for.
void warn_of_overlap(const Scenario& s, const AlgorithmEntry& algorithm, const Trace& trace) {
  if (algorithm.graph || trace.rounds() == 0 || !cluster_of(algorithm, s.file, s.cluster).overlaps()) return;
  rounds::RoundPlan plan;
  trace.read_round(0, plan);
  if (plan.parts.empty())
    fmt::print(stderr, "{}: warning: {}: its record knows uploads in one piece alone, and nothing overlaps\n", s.file,
               algorithm.pointer);
}

// The scenario on the other network.
json replayed_source(const json& source, const ReplayOptions& replay) {
  json out = source;
  out.erase("sweep");
  if (!replay.platform.empty()) put_platform(out, replay.platform);
  if (!replay.network.empty()) put_network(out, parse_json(replay.network, "--network"), "--network");
  for (const auto& assignment : replay.set) apply_set(out, assignment);
  return out;
}

// Throws if learning would have been another.
void check_learning(const json& before, const json& after, const std::string& file) {
  if (const auto pointer = learned_difference(before, after))
    throw InputError(fmt::format(
        "{}: {}: what is learned depends on it: a replay can change \"platform\", \"conditions\", \"network\" (but for "
        "\"wire\"), \"record\" and \"stop\" (but for \"rounds\") alone; run the scenario instead",
        file, *pointer));
}

}  // namespace

int replay_run(const fs::path& folder, const ReplayOptions& replay, const RunOptions& options) {
  const json told = told_by(folder);
  const json& before = told["scenario"];
  const std::string file = (folder / "run.json").string();
  if (const auto pointer = first_deadline(before))
    throw InputError(
        fmt::format("{}: {}: where a deadline decides what is learned, no record of a run holds "
                    "on another network: run the scenario there",
                    file, *pointer));
  if (const auto pointer = first_asynchronous(before))
    throw InputError(
        fmt::format("{}: {}/method: is asynchronous: time decides what it learns, and no record of it holds "
                    "on another network: run the scenario there",
                    file, *pointer));
  const std::vector<RecordedRun> records = read_trace(folder / "run.trace");
  const std::string learned = learned_digest(before);
  if (std::any_of(records.begin(), records.end(), [&](const RecordedRun& record) {
        return record.learned != learned || before["workers"] != record.workers;
      }))
    throw InputError(
        fmt::format("{}: /scenario: is not of the run that {} records", file, (folder / "run.trace").string()));

  const json source = replayed_source(before, replay);
  check_learning(before, source, file);
  const Scenario s = make_outline(source, file, fs::path(told["file"].get<std::string>()).parent_path(),
                                  records.front().trace.measured(Metric::loss_gap));
  check_shared_blocks(s.source, file);
  if (const auto pointer = first_deadline(s.source))
    throw InputError(
        fmt::format("{}: {}: a deadline would decide what is learned: run the scenario instead", file, *pointer));
  if (s.cluster.solver == Solver::actors)
    throw InputError(
        fmt::format("{}: /network/solver: \"actors\" do the mathematics, which a record has none of: choose "
                    "\"auto\" or \"simgrid\" (--network '{{\"solver\": \"auto\"}}')",
                    file));
  std::vector<const RecordedRun*> record_of;
  for (const auto& algorithm : s.algorithms) {
    const auto found = std::find_if(records.begin(), records.end(),
                                    [&](const RecordedRun& record) { return record.label == algorithm.label; });
    if (found == records.end())
      throw InputError(fmt::format("{}: has no record of {}, which failed", (folder / "run.trace").string(),
                                   shown(json(algorithm.label))));
    record_of.push_back(&*found);
    warn_of_overlap(s, algorithm, found->trace);
    for (int metric = 0; metric < metric_count; ++metric)
      if (s.record.needs(static_cast<Metric>(metric)) && !found->trace.measured(static_cast<Metric>(metric)))
        throw InputError(fmt::format("{}: {} was not measured when the run was recorded: run the scenario instead",
                                     file, metric_names[metric]));
  }

  RunWork work;
  work.run = [&](std::size_t i, std::FILE* rows, const ReportProgress& progress, Timeline* timeline,
                 std::string& section, Unfinished& unfinished) {
    section = trace_section(*record_of[i]);
    {
      const std::lock_guard alone(unfinished.mutex);
      unfinished.section = [&section] { return section; };
    }
    return replay_job(s, i, record_of[i]->trace, s.cluster, rows, progress,
                      {.timeline = timeline, .unfinished = &unfinished});
  };
  work.provenance = [&](const auto& results, const char* status, auto started, double wall_s) {
    return replay_json(told, s, folder, results, status, started, wall_s);
  };
  return run_all(s, options, work);
}

}  // namespace laconic::run
