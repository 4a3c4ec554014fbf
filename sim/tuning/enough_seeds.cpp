#include "sim/tuning/enough_seeds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <tuple>

#include "algorithms/base/error.hpp"
#include "algorithms/base/human_units.hpp"
#include "sim/processes/interrupts.hpp"
#include "sim/results/over_seeds.hpp"
#include "sim/sweep/sweep.hpp"

namespace laconic::tuning {

using namespace results;
using namespace scenario;
using namespace processes;
using namespace sweep;
using run::RunOptions;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr double unreached = std::numeric_limits<double>::infinity();

// Where a metric stands among the four costs that a line of summary.csv ends with for each target.
std::size_t place_of(const std::string& metric) {
  constexpr const char* costs[] = {"round", "uploads", "upload_bits", "sim_time_s"};
  return static_cast<std::size_t>(std::find(std::begin(costs), std::end(costs), metric) - std::begin(costs));
}

// What each target cost; infinite where it was not reached.
std::vector<double> costs_in(const std::string& line, std::size_t targets, const std::string& metric) {
  std::vector<std::string> fields(4 * targets);
  std::size_t end = line.find_last_not_of('\n') + 1;
  for (std::size_t i = fields.size(); i-- > 0;) {
    const std::size_t comma = line.rfind(',', end - 1);
    fields[i] = line.substr(comma + 1, end - comma - 1);
    end = comma;
  }
  std::vector<double> out;
  for (std::size_t i = 0; i < targets; ++i) {
    const std::string& field = fields[4 * i + place_of(metric)];
    out.push_back(field.empty() ? unreached : std::strtod(field.c_str(), nullptr));
  }
  return out;
}

// What a target costs an algorithm at a point, by seed.
struct Cell {
  json point;
  std::size_t algorithm, target;
  auto operator<=>(const Cell& other) const {
    return std::tie(point, algorithm, target) <=> std::tie(other.point, other.algorithm, other.target);
  }
};
using Costs = std::map<Cell, std::vector<Known>>;

Costs costs_of(const SweepPlan& plan, std::size_t targets, const std::string& metric) {
  Costs out;
  std::string line;
  TablePiece rows;
  for (std::size_t n = 0; n < plan.sweep().size(); ++n) {
    json point = plan.sweep().values(n);
    point.erase("/seed");
    for (std::size_t i = 0; i < plan.algorithms(); ++i) {
      if (!plan.read_run({n, i}, line, rows)) throw RunError(plan.file() + ": a run that was there is gone");
      const auto costs = costs_in(line, targets, metric);
      for (std::size_t t = 0; t < targets; ++t) out[{point, i, t}].push_back({costs[t], costs[t]});
    }
  }
  return out;
}

// As a share of the median. That nobody ever arrives is sure.
double width_of(const std::vector<Known>& costs, double enough) {
  const double middle = median(costs).low;
  const auto share = [&](const Known& x) {
    return x.low == x.high ? 0 : std::isinf(x.high) || !(middle > 0) ? unreached : (x.high - x.low) / middle;
  };
  if (const double all = share(range_of(costs)); all <= enough) return all;  // and so is the interval
  return share(interval_of_median(costs));
}

std::string cost_words(const std::string& metric, double cost) {
  if (std::isinf(cost)) return "never";
  return metric == "sim_time_s"    ? human_time(cost)
         : metric == "upload_bits" ? human(cost, "bit")
                                   : fmt::format("{}", cost);
}

std::string table_of(const Costs& costs, const SweepPlan& plan, const std::vector<Target>& watch,
                     const std::string& metric) {
  std::vector<std::vector<std::string>> rows{{"algorithm", "target", metric, "95 % interval"}};
  const json algorithms = plan.sweep().source(0)["algorithms"];
  for (const auto& [cell, each] : costs) {
    const json& entry = algorithms[cell.algorithm];
    const Known interval = interval_of_median(each);
    const Target& target = watch[cell.target];
    rows.push_back({entry.value("label", entry["method"].get<std::string>()),
                    fmt::format("{} {:g}", metric_names[static_cast<int>(target.metric)], target.value),
                    cost_words(metric, median(each).low),
                    fmt::format("{} .. {}", cost_words(metric, interval.low), cost_words(metric, interval.high))});
  }
  return aligned(std::move(rows));
}

}  // namespace

std::string EnoughSeeds::words(const Seeds& asked) const {
  if (widest <= asked.until) return fmt::format("{} seeds: intervals within {:g} %", seeds, 100 * asked.until);
  if (std::isinf(widest)) return fmt::format("{} seeds, and some of them miss a target that others reach", seeds);
  return fmt::format("{} seeds, still {:.2g} %", seeds, 100 * widest);
}

std::optional<EnoughSeeds> run_enough(const Seeds& asked, const std::vector<Target>& watch,
                                      const std::function<ChosenPoints(std::size_t n)>& at, const fs::path& file,
                                      const ResultFolder& folder, const RunOptions& options) {
  const CountedInterrupts counted;
  EnoughSeeds out;
  for (out.seeds = Seeds::least;; out.seeds = std::min(asked.most, out.seeds + (out.seeds + 3) / 4)) {
    const ChosenPoints chosen = at(out.seeds);
    SweepPlan plan(chosen.swept, file, chosen.changes);
    plan.keep_in(folder.points());
    const Worked worked = work_through(plan, options, "runs");
    if (worked.done < plan.runs()) {
      fmt::print(options.quiet ? stderr : stdout, "{} of {} runs are done; the same command goes on from there\n",
                 worked.done, plan.runs());
      return {};
    }
    plan.look();
    const Costs costs = costs_of(plan, watch.size(), asked.metric);
    out.widest = 0;
    for (const auto& [cell, each] : costs) out.widest = std::max(out.widest, width_of(each, asked.until));
    if (out.widest > asked.until && out.seeds < asked.most) continue;
    if (plan.sweep().pointers().size() == 1) out.table = table_of(costs, plan, watch, asked.metric);
    return out;
  }
}

}  // namespace laconic::tuning
