#include "sim/run/run.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "algorithms/base/child_process.hpp"
#include "algorithms/base/error.hpp"
#include "algorithms/base/json_text.hpp"
#include "algorithms/base/memory.hpp"
#include "algorithms/base/terminal.hpp"
#include "algorithms/base/text.hpp"
#include "sim/processes/cores.hpp"
#include "sim/processes/interrupts.hpp"
#include "sim/results/result_folder.hpp"
#include "sim/results/table_file.hpp"
#include "sim/results/trace_file.hpp"
#include "sim/run/child.hpp"
#include "sim/run/finish_run.hpp"
#include "sim/run/gathered.hpp"
#include "sim/run/progress_line.hpp"
#include "sim/run/provenance.hpp"
#include "sim/run/summary_json.hpp"
#include "sim/run/summary_table.hpp"
#include "sim/scenario/check_memory.hpp"
#include "sim/scenario/named_files.hpp"
#include "sim/scenario/what_is_learned.hpp"

namespace laconic::run {

using namespace network;
using namespace results;
using namespace scenario;
using namespace processes;

namespace {

namespace fs = std::filesystem;

// What there is to know of a run while it lasts, for a figure of it. Where the run is killed it stays, with the rows.
class RunningFile {
 public:
  RunningFile(const fs::path& folder, nlohmann::ordered_json told) : path_(folder / "running.json") {
    told["process"] = getpid();
    told["columns"] = trajectory_header();
    ResultFile out(path_);
    out.write(json_text(told, 2) + "\n");
    out.commit();
  }
  ~RunningFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  RunningFile(const RunningFile&) = delete;
  RunningFile& operator=(const RunningFile&) = delete;

 private:
  fs::path path_;
};

}  // namespace

void check_timeline(const Scenario& s, const RunOptions& options) {
  if (!s.cluster.platform)
    throw InputError("--timeline: a scenario without a network has no time: its platform is \"none\"");
  std::error_code ignored;
  if (!options.force && fs::exists(options.timeline, ignored))
    throw InputError(fmt::format("--timeline: {} is there already; --force replaces it", options.timeline.string()));
  try {
    const TimelineFile try_it(options.timeline);
  } catch (const RunError& e) {
    throw InputError(fmt::format("--timeline: {}", e.what()));
  }
}

int run_scenario(const Scenario& s, const RunOptions& options) {
  const std::string learned = learned_digest(s.source);
  NamedFiles files(fs::path(s.file).parent_path());  // SimGrid reads a platform's in each process
  files.in(s.source["platform"]);
  const NamedFiles::Numbers platform = files.taken();
  Cores cores(options.jobs, options.threads);
  const auto side_by_side = static_cast<double>(std::min(cores.processes(), s.algorithms.size()));
  if (const auto shortage = memory_shortage(side_by_side * algorithm_bytes(s.problem)); !shortage.empty())
    throw InputError(
        fmt::format("{}: /algorithms: a model of d = {} numbers at M = {} workers, {} algorithms at a time{}: "
                    "--jobs 1 needs least",
                    s.file, s.problem.d, s.problem.M(), side_by_side, shortage));
  RunWork work;
  work.run = [&](std::size_t i, std::FILE* rows, const ReportProgress& report, Timeline* timeline, std::string& section,
                 Unfinished& unfinished) {
    RecordedRun record{s.algorithms[i].label, learned, static_cast<std::size_t>(s.problem.M()), {}};
    const bool replayable =
        !is_asynchronous(s.algorithms[i]) && !cluster_of(s.algorithms[i], s.file, s.cluster).feeds_back();
    JobExtras extras{.timeline = timeline, .unfinished = &unfinished, .threads = [&] { return cores.threads(); }};
    if (replayable) {
      extras.record = &record.trace;
      const std::lock_guard alone(unfinished.mutex);
      unfinished.section = [&record] { return trace_section(record); };
    }
    const JobResult result = run_job(s, i, rows, report, extras);
    files.check_same(platform);
    if (!replayable) return result;
    section = trace_section(record);
    const std::lock_guard alone(unfinished.mutex);
    unfinished.section = [&section] { return section; };
    return result;
  };
  work.provenance = [&](const auto& results, const char* status, auto started, double wall_s) {
    return run_json(s, results, status, started, wall_s);
  };
  return run_all(s, options, work, &cores);
}

namespace {

// Tells the processes that an end is wanted: those that do not heed it, or are told again, are killed.
class Ender {
 public:
  void tell(std::vector<Child>& children, int times) {
    using namespace std::chrono_literals;
    if (times == 0) return;
    const auto now = std::chrono::steady_clock::now();
    if (told_ == 0) since_ = now;
    const bool kill = times > 1 || now - since_ > 600ms;
    if (told_ == times && !kill) return;
    told_ = times;
    for (const auto& child : children) child.process.signal(kill ? SIGKILL : SIGTERM);
  }
  bool told() const { return told_ > 0; }

 private:
  int told_ = 0;
  std::chrono::steady_clock::time_point since_;
};

// Runs all algorithms, so many at a time, until an interrupt or a full disk.
class Runs {
 public:
  Runs(const Scenario& s, const RunOptions& options, const RunWork& work, const fs::path& folder, Cores& cores)
      : children(s.algorithms.size()),
        gathered(s, folder, options),
        s_(s),
        options_(options),
        work_(work),
        folder_(folder),
        cores_(cores),
        most_(cores.processes()) {}

  void run() {
    const bool show = options_.progress == Progress::always ||
                      (options_.progress == Progress::automatic && can_repaint(STDERR_FILENO));
    ProgressLine line(s_, show);
    Ender ender;
    while (running_ > 0 || more()) {
      start_more();
      wait(ender.told() ? 20 : show ? 200 : 1000);
      ender.tell(children, interrupts() + (gathered.lacks() ? 1 : 0));
      for (auto& child : children)
        if (child.process.runs() && listen(child, ender.told())) --running_;
      for (; added_ < begun_ && children[added_].ended; ++added_) gathered.add(children[added_]);
      std::vector<JobState> states;
      for (const auto& child : children)
        states.push_back({child.state.rounds, child.state.last, child.process.runs(), child.result.has_value()});
      line.show(states);
    }
    line.clear();
    for (; added_ < children.size(); ++added_) gathered.add(children[added_]);
  }

  std::vector<Child> children;
  Gathered gathered;

 private:
  bool more() const { return begun_ < children.size() && interrupts() == 0 && !gathered.lacks(); }

  void start_more() {
    const auto busy = [&] { cores_.busy(std::min(most_, running_ + children.size() - begun_)); };
    for (; running_ < most_ && more(); ++begun_) {
      busy();
      try {
        if (running_ > 0 && !open_files_left(Child::files)) throw RunError("too few open files");
        start(children[begun_], s_, work_, begun_, folder_, options_);
        ++running_;
      } catch (const RunError& e) {
        if (running_ > 0) {  // too few processes or open files for as many at a time
          most_ = running_;
          break;
        }
        children[begun_].error = e.what();
        children[begun_].ended = true;
      }
    }
    busy();
  }

  // Until a process says something, or a signal comes, or so long.
  void wait(int milliseconds) const {
    std::vector<pollfd> pipes;
    for (const auto& child : children)
      if (child.process.runs()) pipes.push_back({child.process.pipe(), POLLIN, 0});
    if (!pipes.empty()) poll(pipes.data(), pipes.size(), milliseconds);
  }

  const Scenario& s_;
  const RunOptions& options_;
  const RunWork& work_;
  const fs::path& folder_;
  Cores& cores_;
  std::size_t most_, begun_ = 0, added_ = 0, running_ = 0;
};

// Which algorithms failed, a line each, or for those in a row that did for one reason.
std::vector<std::string> failures(const Scenario& s, const std::vector<Child>& children) {
  std::vector<std::string> out;
  for (std::size_t i = 0, end = 0; i < children.size(); i = end) {
    for (end = i + 1; end < children.size() && children[end].error == children[i].error;) ++end;
    if (children[i].error.empty()) continue;
    out.push_back(fmt::format(
        "{}: {} ({}){}: failed: {}", s.file, s.algorithms[i].pointer, printable(s.algorithms[i].label),
        end - i > 1 ? fmt::format(" and the {} behind it", end - i - 1) : "", printable(children[i].error)));
  }
  return out;
}

}  // namespace

int run_all(const Scenario& s, const RunOptions& options, const RunWork& work, Cores* given) {
  if (!options.timeline.empty()) check_timeline(s, options);
  const CountedInterrupts counted;
  std::optional<HeldFolder> own;
  if (!options.folder) own.emplace(ResultFolder::hold(options.out, s.name, ResultFolder::Kind::run, options.force));
  const fs::path folder = (options.folder ? *options.folder : *own).path();
  if (!s.chosen) (options.folder ? *options.folder : *own).folder().remove_tuning();
  std::error_code ignored;
  fs::remove(folder / "deploy.csv", ignored);  // of a deployed run that stood here
  const auto started = std::chrono::system_clock::now();
  const auto clock_start = std::chrono::steady_clock::now();
  const RunningFile running_file(folder, work.provenance({}, "running", started, 0));
  Cores cores(options.jobs, options.threads);
  Runs runs(s, options, work, folder, given ? *given : cores);
  runs.run();
  return finish_run(s, options, {folder, started, clock_start}, runs.children, runs.gathered, work.provenance);
}

int finish_run(const Scenario& s, const RunOptions& options, const Begun& begun, const std::vector<Child>& children,
               Gathered& gathered, const Provenance& provenance) {
  std::vector<std::string> lines = failures(s, children);
  const bool failed = !lines.empty();
  std::vector<std::optional<JobResult>> results;
  bool interrupted = false;
  for (const Child& child : children) {
    results.push_back(child.result);
    if (!child.result && child.error.empty()) results.back() = JobResult{{}, Stop::interrupted, {}, 0};
    interrupted = interrupted || (results.back() && results.back()->stop == Stop::interrupted);
  }
  const char* const status = interrupted && !gathered.lacks() ? "interrupted"
                             : failed || gathered.lacks()     ? "failed"
                                                              : "complete";
  const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun.clock).count();
  gathered.finish(children, provenance(results, status, begun.started, seconds));
  const bool lacks = gathered.lacks();
  if (lacks) {  // all for one reason, most likely
    lines.push_back((failed ? "" : s.file + ": ") + printable(gathered.told()));
    lines = {fmt::format("{}", fmt::join(lines, "; "))};
  }
  for (const auto& line : lines) fmt::print(stderr, "{}\n", line);

  const bool diverged = std::all_of(results.begin(), results.end(),
                                    [](const auto& result) { return result && result->stop == Stop::diverged; });
  if (options.as_json) fmt::print("{}\n", summary_json(begun.folder));
  const bool ended_badly = failed || interrupted || lacks;
  if (options.quiet) return ended_badly || (options.as_json && diverged) ? 3 : 0;
  const std::size_t columns = terminal_columns(STDOUT_FILENO);
  fmt::print("{}\nresults in {}{}\n", result_table(s, results, columns > 0 ? columns : 80), begun.folder.string(),
             interrupted && !lacks ? " (interrupted: rows up to there)" : "");
  if (!options.timeline.empty() && !lacks)
    fmt::print("timeline of rounds {} to {} in {}\n", options.timeline_first, options.timeline_last,
               options.timeline.string());
  if (s.source.contains("sweep"))
    fmt::print("its \"sweep\" was left alone: laconic sweep {} runs every point\n", s.file);
  if (diverged) fmt::print("all algorithms diverged: exit code 3\n");
  return ended_badly || diverged ? 3 : 0;
}

}  // namespace laconic::run
