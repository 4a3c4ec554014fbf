#include "sim/results/columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace laconic::results {

using namespace rounds;

const char* const metric_names[metric_count] = {"loss", "loss_gap", "grad_norm", "accuracy"};
const char* const format_names[2] = {"csv", "csv.gz"};
const char* const stop_names[6] = {"rounds", "sim_time", "upload_bits", "target", "diverged", "interrupted"};

bool RecordRules::needs(Metric metric) const {
  return metrics[static_cast<int>(metric)] ||
         std::any_of(watch.begin(), watch.end(), [&](const Target& t) { return t.metric == metric; });
}

std::string row_header() {
  return "round,iterations,sim_time_s,loss,loss_gap,grad_norm,accuracy,uploads,downloads,upload_bits,download_bits,"
         "wire_bytes_up,wire_bytes_down,compute_s,flops,late,lost,energy_j,"
         "staleness_mean,staleness_max,consensus,comm_hidden_s,comm_exposed_s";
}

std::string row_text(const Row& row) {
  const Ledger& l = row.ledger;
  std::string out = fmt::format("{},{},", row.round, row.iterations);
  if (row.sim_time_s >= 0) out += fmt::format("{:.17g}", row.sim_time_s);
  for (const auto& metric : row.metrics) {
    // The sign of what is no number is chance.
    out += !metric ? "," : std::isnan(*metric) ? ",nan" : fmt::format(",{:.17g}", *metric);
  }
  out += fmt::format(",{},{},{},{},{},{},", l.uploads, l.downloads, l.upload_bits, l.download_bits, l.wire_bytes_up,
                     l.wire_bytes_down);
  if (row.sim_time_s >= 0) out += fmt::format("{:.17g}", l.compute_s);
  out += fmt::format(",{:.17g}", l.flops);
  for (const auto& count : {l.late, l.lost}) out += count ? fmt::format(",{}", *count) : ",";
  out += l.energy_j ? fmt::format(",{:.17g}", *l.energy_j) : ",";
  out += row.staleness_mean ? fmt::format(",{:.17g}", *row.staleness_mean) : ",";
  out += row.staleness_max ? fmt::format(",{}", *row.staleness_max) : ",";
  out += row.metrics.consensus ? fmt::format(",{:.17g}", *row.metrics.consensus) : ",";
  const auto& traffic = l.traffic;
  return out + (traffic && row.sim_time_s >= 0 ? fmt::format(",{:.17g},{:.17g}", traffic->hidden_s, traffic->exposed_s)
                                               : ",,");
}

std::string summary_header(const std::vector<Target>& watch) {
  std::string out = "stopped_by";
  for (const auto& target : watch) {
    const std::string name = fmt::format("to_{}_{:g}", metric_names[static_cast<int>(target.metric)], target.value);
    for (const char* column : {"round", "uploads", "upload_bits", "sim_time_s"})
      out += fmt::format(",{}_{}", name, column);
  }
  return out;
}

std::string summary_text(Stop stop, const std::vector<std::optional<Row>>& reached) {
  std::string out = stop_names[static_cast<int>(stop)];
  for (const auto& row : reached) {
    if (!row) {
      out += ",,,,";
      continue;
    }
    out += fmt::format(",{},{},{},", row->round, row->ledger.uploads, row->ledger.upload_bits);
    if (row->sim_time_s >= 0) out += fmt::format("{:.17g}", row->sim_time_s);
  }
  return out;
}

}  // namespace laconic::results
