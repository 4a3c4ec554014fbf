#include "sim/sweep.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "algorithms/core/error.hpp"
#include "algorithms/core/params.hpp"
#include "algorithms/data/find_file.hpp"
#include "sim/cores.hpp"
#include "sim/json_input.hpp"
#include "sim/pool.hpp"
#include "sim/provenance.hpp"
#include "sim/schema_check.hpp"
#include "sim/sweep_points.hpp"
#include "sim/table.hpp"

namespace laconic {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// One algorithm at one point.
struct RunName {
  std::size_t point, algorithm;
  auto operator<=>(const RunName&) const = default;
};

struct Plan {
  Sweep sweep;
  std::string file;
  fs::path folder, parts;
  std::vector<std::string> digests;              // of each point
  std::vector<std::vector<std::size_t>> groups;  // points that learn the same

  std::size_t algorithms(std::size_t point) const { return sweep.points[point].source["algorithms"].size(); }
  fs::path part(const RunName& run) const {
    return parts / fmt::format("{}-{}.csv", digests[run.point], run.algorithm);
  }
  bool done(const RunName& run) const {
    std::error_code ignored;
    return fs::exists(part(run), ignored);
  }
  std::string columns(std::size_t point) const {
    std::string out;
    for (const auto& value : sweep.points[point].values) out += value + ',';
    return out;
  }
};

// The files that strings of the scenario name, by size and time: changed data are another point.
std::string files_in(const json& value, const fs::path& folder) {
  if (value.is_structured()) {
    std::string out;
    for (const auto& inner : value) out += files_in(inner, folder);
    return out;
  }
  if (!value.is_string()) return "";
  const json holder{{"file", value}};
  Params named(holder, "", "");
  try {
    const fs::path file = find_file(named, "file", "", folder);
    return fmt::format("{} {} {};", file.string(), fs::file_size(file),
                       fs::last_write_time(file).time_since_epoch().count());
  } catch (const std::exception&) {
    return "";  // no file's name
  }
}

std::string digest_of(const json& source, const fs::path& folder) {
  std::string text = version_line() + source.dump();
  for (const char* key : {"conditions", "data", "platform", "problem"})
    if (source.contains(key)) text += files_in(source[key], folder);
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

// What a point's learning depends on. The sizes of a tree's sums depend on where the platform's racks are.
std::string learning_key(const json& source, const std::string& file, const fs::path& folder) {
  const std::string key = learning_part(source).dump();
  if (!source.contains("collective")) return key;
  try {
    const auto collective = read_cluster(source, file, folder).collective;
    return collective ? fmt::format("{} {}", key, collective->arrangement) : key;
  } catch (const InputError&) {
    return key;  // which that point will say itself
  }
}

// A line to the process that shows progress: short enough to be written in one piece by many at once.
class Reporter {
 public:
  explicit Reporter(int pipe) : pipe_(pipe) {}
  void done(const RunName& run) const { say(fmt::format("d {} {}\n", run.point, run.algorithm)); }
  void failed(const RunName& run, std::string why) const {
    std::replace(why.begin(), why.end(), '\n', '\x1f');
    say(fmt::format("f {} {} {}", run.point, run.algorithm, why).substr(0, 2000) + '\n');
  }

 private:
  void say(const std::string& line) const {
    const auto ignored = write(pipe_, line.data(), line.size());
    (void)ignored;
  }
  int pipe_;
};

// A run's summary line and its rows, in one file that appears when complete.
void write_part(const Plan& plan, const Scenario& s, const RunName& run, const Reporter& reporter,
                const std::function<JobResult(std::FILE* rows, const std::string& columns)>& work) {
  const std::string columns = plan.columns(run.point);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> rows(std::tmpfile(), &std::fclose);
  if (!rows) throw RunError(fmt::format("cannot make a temporary file: {}", std::strerror(errno)));
  const JobResult result = work(rows.get(), columns);
  if (result.stop == Stop::interrupted) return;
  ResultFile out(plan.part(run));
  out.write(fmt::format("{}{},{},{},{},{}\n", columns, s.name, s.algorithms[run.algorithm].label, s.seed,
                        row_text(result.last), summary_text(result.stop, result.reached)));
  char buffer[1 << 16];
  std::rewind(rows.get());
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, rows.get())) > 0;) out.write({buffer, n});
  out.commit();
  reporter.done(run);
}

// Points that differ in their networks alone: learned once, replayed on each.
class Group {
 public:
  Group(const Plan& plan, const std::vector<std::size_t>& points, const Reporter& reporter, std::size_t processes)
      : plan_(plan), points_(points), reporter_(reporter), processes_(processes) {}

  void run() {
    const json& first = plan_.sweep.points[points_.front()].source;
    const bool feeds_back = std::any_of(points_.begin(), points_.end(), [&](std::size_t point) {
      const json& conditions = plan_.sweep.points[point].source.value("conditions", json::object());
      return conditions.value("late", json("wait")).is_object();
    });
    if (feeds_back || first["stop"].contains("sim_time")) return run_live();
    Scenario s;
    try {
      json alone = first;
      alone["platform"] = {{"type", "none"}};
      alone.erase("conditions");
      s = make_scenario(alone, plan_.file, plan_.folder);
    } catch (const std::exception& e) {
      for (const auto point : points_) fail(point, e.what());
      return;
    }
    std::map<std::size_t, ClusterPlan> clusters;
    for (const auto point : points_) {
      if (interrupts() > 0) return;
      try {
        clusters[point] = read_cluster(plan_.sweep.points[point].source, plan_.file, plan_.folder);
      } catch (const std::exception& e) {
        fail(point, e.what());
      }
    }
    const std::size_t count = s.algorithms.size(), at_once = std::min(processes_, count);
    Pool learners(at_once);
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<RunName> runs;
      for (const auto& [point, cluster] : clusters)
        if (!plan_.done({point, i})) runs.push_back({point, i});
      if (runs.empty()) continue;
      learners.start([&] { learn_and_replay(s, i, runs, clusters, processes_ / at_once); },
                     [this, runs](const std::string& why) {
                       for (const auto& run : runs)
                         if (!plan_.done(run)) reporter_.failed(run, why);
                     });
    }
  }

 private:
  void fail(std::size_t point, const std::string& why) {
    for (std::size_t i = 0; i < plan_.algorithms(point); ++i)
      if (!plan_.done({point, i})) reporter_.failed({point, i}, why);
  }

  void learn_and_replay(const Scenario& s, std::size_t i, const std::vector<RunName>& runs,
                        const std::map<std::size_t, ClusterPlan>& clusters, std::size_t processes) {
    Method method = s.make_method(i);
    const auto threads = static_cast<int>(processes);  // while it learns, nothing is replayed
    const Trace trace(
        method, s.problem, s.record, s.cluster.wire, [] { return interrupts() > 0; },
        clusters.begin()->second.pattern(), [=] { return threads; });
    Pool replays(processes);
    for (const auto& run : runs) {
      replays.start(
          [&] {
            write_part(plan_, s, run, reporter_, [&](std::FILE* rows, const std::string& columns) {
              return replay_job(s, run.algorithm, trace, clusters.at(run.point), rows, columns);
            });
          },
          [this, run](const std::string& why) { reporter_.failed(run, why); });
    }
  }

  // Where the simulated time ends a run, or a round, what is learned depends on the network.
  void run_live() {
    Pool runs(processes_);
    for (const auto point : points_) {
      if (interrupts() > 0) return;
      Scenario s;
      try {
        s = make_scenario(plan_.sweep.points[point].source, plan_.file, plan_.folder);
      } catch (const std::exception& e) {
        fail(point, e.what());
        continue;
      }
      for (std::size_t i = 0; i < s.algorithms.size(); ++i) {
        const RunName run{point, i};
        if (plan_.done(run)) continue;
        runs.start(
            [&] {
              write_part(plan_, s, run, reporter_, [&](std::FILE* rows, const std::string& columns) {
                return run_job(s, run.algorithm, rows, {}, columns);
              });
            },
            [this, run](const std::string& why) { reporter_.failed(run, why); });
      }
    }
  }

  const Plan& plan_;
  const std::vector<std::size_t>& points_;
  const Reporter& reporter_;
  std::size_t processes_;
};

void run_groups(const Plan& plan, const Reporter& reporter, std::size_t processes) {
  const std::size_t at_once = std::min(processes, plan.groups.size());
  Pool pool(at_once);
  for (const auto& points : plan.groups) {
    const bool all_done = std::all_of(points.begin(), points.end(), [&](std::size_t point) {
      for (std::size_t i = 0; i < plan.algorithms(point); ++i)
        if (!plan.done({point, i})) return false;
      return true;
    });
    if (all_done) continue;
    pool.start([&] { Group(plan, points, reporter, processes / at_once).run(); },
               [&](const std::string& why) {
                 for (const auto point : points)
                   for (std::size_t i = 0; i < plan.algorithms(point); ++i)
                     if (!plan.done({point, i})) reporter.failed({point, i}, why);
               });
  }
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// A result is there, and complete: nothing to go on with.
bool is_taken(const fs::path& folder) {
  return !is_there(folder / "points") && (is_there(folder / "trajectory.csv") || is_there(folder / "summary.csv"));
}

fs::path output_folder(const std::string& name, const RunOptions& options) {
  fs::path folder = options.out.empty() ? fs::path("results") / name : options.out;
  if (!options.force && options.out.empty())
    for (int i = 2; is_taken(folder); ++i) folder = fs::path("results") / fmt::format("{}-{}", name, i);
  if (!options.force && is_taken(folder))
    throw InputError(fmt::format("--out: {} already holds a result; --force replaces it", folder.string()));
  std::error_code error;
  if (options.force) fs::remove_all(folder / "points", error);
  fs::create_directories(folder / "points", error);
  if (error) throw InputError(fmt::format("--out: cannot make the folder {}: {}", folder.string(), error.message()));
  if (access((folder / "points").c_str(), W_OK | X_OK) != 0)
    throw InputError(fmt::format("--out: cannot write into {}: {}", folder.string(), std::strerror(errno)));
  return folder;
}

struct Outcome {
  std::size_t done = 0;
  std::map<RunName, std::string> failed;
};

// Listens until every process that could say something has ended.
void listen(int pipe, Outcome& outcome, std::size_t kept, std::size_t total, bool show, pid_t workers) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  auto painted = start;
  std::string buffer;
  int forwarded = 0;
  for (bool open = true; open;) {
    pollfd fd{pipe, POLLIN, 0};
    poll(&fd, 1, 200);
    for (; forwarded < interrupts(); ++forwarded) kill(workers, SIGTERM);
    if (fd.revents != 0) {
      char bytes[1 << 16];
      const auto n = read(pipe, bytes, sizeof bytes);
      if (n == 0) open = false;
      if (n > 0) buffer.append(bytes, static_cast<std::size_t>(n));
    }
    std::size_t at = 0;
    for (std::size_t end; (end = buffer.find('\n', at)) != std::string::npos; at = end + 1) {
      std::istringstream line(buffer.substr(at, end - at));
      char kind = 0;
      RunName run{};
      std::string why;
      line >> kind >> run.point >> run.algorithm >> std::ws;
      std::getline(line, why);
      std::replace(why.begin(), why.end(), '\x1f', '\n');
      if (kind == 'd')
        ++outcome.done;
      else
        outcome.failed[run] = why;
    }
    buffer.erase(0, at);
    if (show && Clock::now() - painted > std::chrono::milliseconds(150)) {
      painted = Clock::now();
      const double seconds = std::chrono::duration<double>(painted - start).count();
      const auto judged = static_cast<double>(outcome.done + outcome.failed.size());
      const double left = judged > 0 ? seconds / judged * (static_cast<double>(total - kept) - judged) : 0;
      fmt::print(stderr, "\r\x1b[K{}/{} runs done{}{}{}", kept + outcome.done, total,
                 kept > 0 ? fmt::format(" ({} were there)", kept) : "",
                 outcome.failed.empty() ? "" : fmt::format(", {} failed", outcome.failed.size()),
                 judged > 0 ? fmt::format(", {} left", human_time(left)) : "");
      std::fflush(stderr);
    }
  }
  if (show) {
    fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
  }
}

// The points' files in their order, as one table each.
void assemble(const Plan& plan, const std::vector<Target>& watch, const fs::path& folder) {
  std::string names;
  for (const auto& pointer : plan.sweep.pointers) names += pointer + ',';
  ResultFile trajectory(folder / "trajectory.csv"), summary(folder / "summary.csv");
  trajectory.write(fmt::format("{}scenario,algorithm,seed,{}\n", names, row_header()));
  summary.write(fmt::format("{}scenario,algorithm,seed,{},{}\n", names, row_header(), summary_header(watch)));
  for (std::size_t point = 0; point < plan.sweep.points.size(); ++point) {
    for (std::size_t i = 0; i < plan.algorithms(point); ++i) {
      std::ifstream in(plan.part({point, i}), std::ios::binary);
      if (!in) continue;
      std::string line;
      std::getline(in, line);
      summary.write(line + '\n');
      std::ostringstream rows;
      rows << in.rdbuf();
      trajectory.write(rows.str());
    }
  }
  trajectory.commit();
  summary.commit();
}

Plan make_plan(const json& source, const fs::path& file) {
  Plan plan;
  plan.file = file.string();
  plan.folder = file.parent_path();
  plan.sweep = expand_sweep(source, plan.file);
  std::map<std::string, std::size_t> known;
  std::set<std::string> seen;
  for (std::size_t n = 0; n < plan.sweep.points.size(); ++n) {
    const json& at = plan.sweep.points[n].source;
    plan.digests.push_back(digest_of(at, plan.folder));
    if (!seen.insert(plan.digests.back()).second)
      throw InputError(fmt::format("{}: /sweep: a value stands twice in a list: two points are the same", plan.file));
    const auto [place, fresh] = known.emplace(learning_key(at, plan.file, plan.folder), plan.groups.size());
    if (fresh) plan.groups.emplace_back();
    plan.groups[place->second].push_back(n);
  }
  return plan;
}

}  // namespace

int run_sweep(const fs::path& file, const ScenarioOptions& scenario, const RunOptions& options) {
  const json source = read_source(file, scenario);
  check_schema(source, file.string());
  check_claim_points(source, file.string());
  Plan plan = make_plan(source, file);
  // What the points share is wrong at the first already, and found before anything runs.
  const Scenario first = make_scenario(plan.sweep.points.front().source, plan.file, plan.folder);
  const fs::path folder = output_folder(first.name, options);
  plan.parts = folder / "points";

  std::size_t total = 0, kept = 0;
  for (std::size_t point = 0; point < plan.sweep.points.size(); ++point) {
    for (std::size_t i = 0; i < plan.algorithms(point); ++i) {
      ++total;
      kept += plan.done({point, i});
    }
  }
  catch_interrupts();
  const auto start = std::chrono::steady_clock::now();
  const std::size_t processes = Cores(options).processes();
  int ends[2];
  if (pipe(ends) != 0) throw RunError(fmt::format("cannot start a process: {}", std::strerror(errno)));
  std::fflush(nullptr);
  const pid_t workers = fork();
  if (workers < 0) throw RunError(fmt::format("cannot start a process: {}", std::strerror(errno)));
  if (workers == 0) {
    close(ends[0]);
    end_with_parent();
    int status = 0;
    try {
      run_groups(plan, Reporter(ends[1]), processes);
    } catch (const std::exception& e) {
      fmt::print(stderr, "{}: {}\n", plan.file, e.what());
      status = 3;
    }
    _exit(status);
  }
  close(ends[1]);
  Outcome outcome;
  const bool show =
      options.progress == Progress::always || (options.progress == Progress::automatic && isatty(STDERR_FILENO));
  listen(ends[0], outcome, kept, total, show, workers);
  close(ends[0]);
  wait_for(workers);

  const std::size_t done = kept + outcome.done;
  for (const auto& [run, why] : outcome.failed) {
    if (run.algorithm == 0 || !outcome.failed.contains({run.point, 0}) || outcome.failed[{run.point, 0}] != why)
      fmt::print(stderr, "{}: at {}: failed: {}\n", plan.file, plan.sweep.points[run.point].place, why);
  }
  if (done + outcome.failed.size() < total) {
    fmt::print("{} of {} runs are done; the same command goes on from there\n", done, total);
    return 3;
  }
  assemble(plan, first.record.watch, folder);
  nlohmann::ordered_json told{
      {"status", outcome.failed.empty() ? "complete" : "failed"},
      {"file", plan.file},
      {"scenario", source},
      {"version", version_line()},
      {"points", plan.sweep.points.size()},
      {"runs", total},
      {"failed", outcome.failed.size()},
      {"learned", plan.groups.size()},
      {"wall_time_s", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()}};
  if (!first.data.stand_in.empty()) told["stand_in"] = first.data.stand_in;
  ResultFile provenance(folder / "sweep.json");
  provenance.write(told.dump(2) + "\n");
  provenance.commit();
  if (outcome.failed.empty()) fs::remove_all(plan.parts);
  if (options.quiet) return outcome.failed.empty() ? 0 : 3;
  if (!first.data.stand_in.empty()) fmt::print("stand-in: {}\n", first.data.stand_in);
  fmt::print("{} points, {} runs done{}\nresults in {}\n", plan.sweep.points.size(), done,
             outcome.failed.empty()
                 ? ""
                 : fmt::format(", {} failed: the same command tries them again", outcome.failed.size()),
             folder.string());
  return outcome.failed.empty() ? 0 : 3;
}

}  // namespace laconic
