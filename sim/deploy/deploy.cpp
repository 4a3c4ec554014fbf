#include "sim/deploy/deploy.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <deque>
#include <fstream>
#include <optional>

#include "algorithms/base/error.hpp"
#include "algorithms/base/temporary_file.hpp"
#include "algorithms/base/terminal.hpp"
#include "algorithms/base/text.hpp"
#include "sim/deploy/launch.hpp"
#include "sim/deploy/log.hpp"
#include "sim/deploy/rank.hpp"
#include "sim/deploy/transport.hpp"
#include "sim/processes/interrupts.hpp"
#include "sim/run/finish_run.hpp"
#include "sim/run/progress_line.hpp"
#include "sim/run/provenance.hpp"
#include "sim/scenario/read_tuning.hpp"
#include "sim/scenario/warnings.hpp"

namespace laconic::deploy {

using namespace processes;
using namespace results;
using namespace run;
using namespace scenario;

namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

// What only a simulation has changes what is learned, or how it is counted: so it is not left out in silence.
void check_deployable(const Scenario& s) {
  const auto& conditions = s.cluster.conditions;
  const auto refuse = [&](const std::string& pointer, const char* what) {
    throw InputError(fmt::format("{}: {}: {}: laconic deploy has real machines", s.file, pointer, what));
  };
  if (conditions.late != Late::wait) refuse("/conditions/late", "deadlines are the simulation's");
  if (!conditions.failures.empty()) refuse("/conditions/failures", "failures are the simulation's");
  for (const AlgorithmEntry& algorithm : s.algorithms) {
    if (cluster_of(algorithm, s.file, s.cluster).collective)
      throw InputError(
          fmt::format("{}: {}: \"{}\" runs under a collective of the simulation's: laconic deploy has the "
                      "parameter server alone",
                      s.file, algorithm.pointer, algorithm.label));
    if (algorithm.graph && is_asynchronous(algorithm))
      throw InputError(
          fmt::format("{}: {}/method: \"{}\" is simulated alone: laconic deploy has methods with a server, and "
                      "on a graph those with rounds",
                      s.file, algorithm.pointer, algorithm.method));
  }
}

Scenario deployable(const fs::path& file, const ScenarioOptions& options) {
  if (is_tuned(read_source(file, options)))
    throw InputError(
        fmt::format("{}: /tune: laconic deploy takes values as they are: expected the tuned.json of laconic "
                    "tune",
                    file.string()));
  Scenario s = load_scenario(file, options);
  warn(s);
  check_deployable(s);
  return s;
}

// The files of a deployed run, which rank 0 writes and this process reads.
class Files {
 public:
  Files(const Scenario& s, const fs::path& scenario_folder, const fs::path& folder, std::vector<Child>& children,
        bool send_data)
      : said(folder / "deploy-said"),
        hello(folder / "deploy-hello"),
        words(folder / "deploy-words"),
        plan_(folder / "deploy-plan") {
    Plan& p = plan;
    p.source = s.source;
    p.file = s.file;
    p.folder = scenario_folder;
    p.said = said.path();
    p.hello = hello.path();
    p.send_data = send_data;
    for (std::size_t i = 0; i < children.size(); ++i) {
      const auto made = [&](const char* name) { return folder / fmt::format("{}-{}", name, i); };
      p.rows.push_back(children[i].rows.emplace(made("rows")).path());
      p.sections.push_back(children[i].trace.emplace(made("trace")).path());
      p.logs.push_back(logs.emplace_back(made("deploy-log")).path());
      for (TemporaryFile* file : {&*children[i].rows, &*children[i].trace, &logs.back()}) file->close();
    }
    for (TemporaryFile* file : {&said, &hello, &words, &plan_}) file->close();
    std::ofstream(plan_.path()) << p.json().dump() << '\n';
  }
  const fs::path& plan_file() const { return plan_.path(); }

  Plan plan;
  TemporaryFile said, hello, words;
  std::deque<TemporaryFile> logs;

 private:
  TemporaryFile plan_;
};

// Follows what rank 0 says.
class Follower {
 public:
  Follower(const Scenario& s, Files& files, std::vector<Child>& children, Gathered& gathered, bool show)
      : files_(files), children_(children), gathered_(gathered), line_(s, show) {}

  ProcessEnding follow(ChildProcess& process) {
    std::string nothing;
    for (int patience = 0; process.read_some(nothing);) {
      pollfd end{process.pipe(), POLLIN, 0};
      poll(&end, 1, look_ms);
      if (interrupts() > 0 && patience++ == 0) process.signal(SIGTERM);
      if (interrupts() > 1 || patience > patience_ms / look_ms) process.signal(SIGKILL);
      hear();
    }
    const ProcessEnding ending = process.wait();
    hear();
    line_.clear();
    for (std::size_t i = added_; i < children_.size(); ++i) gathered_.add(children_[i]);
    return ending;
  }

 private:
  static constexpr int look_ms = 50, patience_ms = 2500;

  void hear() {
    std::ifstream in(files_.said.path(), std::ios::binary);
    in.seekg(static_cast<std::streamoff>(heard_));
    const std::string more((std::istreambuf_iterator<char>(in)), {});
    heard_ += more.size();
    said_ += more;
    while (auto frame = added_ < children_.size() ? take_frame(said_) : std::nullopt) {
      Child& child = children_[added_];
      if (frame->kind == Frame::Kind::progress) {
        child.state = progress_of(*frame);
        continue;
      }
      if (frame->kind == Frame::Kind::result)
        child.result = result_of(*frame);
      else
        child.error = frame->payload;
      child.ended = true;
      gathered_.add(child);
      ++added_;
    }
    std::vector<JobState> states;
    for (std::size_t i = 0; i < children_.size(); ++i)
      states.push_back(
          {children_[i].state.rounds, children_[i].state.last, i == added_, children_[i].result.has_value()});
    line_.show(states);
  }

  Files& files_;
  std::vector<Child>& children_;
  Gathered& gathered_;
  ProgressLine line_;
  std::string said_;
  std::size_t heard_ = 0, added_ = 0;
};

// What run.json says of who was there. Throws what kept rank 0 from beginning.
ordered_json hello_of(const Files& files, const ProcessEnding& ending) {
  std::ifstream in(files.hello.path());
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  ordered_json hello = text.ends_with('\n') ? ordered_json::parse(text) : ordered_json::object();
  if (hello.contains("refused")) throw InputError(hello["refused"].get<std::string>());
  if (hello.contains("failed")) throw RunError("laconic deploy: " + hello["failed"].get<std::string>());
  if (hello.empty() && interrupts() == 0) {
    const std::string words = words_of_launcher(files.words.path());
    throw RunError(
        fmt::format("laconic deploy: the ranks did not begin: {}", words.empty() ? ending.sentence() : words));
  }
  return hello;
}

// deploy.csv; and what is known of the ranks' clocks, for run.json.
ordered_json write_logs(const Scenario& s, const Files& files, const fs::path& folder, int ranks) {
  Clocks clocks(ranks);
  for (const auto& log : files.logs)
    for_records(log.path(), [&](const Record& one) {
      if (one.what == Record::What::clock && one.end_rank < ranks) clocks.add(one);
    });
  TableFile table(folder, "deploy", TableFormat::csv);
  table.write(log_header());
  for (std::size_t i = 0; i < s.algorithms.size(); ++i)
    write_log(files.logs[i].path(), clocks, fmt::format("{},{},", csv_field(s.algorithms[i].label), s.seed), table);
  table.commit();
  ordered_json out = ordered_json::array();
  for (int rank = 0; rank < ranks; ++rank) {
    const ClockFit fit = clocks.fit(rank);
    out.push_back(
        {{"rank", rank}, {"offset_s", fit.offset_s}, {"drift", fit.drift}, {"uncertainty_s", fit.uncertainty_s}});
  }
  return out;
}

// Those that rank 0 could not speak of any more.
void tell_ends(std::vector<Child>& children, const ProcessEnding& ending, const Files& files, const std::string& host,
               bool told) {
  std::string why;
  for (Child& child : children) {
    if (!child.error.empty()) why = child.error;
    if (child.result || (told && why.empty())) continue;
    if (why.empty()) why = words_of_launcher(files.words.path());
    if (why.empty()) why = fmt::format("rank 0 ({}, the server) was lost: {}", host, ending.sentence());
    child.error = why;
  }
}

// `begun_ranks`: set when there is a rank 0.
int gather(const Scenario& s, const fs::path& scenario_folder, const RunOptions& options, const DeployOptions& how,
           bool& begun_ranks) {
  const CountedInterrupts counted;
  const HeldFolder held = ResultFolder::hold(options.out, s.name, ResultFolder::Kind::run, options.force);
  const fs::path& folder = held.path();
  held.folder().remove_tuning();
  const Begun begun{folder, std::chrono::system_clock::now(), std::chrono::steady_clock::now()};
  std::vector<Child> children(s.algorithms.size());
  Files files(s, scenario_folder, folder, children, how.send_data);
  Gathered gathered(s, folder, options, ",wall_s");
  const bool show =
      options.progress == Progress::always || (options.progress == Progress::automatic && can_repaint(STDERR_FILENO));
  begun_ranks = true;
  ChildProcess process =
      how.ranks > 0 ? launch(launch_command(how.ranks, how.hosts, how.mpirun, files.plan_file()), files.words.path())
                    : ChildProcess([&](int) { return be_rank_0(files.plan, s); });
  const ProcessEnding ending = Follower(s, files, children, gathered, show).follow(process);
  ordered_json hello = hello_of(files, ending);
  tell_ends(children, ending, files, hello.contains("hosts") ? hello["hosts"][0].get<std::string>() : "?",
            interrupts() > 0 && (how.ranks > 0 || ending.well()));
  hello["clock"] = write_logs(s, files, folder, hello.value("ranks", 1));
  return finish_run(s, options, begun, children, gathered,
                    [&](const auto& results, const char* status, auto started, double wall_s) {
                      ordered_json out = run_json(s, results, status, started, wall_s);
                      out["deployed"] = hello;
                      return out;
                    });
}

int be_planned_rank(const fs::path& file) {
  if (rank_here().value_or(0) > 0) return be_rank();
  std::ifstream in(file);
  const Plan plan = Plan::of(nlohmann::json::parse(in));
  return be_rank_0(plan, make_scenario(plan.source, plan.file, plan.folder));
}

int deploy_scenario(const std::string& file, const ScenarioOptions& scenario, const RunOptions& options,
                    const DeployOptions& how, bool& begun) {
  const Scenario s = deployable(file, scenario);
  if (how.ranks - 1 > s.problem.M())
    throw InputError(fmt::format("--ranks: expected at most {}: the server's, and one for each of {} workers, got {}",
                                 s.problem.M() + 1, s.problem.M(), how.ranks));
  if (!options.quiet && s.cluster.platform)
    fmt::print(stderr, "{}: the platform is not used: times are measured\n", printable(s.file));
  return gather(s, fs::absolute(file).parent_path(), options, how, begun);
}

}  // namespace

int deploy(const std::string& file, const ScenarioOptions& scenario, const RunOptions& options,
           const DeployOptions& how) {
  if (how.as_rank) become_rank();
  if (how.as_rank) return be_planned_rank(file);
  const std::optional<int> here = rank_here();
  if (here && how.ranks > 0)
    throw InputError("--ranks: this process is a rank already, of those that mpirun or srun has started");
  if (!here && how.ranks == 0)
    throw InputError("laconic deploy: expected --ranks N, or to be started by mpirun or srun");
  here ? become_rank() : check_transport();
  if (here.value_or(0) > 0) return be_rank();
  bool begun = false;
  try {
    return deploy_scenario(file, scenario, options, how, begun);
  } catch (const InputError&) {
    if (here && !begun) dismiss();
    throw;
  }
}

}  // namespace laconic::deploy
