#include "sim/scenario/read_record.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/base/error.hpp"
#include "platforms/quantity.hpp"

namespace laconic::scenario {

using namespace platforms;
using namespace results;

namespace {

using nlohmann::json;

void read_stop(RecordRules& rules, const Source& source) {
  Params stop = source.block("stop");
  rules.rounds = stop.count("rounds", {}, 1, "stop after so many rounds");
  if (stop.has("sim_time"))
    rules.sim_time = quantity(stop, "sim_time", nullptr, Unit::time, "stop at this simulated time");
  if (rules.sim_time == 0.0) stop.fail("sim_time", "a positive time");
  if (rules.sim_time && source.json["platform"]["type"] == "none")
    stop.refuse("sim_time", "a scenario without a network has no simulated time");
  if (stop.has("upload_bits")) rules.upload_bits = stop.number("upload_bits", {}, positive, "stop after so many bits");
  for (int i = 0; i < metric_count; ++i) {
    if (!stop.has(metric_names[i])) continue;
    rules.stop_at.push_back(
        {static_cast<Metric>(i), stop.number(metric_names[i], {}, any_number, "stop when reached")});
  }
  stop.finish("stop");
  rules.watch = rules.stop_at;
}

}  // namespace

RecordRules read_record(const Source& source, bool has_optimum) {
  RecordRules rules;
  Params record = source.block("record");
  rules.every = record.count("every", 1, 1, "rounds from one row to the next");
  const json* metrics = record.look("metrics", "loss, loss_gap (if min f is known), grad_norm", "a list of metrics",
                                    "what the rows hold");
  for (int i = 0; i < metric_count; ++i) {
    rules.metrics[i] = metrics ? metrics->end() != std::find(metrics->begin(), metrics->end(), metric_names[i])
                               : i != static_cast<int>(Metric::accuracy);
  }
  if (!metrics && !has_optimum) rules.metrics[static_cast<int>(Metric::loss_gap)] = false;
  const std::string format = record.choice("format", format_names[0], {format_names[0], format_names[1]},
                                           "how trajectory.csv is written: as it is, or packed with gzip");
  if (format == format_names[1]) rules.format = TableFormat::csv_gz;
  record.finish("record");
  read_stop(rules, source);
  return rules;
}

RecordRules watching(RecordRules rules, const std::vector<Claim>& claims) {
  for (const Claim& claim : claims) {
    rules.metrics[static_cast<int>(Metric::loss)] = true;  // tells whether it diverged
    for (int i = 0; i < metric_count; ++i)
      if (claim.metric == metric_names[i]) rules.metrics[i] = true;
    if (!claim.to || !claim.to->target) continue;
    const Target target{*claim.to->target, claim.to->value};
    if (std::find(rules.watch.begin(), rules.watch.end(), target) == rules.watch.end()) rules.watch.push_back(target);
  }
  return rules;
}

RecordRules without_metrics(RecordRules rules, const Source& source) {
  const auto refuse = [&](const std::string& place, const char* metric) {
    throw InputError(
        fmt::format("{}: {}: a \"workload\" learns nothing, and has no {}: stop by \"rounds\", \"sim_time\" or "
                    "\"upload_bits\", and compare times and bits",
                    source.file, place, metric));
  };
  for (const Target& target : rules.stop_at) {
    const char* metric = metric_names[static_cast<int>(target.metric)];
    refuse(fmt::format("/stop/{}", metric), metric);
  }
  for (const Target& target : rules.watch) refuse("/claims", metric_names[static_cast<int>(target.metric)]);
  const json record = source.json.value("record", json::object());
  if (record.contains("metrics") && !record["metrics"].empty())
    refuse("/record/metrics", record["metrics"][0].get_ref<const std::string&>().c_str());
  const json claims = source.json.value("claims", json::array());
  for (std::size_t i = 0; i < claims.size(); ++i)
    for (const char* metric : metric_names)
      if (claims[i].value("metric", json()) == metric ||
          (claims[i].contains("converges") && !claims[i].contains("metric")))
        refuse(fmt::format("/claims/{}", i), claims[i].contains("metric") ? metric : "loss_gap");
  for (bool& recorded : rules.metrics) recorded = false;
  return rules;
}

bool names_gap(const json& source) {
  if (source["stop"].contains("loss_gap") || claims_name_gap(source)) return true;
  const json metrics = source.value("record", json::object()).value("metrics", json::array());
  return std::find(metrics.begin(), metrics.end(), "loss_gap") != metrics.end();
}

}  // namespace laconic::scenario
