#include "sim/run/summary_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <sstream>

#include "algorithms/base/human_units.hpp"

namespace laconic::run {

using namespace results;
using namespace scenario;

namespace {

using Results = std::vector<std::optional<JobResult>>;

struct Column {
  std::string title;
  int rank;  // what has the greatest is left out first
  std::vector<std::string> cells = {};
};

// The target that a table is about, as its place among those that are watched; nothing without one.
std::optional<std::size_t> first_target(const RecordRules& rules) {
  if (rules.watch.empty()) return std::nullopt;
  if (rules.stop_at.empty()) return 0;
  const auto at = std::find(rules.watch.begin(), rules.watch.end(), rules.stop_at.front());
  return static_cast<std::size_t>(at - rules.watch.begin());
}

const Row* arrival(const JobResult& result, std::size_t target) {
  return target < result.reached.size() && result.reached[target] ? &*result.reached[target] : nullptr;
}
const Row* arrival(const std::optional<JobResult>& result, std::size_t target) {
  return result ? arrival(*result, target) : nullptr;
}

std::string metric_words(Metric metric, const std::optional<double>& value) {
  if (!value) return "";
  if (std::isnan(*value)) return "nan";  // without its sign, which is chance
  return metric == Metric::accuracy ? fmt::format("{:.4f}", *value) : fmt::format("{:.3e}", *value);
}

// One column: `words` of each result in this order.
template <class Words>
Column column(std::string title, int rank, const Results& results, const std::vector<std::size_t>& order,
              const Words& words) {
  Column out{std::move(title), rank};
  for (std::size_t i : order) out.cells.push_back(results[i] ? words(*results[i]) : "");
  return out;
}

// The soonest first; who never arrives keeps its place after them, who failed stands last.
std::vector<std::size_t> order_of(const Scenario& s, const Results& results, std::optional<std::size_t> target) {
  const auto cost = [&](std::size_t i) {
    const Row* there = target ? arrival(results[i], *target) : nullptr;
    if (there) return s.cluster.platform ? there->sim_time_s : static_cast<double>(there->round);
    return results[i] ? std::numeric_limits<double>::max() : std::numeric_limits<double>::infinity();
  };
  std::vector<std::size_t> order(results.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return cost(a) < cost(b); });
  return order;
}

std::vector<Column> target_columns(const Scenario& s, const Results& results, const std::vector<std::size_t>& order,
                                   std::size_t target) {
  const auto at = [&](const auto& words) {
    return [&words, target](const JobResult& result) {
      const Row* there = arrival(result, target);
      return there ? words(*there) : std::string("never");
    };
  };
  const auto time = [](const Row& row) { return human_time(row.sim_time_s); };
  const auto rounds = [](const Row& row) { return fmt::format("{}", row.round); };
  const auto bits = [](const Row& row) { return human(static_cast<double>(row.ledger.upload_bits), "bit"); };
  return {s.cluster.platform ? column("time to it", 0, results, order, at(time))
                             : column("rounds to it", 0, results, order, at(rounds)),
          column("bits to it", 0, results, order, at(bits))};
}

// Over all uploads that were taken; nothing for a synchronous method.
std::string mean_staleness(const Row& row) {
  const auto& all = row.ledger.staleness;
  return all && all->uploads > 0
             ? fmt::format("{:.2f}", static_cast<double>(all->sum) / static_cast<double>(all->uploads))
             : "";
}

// Where each run ended. The metric of the target, if there is one, stays however narrow the table is. `ended_there`:
// all ended where they reached the target, whose columns tell their time and bits already.
std::vector<Column> end_columns(const Scenario& s, const Results& results, const std::vector<std::size_t>& order,
                                const Target* aim, bool ended_there) {
  const auto add = [&](const char* title, int rank, const auto& words) {
    return column(title, rank, results, order, [&](const JobResult& result) { return words(result.last); });
  };
  std::vector<Column> out;
  out.push_back(add("rounds", 2, [](const Row& row) { return fmt::format("{}", row.round); }));
  out.push_back(add("uploads", 5, [](const Row& row) { return fmt::format("{}", row.ledger.uploads); }));
  if (!ended_there)
    out.push_back(
        add("bits up", 5, [](const Row& row) { return human(static_cast<double>(row.ledger.upload_bits), "bit"); }));
  out.push_back(
      add("bits down", 6, [](const Row& row) { return human(static_cast<double>(row.ledger.download_bits), "bit"); }));
  if (s.cluster.platform && !ended_there)
    out.push_back(add("simulated time", 4, [](const Row& row) { return human_time(row.sim_time_s); }));
  const auto rank_of = [&](Metric metric) {
    return aim && aim->metric == metric ? 1 : metric == Metric::grad_norm ? 8 : 3;
  };
  const auto stale = [](const auto& result) {
    return result && result->last.ledger.staleness && result->last.ledger.staleness->uploads > 0;
  };
  if (std::any_of(results.begin(), results.end(), stale)) out.push_back(add("staleness", 4, mean_staleness));
  const auto spread = [](const auto& result) { return result && result->last.metrics.consensus; };
  if (std::any_of(results.begin(), results.end(), spread))
    out.push_back(add("consensus", 4, [](const Row& row) {
      return row.metrics.consensus ? fmt::format("{:.2e}", *row.metrics.consensus) : std::string();
    }));
  const Metric final_metric = s.record.needs(Metric::loss_gap) ? Metric::loss_gap : Metric::loss;
  for (Metric metric : {final_metric, Metric::grad_norm, Metric::accuracy})
    if (s.record.needs(metric))
      out.push_back(add(metric_names[static_cast<int>(metric)], rank_of(metric), [&](const Row& row) {
        return metric_words(metric, row.metrics[static_cast<std::size_t>(metric)]);
      }));
  const bool usual = std::all_of(results.begin(), results.end(), [](const auto& result) {
    return result && result->stop != Stop::diverged && result->stop != Stop::interrupted;
  });
  out.push_back(column("stopped by", usual ? 9 : 1, results, order, [](const JobResult& result) -> std::string {
    return result.stop == Stop::diverged ? "DIVERGED" : stop_names[static_cast<int>(result.stop)];
  }));
  return out;
}

std::string text_of(const std::vector<Column>& columns) {
  std::vector<std::vector<std::string>> rows(columns.front().cells.size() + 1);
  for (const Column& column : columns) {
    rows[0].push_back(column.title);
    for (std::size_t i = 0; i < column.cells.size(); ++i) rows[i + 1].push_back(column.cells[i]);
  }
  return aligned(std::move(rows));
}

std::size_t width_of(const std::string& text) {
  std::size_t out = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) out = std::max(out, text_width(line));
  return out;
}

// Leaves out columns until the table is no wider, and says which.
std::string fitted(std::vector<Column> columns, std::size_t width) {
  std::string text = text_of(columns);
  std::vector<std::string> left_out;
  while (width_of(text) > width && columns.size() > 2) {
    const auto last = std::max_element(columns.rbegin(), columns.rend() - 2,
                                       [](const Column& a, const Column& b) { return a.rank < b.rank; });
    left_out.insert(left_out.begin(), last->title);
    columns.erase(last.base() - 1);
    text = text_of(columns);
  }
  if (left_out.empty()) return text;
  return text + fmt::format("not shown: {} (summary.csv has all)\n", fmt::join(left_out, ", "));
}

}  // namespace

std::string result_table(const Scenario& s, const Results& results, std::size_t width) {
  const auto target = first_target(s.record);
  const auto order = order_of(s, results, target);
  std::vector<Column> columns{{"algorithm", 0}};
  for (std::size_t i : order) columns[0].cells.push_back(s.algorithms[i].label);
  std::string notes;
  if (!s.data.stand_in.empty()) notes += fmt::format("stand-in: {}\n", s.data.stand_in);
  if (!s.problem.no_optimum.empty()) notes += fmt::format("no loss_gap: {}\n", s.problem.no_optimum);
  if (s.problem.workload && s.coding_is_free())
    notes += "encoding and decoding take no time: \"codecs\" would say what they cost\n";
  if (target) {
    const Target& aim = s.record.watch[*target];
    notes += fmt::format("target: {} {} {:g}\n", metric_names[static_cast<int>(aim.metric)],
                         aim.metric == Metric::accuracy ? "at least" : "at most", aim.value);
    for (Column& column : target_columns(s, results, order, *target)) columns.push_back(std::move(column));
  }
  if (s.chosen) notes += s.chosen->note + '\n';
  const bool ended_there = target && std::all_of(results.begin(), results.end(), [&](const auto& result) {
                             const Row* there = arrival(result, *target);
                             return there && there->round == result->last.round;
                           });
  for (Column& column : end_columns(s, results, order, target ? &s.record.watch[*target] : nullptr, ended_there))
    columns.push_back(std::move(column));
  for (std::size_t place = 0; place < order.size(); ++place)
    if (!results[order[place]]) columns[1].cells[place] = "failed";
  if (s.chosen) {  // behind the algorithm and its costs, and kept however narrow the table is
    Column chosen{s.chosen->title, 0, {}};
    for (std::size_t i : order) chosen.cells.push_back(s.chosen->cells[i]);
    columns.insert(columns.begin() + (target ? 3 : 1), std::move(chosen));
  }
  const auto same = [](const Column& column) {
    return column.cells.size() > 1 && std::equal(column.cells.begin() + 1, column.cells.end(), column.cells.begin());
  };
  const auto first_end = columns.begin() + (target ? 3 : 1) + (s.chosen ? 1 : 0);
  const auto constant = std::stable_partition(first_end, columns.end(), [&](const Column& c) { return !same(c); });
  for (auto column = constant; column != columns.end(); ++column)
    if (column->rank > 1) column->rank += 100;
  return notes + fitted(std::move(columns), width);
}

}  // namespace laconic::run
