#include "sim/run/summary_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "algorithms/base/human_units.hpp"

namespace laconic::run {

using namespace results;
using namespace scenario;

namespace {

// Of all uploads that were taken; nothing for a synchronous method.
std::string mean_staleness(const Row& row) {
  const auto& all = row.ledger.staleness;
  return all && all->uploads > 0
             ? fmt::format("{:.2f}", static_cast<double>(all->sum) / static_cast<double>(all->uploads))
             : "";
}

}  // namespace

std::string result_table(const Scenario& s, const std::vector<std::optional<JobResult>>& results) {
  const auto named = [&](Metric metric) { return s.record.needs(metric); };
  const Metric final_metric = named(Metric::loss_gap) ? Metric::loss_gap : Metric::loss;
  std::vector<std::string> header{"algorithm", "rounds", "uploads", "bits up", "bits down"};
  if (s.cluster.platform) header.push_back("simulated time");
  for (Metric metric : {final_metric, Metric::grad_norm, Metric::accuracy})
    if (named(metric)) header.push_back(metric_names[static_cast<int>(metric)]);
  const bool stale = std::any_of(results.begin(), results.end(), [](const auto& result) {
    return result && result->last.ledger.staleness && result->last.ledger.staleness->uploads > 0;
  });
  if (stale) header.push_back("staleness");
  header.push_back("stopped by");

  std::vector<std::vector<std::string>> rows{header};
  for (std::size_t i = 0; i < results.size(); ++i) {
    std::vector<std::string> line{s.algorithms[i].label};
    if (!results[i]) {
      line.push_back("failed");
      rows.push_back(line);
      continue;
    }
    const Row& row = results[i]->last;
    line.push_back(fmt::format("{}", row.round));
    line.push_back(fmt::format("{}", row.ledger.uploads));
    line.push_back(human(static_cast<double>(row.ledger.upload_bits), "bit"));
    line.push_back(human(static_cast<double>(row.ledger.download_bits), "bit"));
    if (s.cluster.platform) line.push_back(human_time(row.sim_time_s));
    for (Metric metric : {final_metric, Metric::grad_norm, Metric::accuracy}) {
      if (!named(metric)) continue;
      const auto& value = row.metrics[static_cast<int>(metric)];
      line.push_back(!value                       ? ""
                     : std::isnan(*value)         ? "nan"
                     : metric == Metric::accuracy ? fmt::format("{:.4f}", *value)
                                                  : fmt::format("{:.3e}", *value));
    }
    if (stale) line.push_back(mean_staleness(row));
    line.push_back(results[i]->stop == Stop::diverged ? "DIVERGED" : stop_names[static_cast<int>(results[i]->stop)]);
    rows.push_back(line);
  }
  std::string notes;
  if (!s.data.stand_in.empty()) notes += fmt::format("stand-in: {}\n", s.data.stand_in);
  if (!s.problem.no_optimum.empty()) notes += fmt::format("no loss_gap: {}\n", s.problem.no_optimum);
  return notes + aligned(rows);
}

}  // namespace laconic::run
