#include "sim/run/run.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <new>

#include "algorithms/base/child_process.hpp"
#include "algorithms/base/error.hpp"
#include "algorithms/base/memory.hpp"
#include "algorithms/base/text.hpp"
#include "sim/network/timeline/timeline_file.hpp"
#include "sim/processes/cores.hpp"
#include "sim/processes/interrupts.hpp"
#include "sim/results/result_file.hpp"
#include "sim/results/result_folder.hpp"
#include "sim/results/trace_file.hpp"
#include "sim/run/messages.hpp"
#include "sim/run/progress_line.hpp"
#include "sim/run/provenance.hpp"
#include "sim/run/summary_table.hpp"
#include "sim/scenario/check_memory.hpp"
#include "sim/scenario/what_is_learned.hpp"

namespace laconic::run {

using namespace network;
using namespace results;
using namespace scenario;
using namespace processes;

namespace {

namespace fs = std::filesystem;

fs::path output_folder(const Scenario& s, const RunOptions& options) {
  const auto folder = ResultFolder::choose(options.out, s.name, ResultFolder::Kind::run, options.force);
  if (!options.force) folder.refuse_result();
  folder.make();
  folder.check_writable();
  return folder.path();
}

// One algorithm's process, seen from the one that started it.
struct Child {
  ChildProcess process;
  std::string said;           // not yet a whole frame
  std::FILE* rows = nullptr;  // written by the child, read back by the parent
  fs::path rows_path;
  std::FILE *trace = nullptr, *timeline = nullptr;  // written by the child, read back by the parent
  std::optional<JobResult> result;
  std::string error;
  JobState state;
};

// What the child does. Returns its exit code.
int run_child(const Scenario& s, const RunWork& work, std::size_t i, const Child& child, int pipe,
              const RunOptions& options) {
  int status = 0;
  std::FILE* rows = child.rows;
  try {
    const auto report = [&](Round rounds, const Row& last) { send_progress(pipe, {rounds, last}); };
    std::optional<Timeline> timeline;
    if (child.timeline)
      timeline.emplace(child.timeline, s.algorithms[i].label, static_cast<int>(i), options.timeline_first,
                       options.timeline_last);
    std::string section;
    const JobResult result = work.run(i, rows, report, timeline ? &*timeline : nullptr, section);
    for (std::FILE* file : {child.trace, child.timeline}) {
      if (!file) continue;
      if (file == child.trace) std::fwrite(section.data(), 1, section.size(), file);
      if (std::fflush(file) != 0 || std::ferror(file))
        throw RunError(
            fmt::format("cannot write the {}: {}", file == child.trace ? "trace" : "timeline", std::strerror(errno)));
    }
    send_result(pipe, result);
  } catch (const std::bad_alloc&) {
    send_error(pipe, out_of_memory());
    status = 3;
  } catch (const std::exception& e) {
    send_error(pipe, e.what());
    status = 3;
  }
  std::fflush(rows);
  return status;
}

// A file in the folder, which vanishes when nobody has it open.
std::FILE* scratch(const fs::path& folder, const std::string& name) {
  const fs::path path = folder / name;
  std::FILE* file = std::fopen(path.c_str(), "w+b");
  if (!file) throw RunError(fmt::format("{}: cannot write: {}", path.string(), std::strerror(errno)));
  fs::remove(path);
  return file;
}

void start(Child& child, const Scenario& s, const RunWork& work, std::size_t i, const fs::path& folder,
           const RunOptions& options) {
  child.trace = scratch(folder, fmt::format(".trace-{}.partial", i));
  if (!options.timeline.empty()) child.timeline = scratch(folder, fmt::format(".timeline-{}.partial", i));
  child.rows_path = folder / fmt::format(".rows-{}.csv.partial", i);
  child.rows = std::fopen(child.rows_path.c_str(), "w+b");
  if (!child.rows) throw RunError(fmt::format("{}: cannot write: {}", child.rows_path.string(), std::strerror(errno)));
  child.process = ChildProcess([&](int pipe) { return run_child(s, work, i, child, pipe, options); });
}

// Takes what the child says; true once it has ended.
bool listen(Child& child) {
  const bool ended = !child.process.read_some(child.said);
  while (auto frame = take_frame(child.said)) {
    switch (frame->kind) {
      case Frame::Kind::progress:
        child.state = progress_of(*frame);
        break;
      case Frame::Kind::result:
        child.result = result_of(*frame);
        break;
      case Frame::Kind::error:
        child.error = frame->payload;
        break;
    }
  }
  if (!ended) return false;
  const ProcessEnding ending = child.process.wait();
  if (!child.result && child.error.empty())
    child.error = fmt::format("{}, {} or more rounds into the run", ending.sentence(), child.state.rounds);
  return true;
}

void append(std::FILE* from, const std::function<void(std::string_view)>& write) {
  char buffer[1 << 16];
  std::rewind(from);
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, from)) > 0;) write({buffer, n});
}

void write_timeline(const fs::path& path, const std::vector<Child>& children) {
  TimelineFile out(path);
  for (const auto& child : children)
    if (child.timeline) append(child.timeline, [&](std::string_view text) { out.write(text); });
  out.commit();
}

std::string summary_csv(const Scenario& s, const std::vector<Child>& children) {
  std::string out = fmt::format("scenario,algorithm,seed,{},{}\n", row_header(), summary_header(s.record.watch));
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (!children[i].result) continue;
    const JobResult& r = *children[i].result;
    out += fmt::format("{},{},{},{},{}\n", csv_field(s.name), csv_field(s.algorithms[i].label), s.seed,
                       row_text(r.last), summary_text(r.stop, r.reached));
  }
  return out;
}

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

}  // namespace

int run_scenario(const Scenario& s, const RunOptions& options) {
  const std::string learned = learned_digest(s.source);
  Cores cores(options.jobs, options.threads);
  const auto side_by_side = static_cast<double>(std::min(cores.processes(), s.algorithms.size()));
  if (const auto shortage = memory_shortage(side_by_side * algorithm_bytes(s.problem.d, s.problem.M()));
      !shortage.empty())
    throw InputError(
        fmt::format("{}: /algorithms: a model of d = {} numbers at M = {} workers, {} algorithms at a time{}: "
                    "--jobs 1 needs least",
                    s.file, s.problem.d, s.problem.M(), side_by_side, shortage));
  RunWork work;
  work.run = [&](std::size_t i, std::FILE* rows, const ReportProgress& report, Timeline* timeline,
                 std::string& section) {
    RecordedRun record{s.algorithms[i].label, learned, static_cast<std::size_t>(s.problem.M()), {}};
    const bool replayable = !deadline_decides(s.source) && !is_asynchronous(s.algorithms[i]);
    const JobResult result = run_job(
        s, i, rows, report, {.record = replayable ? &record.trace : nullptr, .timeline = timeline, .threads = [&] {
                               return cores.threads();
                             }});
    if (replayable) section = trace_section(record);
    return result;
  };
  work.provenance = [&](const auto& results, const char* status, auto started, double wall_s) {
    return run_json(s, results, status, started, wall_s);
  };
  return run_all(s, options, work, &cores);
}

int run_all(const Scenario& s, const RunOptions& options, const RunWork& work, Cores* given) {
  if (!options.timeline.empty()) check_timeline(s, options);
  const fs::path folder = output_folder(s, options);
  ResultFile trajectory(folder / "trajectory.csv"), summary(folder / "summary.csv"), provenance(folder / "run.json"),
      trace(folder / "run.trace");
  const auto started = std::chrono::system_clock::now();
  const auto clock_start = std::chrono::steady_clock::now();
  catch_interrupts();

  const bool show =
      options.progress == Progress::always || (options.progress == Progress::automatic && isatty(STDERR_FILENO));
  Cores own(options.jobs, options.threads), &cores = given ? *given : own;
  std::vector<Child> children(s.algorithms.size());
  ProgressLine line(s, show);
  std::size_t started_count = 0, running = 0;
  int forwarded = 0;
  while (running > 0 || (started_count < children.size() && interrupts() == 0)) {
    while (running < cores.processes() && started_count < children.size() && interrupts() == 0) {
      cores.busy(std::min(cores.processes(), running + children.size() - started_count));
      start(children[started_count], s, work, started_count, folder, options);
      ++started_count;
      ++running;
    }
    std::vector<pollfd> pipes;
    for (const auto& child : children)
      if (child.process.runs()) pipes.push_back({child.process.pipe(), POLLIN, 0});
    poll(pipes.data(), pipes.size(), show ? 200 : 1000);  // also returns on a signal
    for (; forwarded < interrupts(); ++forwarded)
      for (const auto& child : children)
        child.process.signal(forwarded == 0 ? SIGTERM : SIGKILL);  // who insists gets it
    for (auto& child : children)
      if (child.process.runs() && listen(child)) --running;
    cores.busy(std::min(cores.processes(), running + children.size() - started_count));
    std::vector<JobState> states;
    for (const auto& child : children)
      states.push_back({child.state.rounds, child.state.last, child.process.runs(), child.result.has_value()});
    line.show(states);
  }
  line.clear();

  trajectory.write(fmt::format("scenario,algorithm,seed,{}\n", row_header()));
  std::vector<std::optional<JobResult>> results;
  bool failed = false, interrupted = started_count < children.size();
  for (std::size_t i = 0; i < children.size(); ++i) {
    Child& child = children[i];
    results.push_back(child.result);
    if (child.result && child.result->stop == Stop::interrupted) interrupted = true;
    if (!child.error.empty()) {
      fmt::print(stderr, "{}: {} ({}): failed: {}\n", s.file, s.algorithms[i].pointer, printable(s.algorithms[i].label),
                 printable(child.error));
      failed = true;
    }
    if (!child.rows) continue;
    append(child.rows, [&](std::string_view text) { trajectory.write(text); });
    std::fclose(child.rows);
    fs::remove(child.rows_path);
  }
  summary.write(summary_csv(s, children));
  provenance.write(
      work.provenance(results,
                      interrupted ? "interrupted"
                      : failed    ? "failed"
                                  : "complete",
                      started, std::chrono::duration<double>(std::chrono::steady_clock::now() - clock_start).count()));
  for (const auto& child : children)
    if (child.trace) append(child.trace, [&](std::string_view text) { trace.write(text); });
  if (!options.timeline.empty()) write_timeline(options.timeline, children);
  trajectory.commit();
  summary.commit();
  trace.commit();
  provenance.commit();

  if (options.quiet) return failed || interrupted ? 3 : 0;
  fmt::print("{}\nresults in {}{}\n", result_table(s, results), folder.string(),
             interrupted ? " (interrupted: rows up to there)" : "");
  if (!options.timeline.empty())
    fmt::print("timeline of rounds {} to {} in {}\n", options.timeline_first, options.timeline_last,
               options.timeline.string());
  if (s.source.contains("sweep"))
    fmt::print("its \"sweep\" was left alone: laconic sweep {} runs every point\n", s.file);
  const bool diverged = std::all_of(results.begin(), results.end(),
                                    [](const auto& result) { return result && result->stop == Stop::diverged; });
  if (diverged) fmt::print("all algorithms diverged: exit code 3\n");
  return failed || interrupted || diverged ? 3 : 0;
}

}  // namespace laconic::run
