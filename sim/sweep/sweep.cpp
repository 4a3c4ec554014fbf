#include "sim/sweep/sweep.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "algorithms/base/error.hpp"
#include "sim/processes/interrupts.hpp"
#include "sim/results/result_folder.hpp"
#include "sim/run/summary_json.hpp"
#include "sim/sweep/workers.hpp"

namespace laconic::sweep {

using namespace results;
using namespace scenario;
using namespace processes;
using namespace run;

namespace fs = std::filesystem;

namespace {

int run_open(OpenSweep sweep, const RunOptions& options, std::chrono::steady_clock::time_point start) {
  SweepPlan& plan = sweep.plan;
  const CountedInterrupts counted;
  std::optional<HeldFolder> own;
  if (!options.folder)
    own.emplace(ResultFolder::hold(options.out, sweep.name, ResultFolder::Kind::sweep, options.force));
  const ResultFolder& folder = (options.folder ? *options.folder : *own).folder();
  folder.make_points(options.force);
  if (sweep.tuning.is_null()) folder.remove_tuning();
  plan.keep_in(folder.points());
  const std::size_t kept = plan.kept();
  write_running(sweep, folder.points(), false);
  if (plan.others() > 0)
    fmt::print(stderr, "{}: {} finished runs in {} are of other data, another scenario or another version: not used\n",
               plan.file(), plan.others(), folder.points().string());
  const SweepOutcome outcome = work_and_listen(plan, plan.runs(), options, "runs");

  const std::size_t done = kept + outcome.done, failed = outcome.failed.size();
  report_failures(plan, outcome.failed);
  const auto go_on = [&] {
    fmt::print(options.quiet ? stderr : stdout, "{} of {} runs are done; the same command goes on from there\n", done,
               plan.runs());
    return 3;
  };
  if (done + failed < plan.runs()) return go_on();
  plan.look();
  Tables tables = Tables::gone;
  try {
    if (plan.kept() + failed >= plan.runs()) tables = make_tables(sweep, folder.path(), failed, start);
  } catch (const RunError& e) {  // a full disk
    throw RunError(fmt::format("{}: {} of {} runs are done and kept in {}; the same command goes on from there",
                               e.what(), done, plan.runs(), folder.points().string()));
  }
  if (tables == Tables::interrupted) return go_on();
  if (tables == Tables::gone && !holds_tables(sweep, folder.path()))
    throw RunError(fmt::format("{}: somebody has removed finished runs", folder.points().string()));
  if (failed == 0) plan.remove_finished();
  if (options.as_json) fmt::print("{}\n", summary_json(folder.path()));
  if (!options.quiet) say_made(sweep, folder.path(), done, kept, failed);
  return exit_code(folder.path(), failed);
}

}  // namespace

int run_sweep(const fs::path& file, const ScenarioOptions& scenario, const RunOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  return run_open(open_sweep(file, scenario), options, start);
}

int run_sweep(const nlohmann::json& source, const fs::path& file, const RunOptions& options,
              const ChosenPoints* chosen) {
  const auto start = std::chrono::steady_clock::now();
  return run_open(open_sweep(source, file, chosen), options, start);
}

Worked work_through(SweepPlan& plan, const RunOptions& options, const char* what) {
  const SweepOutcome outcome = work_and_listen(plan, plan.runs(), options, what);
  report_failures(plan, outcome.failed);
  return {plan.kept() + outcome.done, outcome.failed.size()};
}

}  // namespace laconic::sweep
