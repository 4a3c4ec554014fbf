#include "sim/sweep/open_sweep.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "algorithms/base/error.hpp"
#include "algorithms/base/json_text.hpp"
#include "algorithms/base/text.hpp"
#include "sim/processes/interrupts.hpp"
#include "sim/results/answers.hpp"
#include "sim/results/read_trajectory.hpp"
#include "sim/results/result_file.hpp"
#include "sim/results/table_file.hpp"
#include "sim/run/provenance.hpp"
#include "sim/run/told.hpp"
#include "sim/scenario/read_algorithms.hpp"
#include "sim/scenario/schema_check.hpp"
#include "sim/scenario/warnings.hpp"

namespace laconic::sweep {

using namespace results;
using namespace scenario;
using namespace processes;
using namespace run;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

// Writes the finished runs' rows and lines of the summary as one table each, in the order of their points.
// `told`: what sweep.json's "files" says of them.
Tables assemble(const OpenSweep& sweep, const fs::path& folder, ordered_json& told) {
  const SweepPlan& plan = sweep.plan;
  const RecordRules& record = sweep.record;
  TableFile trajectory(folder, "trajectory", record.format), summary(folder, "summary", TableFormat::csv);
  const std::string columns = plan.columns();
  trajectory.write(columns + '\n');
  summary.write(fmt::format("{},{}\n", columns, summary_header(record.watch)));
  std::string line;
  TablePiece rows;
  for (std::size_t point = 0; point < plan.sweep().size(); ++point) {
    if (interrupts() > 0) return Tables::interrupted;
    for (std::size_t i = 0; i < plan.algorithms(); ++i) {
      if (!plan.finished({point, i})) continue;  // it failed
      if (!plan.read_run({point, i}, line, rows)) return Tables::gone;
      summary.write(line);
      trajectory.append(rows);
    }
  }
  trajectory.commit();
  summary.commit();
  told = trajectory.told();
  told.update(summary.told());
  return Tables::made;
}

// Whether no run of the summary ended otherwise.
bool all_diverged(const fs::path& folder) {
  std::size_t runs = 0, diverged = 0;
  each_row(folder / "summary.csv", [&](const auto& names, const auto& fields) {
    const auto at = std::find(names.begin(), names.end(), "stopped_by");
    ++runs;
    diverged += at != names.end() && fields[static_cast<std::size_t>(at - names.begin())] == "diverged";
  });
  return runs > 0 && diverged == runs;
}

ordered_json told_of(const OpenSweep& sweep, const char* status) {
  const SweepPlan& plan = sweep.plan;
  ordered_json told = {{"formats", formats()},          {"status", status},
                       {"file", plan.file()},           {"scenario", sweep.source},
                       {"version", version_line()},     {"pointers", plan.sweep().pointers()},
                       {"points", plan.sweep().size()}, {"runs", plan.runs()}};
  if (!sweep.stand_in.empty()) told["stand_in"] = sweep.stand_in;
  return told;
}

// What the points share is wrong at any of them, and found before anything runs: at the first or, where that has a
// mistake of its own, at the last.
Scenario any_point(const SweepPlan& plan) {
  const Sweep& sweep = plan.sweep();
  try {
    return make_scenario(sweep.source(0), plan.file(), plan.data_folder());
  } catch (const InputError&) {
    if (sweep.size() == 1) throw;
    try {
      return make_scenario(sweep.source(sweep.size() - 1), plan.file(), plan.data_folder());
    } catch (const InputError&) {
    }
    throw;
  }
}

void take_facts(OpenSweep& out, bool warns) {
  {
    const Scenario any = any_point(out.plan);
    if (warns) warn(any);
    out.name = any.name;
    out.stand_in = any.data.stand_in;
    out.record = any.record;
    out.d = static_cast<double>(any.problem.d);
    for (const auto& worker : any.problem.workers) {
      const Index samples = worker->draws_without_end() ? 1 : worker->samples();
      out.samples += static_cast<double>(samples);
      out.flops += worker->flops({{}, samples, true});
    }
  }
  malloc_trim(0);  // processes start faster without its data, and without memory that is free
}

}  // namespace

OpenSweep open_sweep(const fs::path& file, const ScenarioOptions& options) {
  json source = read_source(file, options);
  check_schema(source, file.string());
  check_claim_points(source, file.string());
  check_shared_blocks(source, file.string());
  return open_sweep(source, file, nullptr);
}

OpenSweep open_sweep(const json& source, const fs::path& file, const ChosenPoints* chosen) {
  OpenSweep out{source,
                SweepPlan(chosen ? chosen->swept : source, file, chosen ? chosen->changes : std::vector<json>{}),
                {},
                {},
                {}};
  if (chosen) {
    out.tuning = chosen->told;
    out.chosen = chosen->words;
    out.seeds = chosen->seeds;
  }
  take_facts(out, true);
  return out;
}

OpenSweep open_trials(const json& source, const fs::path& file, const std::vector<json>& changes) {
  OpenSweep out{source, SweepPlan(source, file, changes), {}, {}, {}};
  take_facts(out, false);
  return out;
}

void report_failures(const SweepPlan& plan, const Failures& failed) {
  constexpr std::size_t most = 50;
  std::size_t told = 0;
  for (const auto& [run, why] : failed) {
    // What keeps a whole point from running is said once.
    const auto first = failed.find({run.point, 0});
    if (run.algorithm > 0 && first != failed.end() && first->second == why) continue;
    if (++told <= most) fmt::print(stderr, "{}: at {}: failed: {}\n", plan.file(), plan.sweep().place(run.point), why);
  }
  if (told > most) fmt::print(stderr, "{}: and {} failures more\n", plan.file(), told - most);
}

void write_running(const OpenSweep& sweep, const fs::path& points, bool shards) {
  ordered_json told = told_of(sweep, "running");
  if (shards)
    told["shards"] = true;
  else
    told["process"] = getpid();
  told["columns"] = sweep.plan.columns();
  told["packed"] = sweep.record.format == TableFormat::csv_gz;
  ResultFile out(points / "running.json");
  out.write(json_text(told, 2) + "\n");
  out.commit();
}

bool holds_tables(const OpenSweep& sweep, const fs::path& folder) {
  try {
    const json told = read_told(folder / "sweep.json");
    if (told.value("status", "") != "complete" || told.value("digest", "") != sweep.plan.digest()) return false;
    for (const auto& [name, facts] : told.at("files").items())
      if (!fs::exists(folder / name) && !fs::exists(folder / (name + ".gz"))) return false;
    return true;
  } catch (const std::exception&) {  // there is none, or it is no such thing
    return false;
  }
}

Tables make_tables(const OpenSweep& sweep, const fs::path& folder, std::size_t failed, Clock::time_point start) {
  ordered_json files;
  if (const Tables tables = assemble(sweep, folder, files); tables != Tables::made) return tables;
  ordered_json told = told_of(sweep, failed == 0 ? "complete" : "failed");
  told["digest"] = sweep.plan.digest();
  told["failed"] = failed;
  told["learned"] = sweep.plan.groups().size();
  told["wall_time_s"] = std::chrono::duration<double>(Clock::now() - start).count();
  told["files"] = files;
  if (!sweep.tuning.is_null()) told["tuning"] = sweep.tuning;
  if (!sweep.seeds.is_null()) told["seeds"] = sweep.seeds;
  ResultFile provenance(folder / "sweep.json");
  provenance.write(json_text(told, 2) + "\n");
  provenance.commit();
  return Tables::made;
}

int exit_code(const fs::path& folder, std::size_t failed) { return failed == 0 && !all_diverged(folder) ? 0 : 3; }

void say_made(const OpenSweep& sweep, const fs::path& folder, std::size_t done, std::size_t before,
              std::size_t failed) {
  if (!sweep.stand_in.empty()) fmt::print("stand-in: {}\n", sweep.stand_in);
  fmt::print("{}", sweep.chosen);
  fmt::print("{} points, {} runs done{}{}\n", sweep.plan.sweep().size(), done,
             before > 0 && sweep.seeds.is_null() ? fmt::format(", {} of them before", before) : "",
             failed == 0 ? "" : fmt::format(", {} failed: the same command tries them again", failed));
  for (const std::string& answer : answers_of(folder)) fmt::print("{}\n", printable(answer));
  fmt::print("results in {}\n", folder.string());
  if (all_diverged(folder)) fmt::print("all algorithms diverged at every point: exit code 3\n");
}

}  // namespace laconic::sweep
