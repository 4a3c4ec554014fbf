#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "algorithms/base/error.hpp"
#include "algorithms/base/human_units.hpp"
#include "algorithms/base/text.hpp"
#include "sim/calibrate/calibrate.hpp"
#include "sim/calibrate/deployed.hpp"
#include "sim/results/result_file.hpp"
#include "sim/run/provenance.hpp"

namespace laconic::calibrate {

using nlohmann::ordered_json;

namespace {

using Estimates = std::vector<Estimate>;

// "81.2345678us", which a scenario reads back to nine digits.
std::string quantity(double value, const char* unit) {
  constexpr std::pair<double, const char*> prefixes[] = {{1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}};
  constexpr std::pair<double, const char*> small[] = {{1, ""}, {1e-3, "m"}, {1e-6, "u"}, {1e-9, "n"}};
  const bool time = std::string_view(unit) == "s";
  for (const auto& [factor, prefix] : time ? small : prefixes)
    if (value >= factor) return fmt::format("{:.9g}{}{}", value / factor, prefix, unit);
  return time ? fmt::format("{:.9g}ns", value / 1e-9) : fmt::format("{:.9g}{}", value, unit);
}

std::string seconds(double x) { return quantity(x, "s"); }
std::string rate(double x) { return quantity(8 * x, "bps"); }
std::string speed(double x) { return quantity(x, "f"); }

template <class Words>
ordered_json one_or_all(const Estimates& values, const Words& words) {
  if (values.size() == 1) return words(values[0].value);
  auto out = ordered_json::array();
  for (const Estimate& x : values) out.push_back(words(x.value));
  return out;
}

ordered_json spread_of(const Estimates& values) {
  auto out = ordered_json::array();
  for (const Estimate& x : values) out.push_back({{"value", x.value}, {"low", x.low}, {"high", x.high}});
  return values.size() == 1 ? out[0] : out;
}

// The lines of the table of parameters: a value, between what, from what.
template <class Words>
void add_rows(std::vector<std::vector<std::string>>& rows, const std::string& name, const Estimates& values,
              const Words& words, std::size_t count, const char* things) {
  for (std::size_t i = 0; i < values.size(); ++i)
    rows.push_back({values.size() == 1 ? name : fmt::format("{} {}", name, host_name(static_cast<int>(i))),
                    words(values[i].value), words(values[i].low), words(values[i].high),
                    i == 0 ? fmt::format("{} {}", count, things) : ""});
}

std::string table_of(const Calibration& found) {
  std::vector<std::vector<std::string>> rows{{"", "value", "2.5 %", "97.5 %", "from"}};
  const NetworkFit& network = found.network;
  const auto bytes = [](double x) { return fmt::format("{:.0f} B", x); };
  add_rows(rows, "latency", network.latency, time_words, network.messages, "messages");
  add_rows(rows, "bandwidth", network.bandwidth, rate_words, network.messages, "messages");
  add_rows(rows, "server_bandwidth", {network.server_bandwidth}, rate_words, network.met, "that met");
  add_rows(rows, "header", {found.header}, bytes, network.messages, "messages");
  add_rows(rows, "worker_speed", found.computing.speed, speed_words, found.computing.computations, "computations");
  if (found.computing.server_speed)
    add_rows(rows, "server_speed", {*found.computing.server_speed}, speed_words, found.computing.computations,
             "computations");
  return aligned(std::move(rows));
}

std::string errors_of(const Calibration& found) {
  std::vector<std::vector<std::string>> rows{{"held out", "what", "median |error|", "median error", "worst"}};
  const auto percent = [](double x) { return fmt::format("{:.1f} %", 100 * x); };
  for (const HeldOutError& error : found.held_out)
    rows.push_back({printable(error.algorithm),
                    fmt::format("{} {}", error.count, error.rounds ? "rounds" : "messages and computations"),
                    percent(error.median), fmt::format("{:+.1f} %", 100 * error.shift), percent(error.worst)});
  return aligned(std::move(rows));
}

void write(const std::filesystem::path& out, const std::string& text) {
  std::error_code ignored;
  if (std::filesystem::is_directory(out, ignored))
    throw InputError(fmt::format("--out: expected a file's name, got {}, which is a folder", out.string()));
  const auto folder = out.parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder, ignored))
    throw InputError(fmt::format("--out: there is no folder {}", folder.string()));
  results::ResultFile file(out);
  file.write(text);
  file.commit();
}

}  // namespace

ordered_json Calibration::told() const {
  ordered_json out;
  ordered_json& platform = out["platform"];
  platform = {{"type", "star"}};
  platform["latency"] = one_or_all(network.latency, seconds);
  platform["bandwidth"] = one_or_all(network.bandwidth, rate);
  platform["server_bandwidth"] = rate(network.server_bandwidth.value);
  if (!computing.speed.empty()) platform["worker_speed"] = one_or_all(computing.speed, speed);
  if (computing.server_speed) platform["server_speed"] = speed(computing.server_speed->value);
  out["network"] = {{"model", "alpha-beta"}, {"header", static_cast<std::uint64_t>(header.value)}};
  ordered_json& own = out["calibrated"];
  own["by"] = run::version_line();
  own["spread"] = {{"latency", spread_of(network.latency)},
                   {"bandwidth", spread_of(network.bandwidth)},
                   {"server_bandwidth", spread_of({network.server_bandwidth})},
                   {"header", spread_of({header})}};
  if (!computing.speed.empty()) own["spread"]["worker_speed"] = spread_of(computing.speed);
  if (computing.server_speed) own["spread"]["server_speed"] = spread_of({*computing.server_speed});
  if (computing.overhead) own["spread"]["overhead_s"] = spread_of({*computing.overhead});
  own["held_out"] = ordered_json::array();
  for (const HeldOutError& error : held_out)
    own["held_out"].push_back({{"algorithm", error.algorithm},
                               {"of", error.rounds ? "rounds" : "messages and computations"},
                               {"count", error.count},
                               {"median_error", error.median},
                               {"median_shift", error.shift},
                               {"worst_error", error.worst}});
  own["remarks"] = remarks;
  return out;
}

int calibrate_runs(const std::vector<std::filesystem::path>& folders, const CalibrateOptions& options) {
  std::vector<DeployedRun> deployed;
  for (const auto& folder : folders) deployed.push_back(read_deployed(folder));
  const Calibration found = calibrate(deployed, options);
  const ordered_json told = found.told();
  if (!options.out.empty()) write(options.out, told.dump(2) + '\n');
  if (options.as_json) {
    fmt::print("{}\n", told.dump(2));
    return 0;
  }
  fmt::print("{}", table_of(found));
  if (!found.held_out.empty()) fmt::print("\n{}", errors_of(found));
  fmt::print("\n\"platform\": {},\n\"network\": {}\n", told["platform"].dump(), told["network"].dump());
  for (const auto& words : found.remarks) fmt::print(stderr, "note: {}\n", printable(words));
  if (!options.out.empty()) fmt::print("\n{}\n", printable(options.out.string()));
  return 0;
}

}  // namespace laconic::calibrate
