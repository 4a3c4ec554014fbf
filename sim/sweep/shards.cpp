#include "sim/sweep/shards.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <queue>
#include <sstream>
#include <utility>

#include "algorithms/base/digest.hpp"
#include "algorithms/base/error.hpp"
#include "algorithms/base/temporary_file.hpp"
#include "sim/processes/interrupts.hpp"
#include "sim/results/result_file.hpp"
#include "sim/results/result_folder.hpp"
#include "sim/sweep/workers.hpp"

namespace laconic::sweep {

using namespace results;
using namespace scenario;
using namespace processes;
using namespace run;

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// Runs that one shard does together.
struct Piece {
  std::uint64_t cost = 0;
  std::vector<std::uint32_t> runs;
};

// The runs of one algorithm that learn the same, in pieces of at most about `most`, but for what they all begin with.
void cut_strand(const std::vector<std::uint32_t>& runs, const std::vector<std::uint64_t>& costs, std::uint64_t learning,
                std::uint64_t most, std::vector<Piece>& out) {
  std::uint64_t total = 0;
  for (const auto cost : costs) total += cost;
  const std::uint64_t pieces =
      std::clamp<std::uint64_t>(total / std::max<std::uint64_t>({1, most, learning}) + 1, 1, runs.size());
  std::uint64_t sum = 0;
  for (std::size_t i = 0, piece = 0; i < runs.size(); ++i) {
    if (i == 0 || static_cast<double>(sum) * static_cast<double>(pieces) >=
                      static_cast<double>(piece) * static_cast<double>(total)) {
      out.push_back({learning, {}});
      ++piece;
    }
    out.back().runs.push_back(runs[i]);
    out.back().cost += costs[i];
    sum += costs[i];
  }
}

std::vector<Piece> pieces_of(const OpenSweep& sweep, std::size_t shards, const std::vector<bool>& missing,
                             std::uint64_t& total) {
  const SweepPlan& plan = sweep.plan;
  const Estimate estimate(sweep);
  struct Strand {
    std::vector<std::uint32_t> runs;
    std::vector<std::uint64_t> costs;
    std::uint64_t learning = 0;
    bool alone = false;
  };
  std::vector<Strand> strands;
  for (const SweepGroup& group : plan.groups())
    for (std::size_t i = 0; i < plan.algorithms(); ++i) {
      Strand strand;
      for (const auto point : group.points)
        if (missing[plan.index({point, i})]) strand.runs.push_back(static_cast<std::uint32_t>(plan.index({point, i})));
      if (strand.runs.empty()) continue;
      strand.alone = group.live || strand.runs.size() == 1;
      if (!strand.alone) strand.learning = estimate.learning({group.points.front(), i});
      total += strand.learning;
      for (const auto run : strand.runs) {
        strand.costs.push_back(estimate.run(plan.run(run), strand.alone));
        total += strand.costs.back();
      }
      strands.push_back(std::move(strand));
    }
  std::vector<Piece> out;
  for (const Strand& strand : strands) {
    if (strand.alone)
      for (std::size_t i = 0; i < strand.runs.size(); ++i) out.push_back({strand.costs[i], {strand.runs[i]}});
    else
      cut_strand(strand.runs, strand.costs, strand.learning, total / shards, out);
  }
  return out;
}

// "0-199 250 300-310": the numbers that are true.
std::string ranges(const std::vector<bool>& of) {
  std::string out;
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (!of[i]) continue;
    const std::size_t first = i;
    while (i + 1 < of.size() && of[i + 1]) ++i;
    out += fmt::format("{}{}", out.empty() ? "" : " ", first);
    if (i > first) out += fmt::format("-{}", i);
  }
  return out;
}

std::vector<bool> in_ranges(const std::string& text, std::size_t size) {
  std::vector<bool> out(size);
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    std::size_t first = 0, last = 0;
    const int found = std::sscanf(word.c_str(), "%zu-%zu", &first, &last);
    if (found < 1) continue;
    if (found == 1) last = first;
    for (std::size_t i = first; i <= last && i < size; ++i) out[i] = true;
  }
  return out;
}

fs::path list_of(const fs::path& points, std::size_t shards) { return points / fmt::format("of-{}.list", shards); }

std::vector<bool> all_of(const OpenSweep& sweep) { return std::vector<bool>(sweep.plan.runs(), true); }

}  // namespace

std::uint64_t Estimate::learning(const RunName& run) const {
  const RunSize& size = sweep_.plan.size_of(run);
  const double workers = size.workers, samples = std::max(1.0, sweep_.samples);
  const double share = size.batch > 0 ? std::min(1.0, size.batch * workers / samples) : 1;
  constexpr double per_worker = 2, per_number = 0.004, per_flop = 0.0005, most = 1e12;
  const double round = workers * (per_worker + per_number * sweep_.d) + per_flop * share * sweep_.flops;
  return static_cast<std::uint64_t>(std::min(most, size.rounds * round));
}

std::uint64_t Estimate::run(const RunName& run, bool alone) const {
  const RunSize& size = sweep_.plan.size_of(run);
  constexpr double process = 1e4, most = 1e12;
  const double each = size.simulated ? 4.0 * size.workers + 3 : 0.04 * size.workers + 0.3;
  const double once = size.simulated || alone ? process : 20;
  return static_cast<std::uint64_t>(std::min(most, once + size.rounds * each)) + (alone ? learning(run) : 0);
}

Cut::Cut(const OpenSweep& sweep, std::size_t shards) : Cut(sweep, shards, all_of(sweep), "all") {}

Cut::Cut(const OpenSweep& sweep, std::size_t shards, const std::vector<bool>& missing, const std::string& list)
    : count_(shards),
      digest_(sweep.plan.digest()),
      list_(list),
      name_(digest_of(fmt::format("{} {} {}", digest_, shards, list)).substr(0, 12)) {
  for (std::size_t run = 0; run < missing.size(); ++run)
    shards_.push_back(static_cast<std::uint32_t>(run % shards + 1));
  std::uint64_t total = 0;
  std::vector<Piece> pieces = pieces_of(sweep, shards, missing, total);
  std::stable_sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.cost > b.cost; });
  // The longest first, each to the shard that has least.
  using Load = std::pair<std::uint64_t, std::uint32_t>;
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;
  for (std::uint32_t shard = 1; shard <= shards; ++shard) loads.push({0, shard});
  std::uint64_t longest = 0;
  for (const Piece& piece : pieces) {
    const auto [load, shard] = loads.top();
    loads.pop();
    loads.push({load + piece.cost, shard});
    longest = std::max(longest, load + piece.cost);
    for (const auto run : piece.runs) shards_[run] = shard;
  }
  longest_s_ = 1e-6 * static_cast<double>(longest);
  total_s_ = 1e-6 * static_cast<double>(total);
}

Cut Cut::open(const OpenSweep& sweep, std::size_t shards, const fs::path& points) {
  std::ifstream in(list_of(points, shards));
  std::string digest, list;
  if (!(in >> digest >> std::ws) || !std::getline(in, list)) return {sweep, shards};
  if (digest == sweep.plan.digest()) return {sweep, shards, in_ranges(list, sweep.plan.runs()), list};
  if (std::getenv("SLURM_ARRAY_TASK_ID"))
    throw InputError(
        fmt::format("{}: the scenario, its data or Laconic's version are not those that were submitted: "
                    "submit it again",
                    sweep.plan.file()));
  return {sweep, shards};
}

Cut Cut::of_missing(const OpenSweep& sweep, std::size_t shards) {
  const SweepPlan& plan = sweep.plan;
  std::vector<bool> missing(plan.runs());
  for (std::size_t i = 0; i < missing.size(); ++i) missing[i] = !plan.finished(plan.run(i));
  const auto count = static_cast<std::size_t>(std::count(missing.begin(), missing.end(), true));
  return {sweep, std::clamp<std::size_t>(shards, 1, std::max<std::size_t>(1, count)), missing, ranges(missing)};
}

void Cut::save(const fs::path& points) const {
  ResultFile out(list_of(points, count_));
  out.write(fmt::format("{}\n{}\n", digest_, list_));
  out.commit();
}

std::vector<bool> Cut::share(std::size_t shard) const {
  std::vector<bool> out(shards_.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = shards_[i] == shard;
  return out;
}

Standing standing_of(const SweepPlan& plan) {
  Standing out;
  for (std::size_t i = 0; i < plan.runs(); ++i) {
    const RunName run = plan.run(i);
    if (plan.finished(run)) continue;
    if (auto why = plan.failure(run))
      out.failed[run] = std::move(*why);
    else
      out.missing.push_back(run);
  }
  return out;
}

ResultFolder folder_of(const std::string& name, const RunOptions& options, ResultFolder::Kind kind) {
  return {options.out.empty() ? fs::path("results") / name : options.out, kind};
}

bool is_over(const SharedSweep& shared) {
  return !fs::exists(shared.folder.points()) && holds_tables(shared.sweep, shared.folder.path());
}

int say_there(const SharedSweep& shared) {
  const std::size_t runs = shared.sweep.plan.runs();
  say_made(shared.sweep, shared.folder.path(), runs, runs, 0);
  return exit_code(shared.folder.path(), 0);
}

namespace {

// A file that says that a shard has nothing left to do but what failed.
class Mark {
 public:
  Mark(const fs::path& points, const Cut& cut, Shard shard)
      : points_(points),
        before_(cut.name() + '-'),
        of_(shard.of),
        path_(points / fmt::format("{}{}.done", before_, shard.number)) {}

  void remove() const {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  void set() const {
    if (!std::ofstream(path_)) throw RunError(fmt::format("{}: cannot write", path_.string()));
  }
  // Whether all shards of the cut are marked.
  bool is_last() const {
    std::size_t marks = 0;
    std::error_code error;
    for (fs::directory_iterator at(points_, error), end; !error && at != end; at.increment(error))
      marks += at->path().extension() == ".done" && at->path().filename().string().starts_with(before_);
    return marks >= of_;
  }

 private:
  fs::path points_;
  std::string before_;
  std::size_t of_;
  fs::path path_;
};

// While one of these lives, nobody removes the points: what is being written lacks runs that failed, and another shard
// that has just made good for them must leave them to be found.
class LackingTables {
 public:
  explicit LackingTables(const fs::path& points) : file_(points / name) {}
  static bool any_in(const fs::path& points) {
    std::error_code error;
    for (fs::directory_iterator at(points, error), end; !error && at != end; at.increment(error))
      if (at->path().filename().string().find(name) != std::string::npos) return true;
    return false;
  }

 private:
  static constexpr const char* name = "lacking-tables";
  TemporaryFile file_;
};

// Others have made the tables: what they were made of may go.
int say_others_made(const SharedSweep& shared) {
  std::error_code ignored;
  fs::remove_all(shared.folder.points(), ignored);
  return say_there(shared);
}

// Makes the tables of a sweep that has looked. Returns the exit code where that does not work.
std::optional<int> make_whole_tables(const SharedSweep& shared, const Standing& standing, Clock::time_point start) {
  switch (make_tables(shared.sweep, shared.folder.path(), standing.failed.size(), start)) {
    case Tables::made:
      return {};
    case Tables::interrupted:
      fmt::print("interrupted: no tables yet; `laconic sweep {} --merge` makes them\n", shared.sweep.plan.file());
      return 3;
    case Tables::gone:
      break;
  }
  if (holds_tables(shared.sweep, shared.folder.path())) return say_there(shared);
  throw RunError(fmt::format("{}: somebody has removed finished runs", shared.folder.points().string()));
}

// Makes the tables, unless runs are missing. `itself`: nobody has asked for it, and others may be at the same.
int merge(SharedSweep& shared, bool itself, Clock::time_point start) {
  SweepPlan& plan = shared.sweep.plan;
  const ResultFolder& folder = shared.folder;
  Standing standing;
  std::optional<LackingTables> lacking;
  plan.take({});
  for (std::optional<std::size_t> written;;) {
    plan.look();
    if (written == plan.kept()) break;  // nothing has come meanwhile
    standing = standing_of(plan);
    if (!standing.missing.empty()) {
      if (holds_tables(shared.sweep, folder.path())) return say_others_made(shared);
      if (itself) return 0;
      fmt::print("{} of {} {} are done, {} failed, {} are missing: no tables yet\n", plan.kept(), plan.runs(),
                 shared.what, standing.failed.size(), standing.missing.size());
      return 3;
    }
    if (!standing.failed.empty() && !lacking) {
      lacking.emplace(folder.points());
      continue;
    }
    if (const auto code = make_whole_tables(shared, standing, start)) return *code;
    written = plan.kept();
    if (standing.failed.empty()) break;
  }
  const std::size_t failed = standing.failed.size();
  if (!itself) report_failures(plan, standing.failed);
  lacking.reset();
  if (failed == 0 && !(itself && LackingTables::any_in(folder.points()))) plan.remove_finished();
  say_made(shared.sweep, folder.path(), plan.runs() - failed, 0, failed);
  return exit_code(folder.path(), failed);
}

ShardEnd do_shard(SharedSweep& shared, const RunOptions& options, Shard shard) {
  SweepPlan& plan = shared.sweep.plan;
  const fs::path points = shared.folder.points();
  const Cut cut = Cut::open(shared.sweep, shard.of, points);
  const std::vector<bool> share = cut.share(shard.number);
  const auto total = static_cast<std::size_t>(std::count(share.begin(), share.end(), true));
  const Mark mark(points, cut, shard);
  mark.remove();
  plan.take(share);
  plan.keep_in(points, {cut.name(), shard.number});
  const std::size_t kept = plan.kept();
  if (!fs::exists(points / "running.json")) write_running(shared.sweep, points, true);
  SweepOutcome outcome;
  if (total > 0) outcome = work_and_listen(plan, total, options, shared.what);
  if (holds_tables(shared.sweep, shared.folder.path())) return {say_others_made(shared), false};
  report_failures(plan, outcome.failed);
  const std::size_t done = kept + outcome.done, failed = outcome.failed.size();
  if (done + failed < total) {
    fmt::print("shard {}/{}: {} of its {} {} are done; the same command goes on from there\n", shard.number, shard.of,
               done, total, shared.what);
    return {3, false};
  }
  fmt::print("shard {}/{}: {} {} done{}{}\n", shard.number, shard.of, done, shared.what,
             kept > 0 ? fmt::format(", {} of them before", kept) : "",
             failed == 0 ? "" : fmt::format(", {} failed: the same command tries them again", failed));
  mark.set();
  return {failed == 0 ? 0 : 3, mark.is_last()};
}

}  // namespace

ShardEnd work_on_shard(SharedSweep& shared, const RunOptions& options, Shard shard) {
  const CountedInterrupts counted;
  shared.folder.refuse_result();
  shared.folder.make();
  shared.folder.make_points(false);
  try {
    return do_shard(shared, options, shard);
  } catch (const RunError&) {  // so that nothing can be written there any more, perhaps
    if (!holds_tables(shared.sweep, shared.folder.path())) throw;
    return {say_others_made(shared), false};
  }
}

int run_shard(SharedSweep& shared, const RunOptions& options, Shard shard) {
  const auto start = Clock::now();
  if (is_over(shared)) return say_there(shared);
  const CountedInterrupts counted;
  const ShardEnd end = work_on_shard(shared, options, shard);
  if (!end.last) return end.code;
  try {
    const int merged = merge(shared, true, start);
    return end.code == 0 ? merged : end.code;
  } catch (const RunError&) {
    if (!holds_tables(shared.sweep, shared.folder.path())) throw;
    return say_others_made(shared);
  }
}

int merge_sweep(SharedSweep& shared) {
  const auto start = Clock::now();
  const CountedInterrupts counted;
  if (is_over(shared)) return say_there(shared);
  if (!fs::is_directory(shared.folder.points()))
    throw InputError(
        fmt::format("--merge: {}: expected a folder that a sweep was begun in", shared.folder.path().string()));
  shared.sweep.plan.keep_in(shared.folder.points());
  return merge(shared, false, start);
}

}  // namespace laconic::sweep
