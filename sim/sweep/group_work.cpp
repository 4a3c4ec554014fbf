#include "sim/sweep/group_work.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <sstream>

#include "algorithms/base/error.hpp"
#include "sim/processes/interrupts.hpp"
#include "sim/processes/pool.hpp"
#include "sim/results/trace_file.hpp"
#include "sim/scenario/what_is_learned.hpp"

namespace laconic::sweep {

using namespace platforms;
using namespace rounds;
using namespace network;
using namespace results;
using namespace scenario;
using namespace processes;
using namespace run;

namespace {

using nlohmann::json;

// A number that processes which are forked from this one have in common with it.
std::shared_ptr<std::atomic<std::size_t>> shared_counter() {
  using Counter = std::atomic<std::size_t>;
  static_assert(Counter::is_always_lock_free);
  void* place = mmap(nullptr, sizeof(Counter), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) throw RunError(fmt::format("cannot start a process: {}", std::strerror(errno)));
  return {new (place) Counter(0), [](Counter* counter) { munmap(counter, sizeof(Counter)); }};
}

// Points that learn the same, in a process of its own.
class GroupWork {
 public:
  GroupWork(const SweepPlan& plan, const SweepGroup& group, const SweepReporter& reporter, std::size_t processes)
      : plan_(plan), group_(group), reporter_(reporter), processes_(processes) {}

  void run() {
    if (group_.live) return run_live();
    const std::vector<std::size_t> missing = read_learned();
    // What one point alone needs is not worth keeping: of a sweep over seeds, that would be as much as its results.
    if (traces_.empty() && left().size() == 1) return run_live();
    const Scenario s = learn_all(missing);
    if (interrupts() > 0) return;
    const std::vector<std::size_t> left = this->left();
    // Starting a process takes longer than many a point.
    constexpr std::size_t most_at_once = 100, pieces = 16;
    const std::size_t at_once = std::clamp<std::size_t>(left.size() / (pieces * processes_), 1, most_at_once);
    std::deque<Piece> open;
    for (std::size_t i = 0; i < left.size(); i += at_once)
      open.emplace_back(&left[i], std::min(at_once, left.size() - i));
    Pool pool(processes_);
    do {
      for (; !open.empty(); open.pop_front()) start(pool, s, open.front(), open);
      pool.finish();  // a process that dies leaves the rest of its piece
    } while (!open.empty());
  }

 private:
  using Piece = std::span<const std::size_t>;  // points of one process

  void start(Pool& pool, const Scenario& s, Piece piece, std::deque<Piece>& open) {
    const auto at = shared_counter();
    pool.start(
        [&s, piece, at, this] {
          for (; *at < piece.size() && interrupts() == 0; ++*at) replay(s, piece[*at]);
        },
        [piece, at, &open, this](const std::string& why) {
          if (*at >= piece.size()) return;
          fail(piece[*at], why);
          if (const Piece rest = piece.subspan(*at + 1); !rest.empty()) open.push_back(rest);
        });
  }

  bool done(std::size_t point) const {
    for (std::size_t i = 0; i < plan_.algorithms(); ++i)
      if (!plan_.done({point, i}) && !failed_.contains(i)) return false;
    return true;
  }

  void fail(std::size_t point, const std::string& why) const {
    for (std::size_t i = 0; i < plan_.algorithms(); ++i)
      if (!plan_.done({point, i}) && !failed_.contains(i)) reporter_.failed({point, i}, why);
  }

  std::vector<std::size_t> left() const {
    std::vector<std::size_t> out;
    for (const auto point : group_.points)
      if (!done(point)) out.push_back(point);
    return out;
  }

  bool needs(std::size_t algorithm) const {
    return std::any_of(group_.points.begin(), group_.points.end(), [&](std::size_t point) {
      return !plan_.done({point, algorithm});
    });
  }

  // Returns the algorithms that have yet to learn.
  std::vector<std::size_t> read_learned() {
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < plan_.algorithms(); ++i) {
      if (!needs(i)) continue;
      const auto section = plan_.learned(group_, i);
      if (section)
        traces_[i] = std::move(trace_in(*section, plan_.file()).front());
      else
        missing.push_back(i);
    }
    return missing;
  }

  // Learns what is missing, and returns what all points have in common.
  Scenario learn_all(const std::vector<std::size_t>& missing) {
    json alone = plan_.sweep().source(group_.points.front());
    alone["platform"] = {{"type", "none"}};
    alone.erase("conditions");
    if (missing.empty()) {
      const bool has_optimum = traces_.begin()->second.trace.measured(Metric::loss_gap);
      return make_outline(alone, plan_.file(), plan_.data_folder(), has_optimum);
    }
    plan_.check_data(group_.points.front());
    Scenario s = make_scenario(alone, plan_.file(), plan_.data_folder());
    plan_.check_data(group_.points.front());
    say_no_optimum(s);
    if (const auto cluster = cluster_of_points()) {
      s.cluster.collective = cluster->collective;
      s.cluster.racks = cluster->racks;
    }
    learn_missing(s, missing);
    if (interrupts() > 0) return s;
    for (const auto& [i, why] : failed_)
      for (const auto point : group_.points)
        if (!plan_.done({point, i})) reporter_.failed({point, i}, why);
    s.problem = {};  // replays need none, and fork faster without
    return s;
  }

  void say_no_optimum(const Scenario& s) const {
    if (!s.problem.no_optimum.empty()) fmt::print(stderr, "{}: no loss_gap: {}\n", plan_.file(), s.problem.no_optimum);
  }

  // Each algorithm in a process, which keeps what it learned for whoever goes on after this one, too.
  void learn_missing(const Scenario& s, const std::vector<std::size_t>& missing) {
    const auto threads = static_cast<int>(processes_ / std::min(processes_, missing.size()));
    const std::size_t before = plan_.learned_by_now();
    {
      Pool learners(processes_);
      for (const auto i : missing)
        learners.start([&, i, threads] { learn_one(s, i, threads); },
                       [this, i](const std::string& why) { failed_[i] = why; });
    }
    plan_.look_for_learned(before);
    for (const auto i : missing)
      if (const auto section = plan_.learned(group_, i))
        traces_[i] = std::move(trace_in(*section, plan_.file()).front());
  }

  // As the points have it, whose racks are alike; nothing if no collective needs it.
  std::optional<ClusterPlan> cluster_of_points() const {
    if (!has_collective(plan_.sweep().source(group_.points.front()))) return {};
    for (const auto point : group_.points) {
      try {
        return read_cluster(plan_.sweep().source(point), plan_.file(), plan_.data_folder());
      } catch (const InputError&) {  // That point will say so itself.
      }
    }
    return {};
  }

  void learn_one(const Scenario& s, std::size_t i, int threads) const {
    const RecordedRun record{s.algorithms[i].label, group_.digest, static_cast<std::size_t>(s.problem.M()),
                             learn(s, i, [=] { return threads; })};
    if (record.trace.stop == Stop::interrupted) return;
    plan_.keep_learned(group_, i, trace_section(record));
  }

  // The cluster of a point, on which each algorithm must be able to do what it does on the first point's.
  ClusterPlan cluster_at(std::size_t point, const Scenario& s) const {
    ClusterPlan out = read_cluster(plan_.sweep().source(point), plan_.file(), plan_.data_folder());
    for (const AlgorithmEntry& algorithm : s.algorithms) check_cluster(algorithm, plan_.file(), out);
    return out;
  }

  // A process has one engine: what needs one gets a process of its own.
  void replay(const Scenario& s, std::size_t point) {
    std::optional<ClusterPlan> cluster;
    try {
      cluster = cluster_at(point, s);
    } catch (const std::exception& e) {
      if (interrupts() == 0) fail(point, e.what());
      return;
    }
    for (const auto& [i, record] : traces_) {
      const RunName run{point, i};
      if (plan_.done(run)) continue;
      const auto work = [&, &trace = record.trace] {
        const bool written = plan_.keep_run(s, run, [&](std::FILE* rows, const std::string& columns) {
          JobResult result = replay_job(s, run.algorithm, trace, *cluster, rows, {}, {.prefix = columns});
          plan_.check_network(point);
          return result;
        });
        if (written) reporter_.done(run);
      };
      const auto failed = [this, run](const std::string& why) { reporter_.failed(run, why); };
      if (needs_engine(s, s.algorithms[i], *cluster))
        Pool(1).start(work, failed);
      else
        here(work, failed);
    }
  }

  // An algorithm may exchange in a way of its own, which has no closed form where the cluster has one.
  static bool needs_engine(const Scenario& s, const AlgorithmEntry& algorithm, const ClusterPlan& cluster) {
    return algorithm.graph || !cluster_of(algorithm, s.file, cluster).has_closed_form();
  }

  template <class Work, class Failed>
  static void here(const Work& work, const Failed& failed) {
    try {
      work();
    } catch (const std::exception& e) {
      if (interrupts() == 0) failed(e.what());
    }
  }

  // The problem is the same at all points: it is read once.
  void run_live() {
    Pool runs(processes_);
    const auto threads = static_cast<int>(processes_ / std::min(processes_, left().size() * plan_.algorithms()));
    std::optional<Scenario> s;
    for (const auto point : group_.points) {
      if (interrupts() > 0) return;
      if (done(point)) continue;
      try {
        const json source = plan_.sweep().source(point);
        if (!s) {
          plan_.check_data(point);
          Scenario read = make_scenario(source, plan_.file(), plan_.data_folder());
          plan_.check_data(point);
          s = std::move(read);
          say_no_optimum(*s);
        } else {
          s->cluster = cluster_at(point, *s);
        }
      } catch (const std::exception& e) {
        fail(point, e.what());
        continue;
      }
      for (std::size_t i = 0; i < plan_.algorithms(); ++i) {
        const RunName run{point, i};
        if (plan_.done(run)) continue;
        runs.start(
            [&] {
              const bool written = plan_.keep_run(*s, run, [&](std::FILE* rows, const std::string& columns) {
                JobResult result =
                    run_job(*s, run.algorithm, rows, {}, {.prefix = columns, .threads = [=] { return threads; }});
                plan_.check_network(run.point);
                return result;
              });
              if (written) reporter_.done(run);
            },
            [this, run](const std::string& why) { reporter_.failed(run, why); });
      }
    }
  }

  const SweepPlan& plan_;
  const SweepGroup& group_;
  const SweepReporter& reporter_;
  const std::size_t processes_;
  std::map<std::size_t, RecordedRun> traces_;
  std::map<std::size_t, std::string> failed_;  // to be learned, with the reason
};

}  // namespace

void SweepReporter::done(const RunName& run) const { say(fmt::format("d {} {}\n", run.point, run.algorithm)); }

void SweepReporter::failed(const RunName& run, std::string why) const {
  std::replace(why.begin(), why.end(), '\n', '\x1f');
  say(fmt::format("f {} {} {}", run.point, run.algorithm, why).substr(0, 2000) + '\n');
}

void SweepReporter::say(const std::string& line) const { write_all(pipe_, line); }

SweepReporter::News SweepReporter::read(const std::string& line) {
  std::istringstream in(line);
  char kind = 0;
  News news{};
  in >> kind >> news.run.point >> news.run.algorithm >> std::ws;
  std::getline(in, news.why);
  std::replace(news.why.begin(), news.why.end(), '\x1f', '\n');
  news.done = kind == 'd';
  return news;
}

void do_sweep(const SweepPlan& plan, const SweepReporter& reporter, std::size_t processes) {
  const auto groups = static_cast<std::size_t>(std::count_if(
      plan.groups().begin(), plan.groups().end(), [&](const SweepGroup& group) { return !plan.done(group); }));
  const std::size_t at_once = std::clamp<std::size_t>(groups, 1, processes);
  Pool pool(at_once);
  for (const auto& group : plan.groups()) {
    if (plan.done(group)) continue;
    pool.start([&] { GroupWork(plan, group, reporter, processes / at_once).run(); },
               [&](const std::string& why) {
                 for (const auto point : group.points)
                   for (std::size_t i = 0; i < plan.algorithms(); ++i)
                     if (!plan.done(RunName{point, i})) reporter.failed({point, i}, why);
               });
  }
}

}  // namespace laconic::sweep
