#include "sim/sweep/slurm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "algorithms/base/error.hpp"
#include "algorithms/base/human_units.hpp"
#include "algorithms/base/input_file.hpp"
#include "algorithms/base/json_text.hpp"
#include "algorithms/base/program.hpp"
#include "algorithms/base/text.hpp"
#include "sim/processes/command.hpp"
#include "sim/processes/interrupts.hpp"
#include "sim/results/result_file.hpp"
#include "sim/results/result_folder.hpp"
#include "sim/sweep/shards.hpp"

namespace laconic::sweep {

using namespace results;
using namespace scenario;
using namespace processes;
using namespace run;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr double sensible_s = 600;  // of a task, on one core: long beside its start, short beside a night

fs::path slurm_folder(const ResultFolder& folder) { return folder.points() / "slurm"; }

// The job that was submitted last in a folder.
struct SlurmJob {
  std::string number;
  std::size_t tasks = 0, runs = 0;
  double submitted_s = 0;  // since 1970
};

double now_s() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::optional<SlurmJob> job_in(const ResultFolder& folder) {
  const fs::path path = slurm_folder(folder) / "job.json";
  std::ifstream in(path);
  if (!in) return {};
  try {
    const json told = json::parse(in);
    return SlurmJob{told.at("job"), told.at("tasks"), told.at("runs"), told.at("submitted_s")};
  } catch (const json::exception&) {
    throw InputError(fmt::format("{}: expected what `laconic sweep --on slurm` writes; remove it", path.string()));
  }
}

// What Slurm knows of a job's tasks, by their numbers: "RUNNING" and such, and why.
struct TaskState {
  std::string state, reason;
  bool active() const {
    static const std::set<std::string> over{"COMPLETED", "FAILED",    "CANCELLED", "TIMEOUT",       "NODE_FAIL",
                                            "PREEMPTED", "BOOT_FAIL", "DEADLINE",  "OUT_OF_MEMORY", "REVOKED"};
    return !over.contains(state);
  }
};

std::map<std::size_t, TaskState> tasks_of(const SlurmJob& job) {
  const Said said = run_command({"squeue", "-h", "-r", "-t", "all", "-j", job.number, "-o", "%K %T %r"});
  if (said.code != 0) {
    if (said.words().find("Invalid job id") != std::string::npos) return {};  // over, and forgotten
    throw RunError(fmt::format("squeue: {}", said.words()));
  }
  std::map<std::size_t, TaskState> out;
  std::istringstream lines(said.out);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::size_t task = 0;
    TaskState state;
    if (words >> task >> state.state && std::getline(words >> std::ws, state.reason)) out[task] = state;
  }
  return out;
}

bool is_active(const std::map<std::size_t, TaskState>& tasks) {
  return std::any_of(tasks.begin(), tasks.end(), [](const auto& task) { return task.second.active(); });
}

// Words as a shell would have them: quotes hold blanks together. A comma behind a word is the user's, who lists them.
std::vector<std::string> split_words(const std::string& text) {
  std::vector<std::string> out;
  std::string word;
  char quote = 0;
  bool any = false;
  const auto take = [&] {
    if (word.ends_with(',')) word.pop_back();
    if (any && !word.empty()) out.push_back(word);
    word.clear();
    any = false;
  };
  for (const char c : text) {
    if (quote != 0 ? c == quote : c == '"' || c == '\'') {
      quote = quote != 0 ? char{0} : c;
      any = true;
    } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      take();
    } else {
      word += c;
      any = true;
    }
  }
  if (quote != 0) throw InputError(fmt::format("--sbatch: expected a quote to end, got {}", shown_token(text)));
  take();
  return out;
}

std::vector<std::string> sbatch_words(const std::string& text) {
  std::vector<std::string> words = split_words(text);
  bool value = false;  // whether this word may be the value of the one before
  for (const auto& word : words) {
    const bool option = word.starts_with('-');
    if (!option && !value)
      throw InputError(
          fmt::format("--sbatch: expected sbatch's options, such as \"--time=1:00:00\", got {}", shown_token(word)));
    const std::string name = word.substr(0, word.find('='));
    for (const char* own : {"--array", "--wrap", "--parsable", "--test-only", "--wait"})
      if (name == own || word.starts_with("-a") || word.starts_with("-W"))
        throw InputError(fmt::format("--sbatch: {}: is set by laconic{}", shown_token(name),
                                     name == "--array" || word.starts_with("-a") ? " (--array N)" : ""));
    value = option && name == word;
  }
  return words;
}

std::string quoted(const std::string& word) {
  if (!word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=-:") ==
                           std::string::npos)
    return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

// The command that a task carries out is the one that was given here, from the same place.
std::string batch_script(const OpenSweep& sweep, const ScenarioOptions& scenario, const RunOptions& options,
                         const ResultFolder& folder, std::size_t tasks) {
  const fs::path out = fs::absolute(folder.path());
  std::string command = fmt::format("{} sweep {}", quoted(program_file().string()), quoted(sweep.plan.file()));
  for (const auto& set : scenario.set) command += fmt::format(" --set {}", quoted(set));
  if (scenario.seed) command += fmt::format(" --seed {}", *scenario.seed);
  if (scenario.full) command += " --full";
  if (options.jobs > 0) command += fmt::format(" --jobs {}", options.jobs);
  if (given_unpack_limit() > 0) command += fmt::format(" --unpack {}B", given_unpack_limit());
  std::string title = sweep.name;
  std::replace_if(
      title.begin(), title.end(), [](char c) { return c == '"' || c == '\\' || c == '\n'; }, '_');
  return fmt::format(
      "#!/bin/bash\n"
      "#SBATCH --job-name=\"laconic {}\"\n"
      "#SBATCH --array=1-{}\n"
      "#SBATCH --output=\"{}/%a.log\"\n"
      "#SBATCH --open-mode=append\n"
      "#SBATCH --requeue\n"
      "cd {} || exit\n"
      "exec {} --progress never --out {} --shard \"$SLURM_ARRAY_TASK_ID/{}\"\n",
      title, tasks, fs::absolute(slurm_folder(folder)).string(), quoted(fs::current_path().string()), command,
      quoted(out.string()), tasks);
}

// What single points would fail for is said here, and not hours later; it keeps nothing else from running.
void warn_of_points(const OpenSweep& sweep) {
  const SweepPlan& plan = sweep.plan;
  constexpr std::size_t most_looked_at = 500, most_told = 10;
  const std::size_t step = plan.sweep().size() / most_looked_at + 1;
  std::size_t told = 0;
  for (std::size_t point = 0; point < plan.sweep().size() && told < most_told; point += step) {
    try {
      read_cluster(plan.sweep().source(point), plan.file(), plan.data_folder());
    } catch (const std::exception& e) {
      ++told;
      fmt::print(stderr, "{}: at {}: will fail: {}\n", plan.file(), plan.sweep().place(point), printable(e.what()));
    }
  }
}

// How many tasks a job array may have.
std::size_t most_tasks() {
  constexpr std::size_t usual = 1000;
  try {
    const Said said = run_command({"scontrol", "show", "config"});
    const auto at = said.out.find("MaxArraySize");
    const auto number = said.out.find_first_of("0123456789", at);
    std::size_t size = 0;
    if (at == std::string::npos || number == std::string::npos) return usual;
    std::from_chars(said.out.data() + number, said.out.data() + said.out.size(), size);
    return size > 1 ? size - 1 : usual;
  } catch (const InputError&) {
    return usual;
  }
}

void refuse_active(const ResultFolder& folder) {
  const auto job = job_in(folder);
  if (job && is_active(tasks_of(*job)))
    throw InputError(fmt::format("--on: job {} is at work in {}: --status shows how far it is, --cancel ends it",
                                 job->number, folder.path().string()));
}

std::string sbatch_accepts(const std::vector<std::string>& options, const fs::path& script) {
  std::vector<std::string> command{"sbatch", "--parsable"};
  command.insert(command.end(), options.begin(), options.end());
  command.push_back(script.string());
  const Said said = run_command(command);
  if (said.code != 0) throw InputError(fmt::format("--on: sbatch refuses: {}", said.words()));
  const std::string number = said.out.substr(0, said.out.find_first_not_of("0123456789"));
  if (number.empty()) throw RunError(fmt::format("sbatch: expected a job's number, got {}", shown_token(said.words())));
  if (!said.err.empty()) fmt::print(stderr, "{}\n", printable(Said{0, "", said.err}.words()));
  return number;
}

void write_text(const fs::path& path, const std::string& text) {
  ResultFile out(path);
  out.write(text);
  out.commit();
}

std::string counted_tasks(std::size_t n) { return fmt::format("{} task{}", n, n == 1 ? "" : "s"); }

}  // namespace

void check_slurm(const SlurmOptions& slurm) {
  sbatch_words(slurm.sbatch);
  try {
    run_command({"sbatch", "--version"});
  } catch (const InputError& e) {
    throw InputError(
        fmt::format("--on: {}: expected Slurm's commands in the PATH, as a cluster's login node has them", e.what()));
  }
  if (slurm.tasks == 0) return;
  const std::size_t most = most_tasks();
  if (static_cast<std::size_t>(slurm.tasks) > most)
    throw InputError(
        fmt::format("--array: expected at most {} tasks, which this cluster allows, got {}", most, slurm.tasks));
}

int submit_sweep(SharedSweep& shared, const ScenarioOptions& scenario, const RunOptions& options,
                 const SlurmOptions& slurm) {
  OpenSweep& sweep = shared.sweep;
  SweepPlan& plan = sweep.plan;
  const ResultFolder& folder = shared.folder;
  if (is_over(shared)) return say_there(shared);
  folder.refuse_result();
  refuse_active(folder);
  folder.make();
  folder.make_points(false);
  plan.keep_in(folder.points());
  const bool has_tables = folder.kind() == ResultFolder::Kind::sweep;
  if (has_tables && plan.kept() == plan.runs()) return merge_sweep(shared);
  warn_of_points(sweep);
  const double total_s = Cut::of_missing(sweep, 1).total_s();
  const auto sensible =
      static_cast<std::size_t>(std::clamp(std::ceil(total_s / sensible_s), 1.0, static_cast<double>(most_tasks())));
  const Cut cut = Cut::of_missing(sweep, slurm.tasks > 0 ? static_cast<std::size_t>(slurm.tasks) : sensible);
  cut.save(folder.points());
  write_running(sweep, folder.points(), true);
  const fs::path own = slurm_folder(folder);
  fs::remove_all(own);
  fs::create_directories(own);
  write_text(own / "batch.sh", batch_script(sweep, scenario, options, folder, cut.shards()));
  const SlurmJob job{sbatch_accepts(sbatch_words(slurm.sbatch), own / "batch.sh"), cut.shards(),
                     plan.runs() - plan.kept(), now_s()};
  const nlohmann::ordered_json told = {
      {"job", job.number}, {"tasks", job.tasks}, {"runs", job.runs}, {"submitted_s", job.submitted_s}};
  write_text(own / "job.json", json_text(told, 2) + "\n");
  fmt::print("job {}: {}, {} of {} {}, about {} of computing each\n", job.number, counted_tasks(job.tasks),
             plan.runs() - plan.kept(), plan.runs(), shared.what, human_time(std::max(1.0, cut.longest_s())));
  return 0;
}

namespace {

// Reasons in the order of how often they were given, with one of the points.
void print_failures(const SweepPlan& plan, const Failures& failed) {
  std::map<std::string, std::vector<RunName>> by_reason;
  for (const auto& [run, why] : failed) by_reason[why].push_back(run);
  std::vector<std::pair<std::size_t, std::string>> order;
  for (const auto& [why, runs] : by_reason) order.emplace_back(runs.size(), why);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  constexpr std::size_t most = 10;
  for (std::size_t i = 0; i < std::min(most, order.size()); ++i) {
    const auto& [count, why] = order[i];
    fmt::print("failed: {} run{}, such as at {}: {}\n", count, count == 1 ? "" : "s",
               plan.sweep().place(by_reason[why].front().point), printable(why));
  }
  if (order.size() > most) fmt::print("failed: and {} reasons more\n", order.size() - most);
}

std::string last_line(const fs::path& path) {
  std::ifstream in(path);
  std::string last;
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) last = line;
  return printable(last);
}

// Tasks that have ended and left something, with what Slurm or they themselves said last.
void print_ended(const ResultFolder& folder, const std::map<std::size_t, TaskState>& tasks,
                 const std::map<std::size_t, std::size_t>& left) {
  std::map<std::string, std::pair<std::size_t, std::size_t>> by_reason;  // the first task, and how many
  for (const auto& [task, runs] : left) {
    const auto known = tasks.find(task);
    if (known != tasks.end() && known->second.active()) continue;
    std::string why = known == tasks.end() ? "" : known->second.state;
    if (known != tasks.end() && known->second.reason != "None") why += fmt::format(" ({})", known->second.reason);
    if (const std::string words = last_line(slurm_folder(folder) / fmt::format("{}.log", task)); !words.empty())
      why += (why.empty() ? "" : ": ") + words;
    ++by_reason.try_emplace(why, task, 0).first->second.second;
  }
  constexpr std::size_t most = 10;
  std::size_t told = 0;
  for (const auto& [why, which] : by_reason) {
    if (++told > most) continue;
    fmt::print("ended too soon: {}{}{}\n",
               which.second == 1 ? fmt::format("task {}", which.first)
                                 : fmt::format("{}, such as {}", counted_tasks(which.second), which.first),
               why.empty() ? "" : ": ", why);
  }
}

void print_job(const OpenSweep& sweep, const ResultFolder& folder, const SlurmJob& job, const Standing& standing) {
  const std::map<std::size_t, TaskState> tasks = tasks_of(job);
  std::size_t running = 0;
  std::map<std::string, std::size_t> waiting;
  for (const auto& [task, state] : tasks) {
    if (state.state == "PENDING")
      ++waiting[state.reason];
    else if (state.active())
      ++running;
  }
  std::string said = fmt::format("job {}: {} running", job.number, counted_tasks(running));
  for (const auto& [reason, count] : waiting) said += fmt::format(", {} waiting ({})", count, printable(reason));
  if (!is_active(tasks)) said = fmt::format("job {}: over; the same command submits what is left", job.number);
  fmt::print("{}\n", said);
  const Cut cut = Cut::open(sweep, job.tasks, folder.points());
  std::map<std::size_t, std::size_t> left;
  for (const RunName& run : standing.missing) ++left[cut.shard_of(sweep.plan.index(run))];
  const auto missing = static_cast<double>(standing.missing.size()), done = static_cast<double>(job.runs) - missing;
  if (is_active(tasks) && done > 0)
    fmt::print("about {} left, at the rate since the job was submitted\n",
               human_time((now_s() - job.submitted_s) * missing / done));
  else if (is_active(tasks))
    fmt::print("how long it takes is not known yet\n");
  print_ended(folder, tasks, left);
}

void expect_begun(const SharedSweep& shared, const char* option) {
  if (!fs::is_directory(shared.folder.points()))
    throw InputError(
        fmt::format("{}: {}: expected a folder that a sweep was begun in", option, shared.folder.path().string()));
}

}  // namespace

int sweep_status(SharedSweep& shared) {
  if (is_over(shared)) return say_there(shared);
  expect_begun(shared, "--status");
  SweepPlan& plan = shared.sweep.plan;
  plan.keep_in(shared.folder.points());
  const Standing standing = standing_of(plan);
  fmt::print("{} of {} {} are done, {} failed, {} are missing\n", plan.kept(), plan.runs(), shared.what,
             standing.failed.size(), standing.missing.size());
  print_failures(plan, standing.failed);
  if (const auto job = job_in(shared.folder)) print_job(shared.sweep, shared.folder, *job, standing);
  return 0;
}

int cancel_sweep(const SharedSweep& shared) {
  expect_begun(shared, "--cancel");
  const auto job = job_in(shared.folder);
  if (!job) throw InputError(fmt::format("--cancel: {}: no job was submitted here", shared.folder.path().string()));
  const Said said = run_command({"scancel", job->number});
  if (said.code != 0) throw RunError(fmt::format("scancel: {}", said.words()));
  fmt::print("job {} is cancelled; what is done is kept, and --on slurm submits the rest\n", job->number);
  return 0;
}

}  // namespace laconic::sweep
