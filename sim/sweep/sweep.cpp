#include "sim/sweep/sweep.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <vector>

#include "algorithms/base/child_process.hpp"
#include "algorithms/base/error.hpp"
#include "algorithms/base/human_units.hpp"
#include "algorithms/base/json_text.hpp"
#include "algorithms/base/terminal.hpp"
#include "sim/processes/cores.hpp"
#include "sim/processes/interrupts.hpp"
#include "sim/results/result_file.hpp"
#include "sim/results/result_folder.hpp"
#include "sim/results/table_file.hpp"
#include "sim/run/provenance.hpp"
#include "sim/run/summary_json.hpp"
#include "sim/scenario/schema_check.hpp"
#include "sim/scenario/warnings.hpp"
#include "sim/sweep/group_work.hpp"

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

// What the processes said.
class SweepOutcome {
 public:
  explicit SweepOutcome(const SweepPlan& plan) : algorithms_(plan.algorithms()), is_done_(plan.runs()) {}

  std::size_t done = 0;
  std::map<RunName, std::string> failed;

  void note(const SweepReporter::News& news) {
    const std::size_t i = news.run.point * algorithms_ + news.run.algorithm;
    if (news.done && !is_done_[i]) ++done;
    if (news.done)
      is_done_[i] = true;
    else if (!is_done_[i])  // whoever tells of a death does not know what was done before
      failed[news.run] = news.why;
  }

 private:
  std::size_t algorithms_;
  std::vector<bool> is_done_;
};

void show_progress(const SweepOutcome& outcome, std::size_t kept, std::size_t total, double seconds, const char* what) {
  const auto judged = static_cast<double>(outcome.done + outcome.failed.size());
  const double left = judged > 0 ? seconds / judged * (static_cast<double>(total - kept) - judged) : 0;
  fmt::print(stderr, "\r\x1b[K{}/{} {} done{}{}{}", kept + outcome.done, total, what,
             kept > 0 ? fmt::format(" ({} were there)", kept) : "",
             outcome.failed.empty() ? "" : fmt::format(", {} failed", outcome.failed.size()),
             judged > 0 ? fmt::format(", {} left", human_time(left)) : "");
  std::fflush(stderr);
}

// Listens until every process that could say something has ended.
SweepOutcome listen(ChildProcess& workers, const SweepPlan& plan, std::size_t kept, bool show, const char* what) {
  SweepOutcome outcome(plan);
  const auto start = Clock::now();
  auto painted = start;
  std::string buffer;
  std::optional<Clock::time_point> told;
  for (bool open = true; open;) {
    pollfd fd{workers.pipe(), POLLIN, 0};
    poll(&fd, 1, told ? 20 : 200);
    if (interrupts() > 0 && !told) {
      told = Clock::now();
      workers.signal(SIGTERM);
    }
    // It takes its own processes with it; what they have finished is kept.
    if (interrupts() > 1 || (told && Clock::now() - *told > std::chrono::milliseconds(400))) workers.signal(SIGKILL);
    open = workers.read_some(buffer);
    std::size_t at = 0;
    for (std::size_t end; (end = buffer.find('\n', at)) != std::string::npos; at = end + 1)
      outcome.note(SweepReporter::read(buffer.substr(at, end - at)));
    buffer.erase(0, at);
    if (!show || Clock::now() - painted < std::chrono::milliseconds(150)) continue;
    painted = Clock::now();
    show_progress(outcome, kept, plan.runs(), std::chrono::duration<double>(painted - start).count(), what);
  }
  if (show) {
    fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
  }
  return outcome;
}

// Another process works, this one listens.
SweepOutcome work_and_listen(const SweepPlan& plan, std::size_t kept, const RunOptions& options, const char* what) {
  const std::size_t processes = Cores(options.jobs, options.threads).processes();
  ChildProcess workers([&](int pipe) {
    try {
      do_sweep(plan, SweepReporter(pipe), processes);
      return 0;
    } catch (const std::exception& e) {
      fmt::print(stderr, "{}: {}\n", plan.file(), e.what());
      return 3;
    }
  });
  const bool show =
      options.progress == Progress::always || (options.progress == Progress::automatic && can_repaint(STDERR_FILENO));
  SweepOutcome outcome = listen(workers, plan, kept, show, what);
  workers.wait();
  return outcome;
}

// Writes the finished runs' rows and lines of the summary as one table each, in the order of their points.
// Returns what sweep.json's "files" says of them; nothing after an interrupt.
std::optional<ordered_json> assemble(const SweepPlan& plan, const RecordRules& record, const fs::path& folder) {
  TableFile trajectory(folder, "trajectory", record.format), summary(folder, "summary", TableFormat::csv);
  const std::string columns = plan.columns();
  trajectory.write(columns + '\n');
  summary.write(fmt::format("{},{}\n", columns, summary_header(record.watch)));
  std::string line;
  TablePiece rows;
  for (std::size_t point = 0; point < plan.sweep().size(); ++point) {
    if (interrupts() > 0) return {};
    for (std::size_t i = 0; i < plan.algorithms(); ++i) {
      if (!plan.read_run({point, i}, line, rows)) continue;  // it failed
      summary.write(line);
      trajectory.append(rows);
    }
  }
  trajectory.commit();
  summary.commit();
  ordered_json files = trajectory.told();
  files.update(summary.told());
  return files;
}

ordered_json told_of(const SweepPlan& plan, const json& source, const char* status) {
  return {{"formats", formats()},          {"status", status},
          {"file", plan.file()},           {"scenario", source},
          {"version", version_line()},     {"pointers", plan.sweep().pointers()},
          {"points", plan.sweep().size()}, {"runs", plan.runs()}};
}

// What there is to know of a sweep that is not done, for a figure of it; it goes with the points.
void write_running(const SweepPlan& plan, const json& source, const RecordRules& record, const std::string& stand_in,
                   const fs::path& points) {
  ordered_json told = told_of(plan, source, "running");
  if (!stand_in.empty()) told["stand_in"] = stand_in;
  told["process"] = getpid();
  told["columns"] = plan.columns();
  told["packed"] = record.format == TableFormat::csv_gz;
  ResultFile out(points / "running.json");
  out.write(json_text(told, 2) + "\n");
  out.commit();
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

void report_failures(const SweepPlan& plan, const SweepOutcome& outcome) {
  constexpr std::size_t most = 50;
  std::size_t told = 0;
  for (const auto& [run, why] : outcome.failed) {
    // What keeps a whole point from running is said once.
    const auto first = outcome.failed.find({run.point, 0});
    if (run.algorithm > 0 && first != outcome.failed.end() && first->second == why) continue;
    if (++told <= most) fmt::print(stderr, "{}: at {}: failed: {}\n", plan.file(), plan.sweep().place(run.point), why);
  }
  if (told > most) fmt::print(stderr, "{}: and {} failures more\n", plan.file(), told - most);
}

}  // namespace

int run_sweep(const fs::path& file, const ScenarioOptions& scenario, const RunOptions& options) {
  const json source = read_source(file, scenario);
  check_schema(source, file.string());
  check_claim_points(source, file.string());
  return run_sweep(source, file, options);
}

Worked work_through(const SweepPlan& plan, std::size_t kept, const RunOptions& options, const char* what) {
  const SweepOutcome outcome = work_and_listen(plan, kept, options, what);
  report_failures(plan, outcome);
  return {kept + outcome.done, outcome.failed.size()};
}

int run_sweep(const json& source, const fs::path& file, const RunOptions& options, const ChosenPoints* chosen) {
  const auto start = Clock::now();
  SweepPlan plan(chosen ? chosen->swept : source, file, chosen ? chosen->changes : std::vector<json>{});
  Scenario any = any_point(plan);
  warn(any);
  const RecordRules record = any.record;
  const std::string stand_in = any.data.stand_in;
  const CountedInterrupts counted;
  std::optional<HeldFolder> own;
  if (!options.folder) own.emplace(ResultFolder::hold(options.out, any.name, ResultFolder::Kind::sweep, options.force));
  const ResultFolder& folder = (options.folder ? *options.folder : *own).folder();
  folder.make_points(options.force);
  if (!chosen) folder.remove_tuning();
  any = {};        // processes start faster without its data,
  malloc_trim(0);  // nor with memory that is free
  const std::size_t kept = plan.keep_in(folder.points());
  write_running(plan, source, record, stand_in, folder.points());
  if (plan.others() > 0)
    fmt::print(stderr, "{}: {} finished runs in {} are of other data, another scenario or another version: not used\n",
               plan.file(), plan.others(), folder.points().string());
  const SweepOutcome outcome = work_and_listen(plan, kept, options, "runs");

  const std::size_t done = kept + outcome.done;
  report_failures(plan, outcome);
  const auto go_on = [&] {
    fmt::print(options.quiet ? stderr : stdout, "{} of {} runs are done; the same command goes on from there\n", done,
               plan.runs());
    return 3;
  };
  if (done + outcome.failed.size() < plan.runs()) return go_on();
  plan.look();
  std::optional<ordered_json> files;
  try {
    files = assemble(plan, record, folder.path());
  } catch (const RunError& e) {  // a full disk
    throw RunError(fmt::format("{}: {} of {} runs are done and kept in {}; the same command goes on from there",
                               e.what(), done, plan.runs(), folder.points().string()));
  }
  if (!files) return go_on();
  ordered_json told = told_of(plan, source, outcome.failed.empty() ? "complete" : "failed");
  told["failed"] = outcome.failed.size();
  told["learned"] = plan.groups().size();
  told["wall_time_s"] = std::chrono::duration<double>(Clock::now() - start).count();
  told["files"] = *files;
  if (!stand_in.empty()) told["stand_in"] = stand_in;
  if (chosen) told["tuning"] = chosen->told;
  ResultFile provenance(folder.path() / "sweep.json");
  provenance.write(json_text(told, 2) + "\n");
  provenance.commit();
  if (outcome.failed.empty()) plan.remove_finished();
  if (options.as_json) fmt::print("{}\n", summary_json(folder.path()));
  if (options.quiet) return outcome.failed.empty() ? 0 : 3;
  if (!stand_in.empty()) fmt::print("stand-in: {}\n", stand_in);
  if (chosen) fmt::print("{}", chosen->words);
  fmt::print("{} points, {} runs done{}{}\nresults in {}\n", plan.sweep().size(), done,
             kept > 0 ? fmt::format(", {} of them before", kept) : "",
             outcome.failed.empty()
                 ? ""
                 : fmt::format(", {} failed: the same command tries them again", outcome.failed.size()),
             folder.path().string());
  return outcome.failed.empty() ? 0 : 3;
}

}  // namespace laconic::sweep
