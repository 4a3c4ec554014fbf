#include "sim/calibrate/calibrate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "algorithms/base/error.hpp"
#include "algorithms/base/human_units.hpp"
#include "sim/calibrate/deployed.hpp"

namespace laconic::calibrate {
namespace {

using Estimates = std::vector<Estimate>;

std::string where_of(const std::vector<DeployedRun>& deployed) {
  return (deployed.front().folder / "deploy.csv").string();
}

void check_alike(const std::vector<DeployedRun>& deployed) {
  for (const DeployedRun& other : deployed)
    if (other.workers != deployed.front().workers)
      throw InputError(fmt::format("{}: /scenario/workers: has {}, and {} has {}: expected runs on the same hosts",
                                   (other.folder / "run.json").string(), other.workers,
                                   deployed.front().folder.string(), deployed.front().workers));
}

// What messages had beside their payloads.
Estimate header_of(const std::vector<DeployedRun>& deployed, std::vector<std::string>& remarks) {
  std::vector<double> headers;
  for (const DeployedRun& run : deployed)
    for (const Activity& a : run.activities)
      if (a.message && a.bits) headers.push_back(a.bytes - std::ceil(static_cast<double>(*a.bits) / 8));
  if (headers.empty()) return {};
  const Estimate out{std::round(quantile(headers, 0.5)), quantile(headers, 0.025), quantile(headers, 0.975)};
  if (out.value == 0)
    remarks.emplace_back(
        "header: messages were sent without one; what lower layers add is within latency and bandwidth");
  return out;
}

// The scenario's number where the runs tell none: 10 and 100 Gf/s are what it would have by default.
void note_what_is_missing(Calibration& out, const std::vector<DeployedRun>& deployed) {
  const auto note = [&](std::string words) { out.remarks.push_back(std::move(words)); };
  if (out.computing.speed.empty()) note("worker_speed: no computation with flops was measured: left to its default");
  if (out.computing.overhead)
    note(
        fmt::format("each computation takes {} beside its flops, which no key of a platform says: at other sizes of a "
                    "problem, speeds are others",
                    time_words(out.computing.overhead->value)));
  if (!out.network.own_told)
    note("bandwidth: the server's link was always the narrowest: a worker's is at least as wide, and taken to be so");
  if (!out.network.server_told)
    note("server_bandwidth: never the narrowest: taken as wide as all workers' links together");
  if (out.network.one_by_one)
    note("messages that met arrived one after another, not together as the simulation has them: their last was fitted");
  double clock = 0, least = out.network.latency.front().value;
  for (const auto& run : deployed) clock = std::max(clock, run.clock_uncertainty);
  for (const auto& x : out.network.latency) least = std::min(least, x.value);
  if (clock > least)
    note(fmt::format("latency: clocks may differ by {}, which is more: do not rely on it", time_words(clock)));
  constexpr double wide = 10;
  const auto vague = [&](const char* name, const Estimates& values) {
    if (std::any_of(values.begin(), values.end(), [&](const Estimate& x) { return x.high > wide * x.low; }))
      note(fmt::format("{}: the data hardly tell: its interval spans more than a factor of {}", name, wide));
  };
  const double bound = most_bandwidth / 1.001;
  if (std::any_of(out.network.bandwidth.begin(), out.network.bandwidth.end(),
                  [&](const Estimate& x) { return x.value >= bound; }))
    note("bandwidth: longer messages took no more time than short ones: taken so wide that it never matters");
  vague("latency", out.network.latency);
  vague("bandwidth", out.network.bandwidth);
  if (out.network.server_told) vague("server_bandwidth", {out.network.server_bandwidth});
  for (const auto& words : out.network.remarks) note(words);
  for (const auto& run : deployed)
    if (const auto network = run.scenario.find("network"); network != run.scenario.end() && network->is_object())
      if (const std::string model = network->value("model", "alpha-beta"); model != "alpha-beta") {
        note(fmt::format("network: \"alpha-beta\" was fitted; the scenario's model is \"{}\"", model));
        break;
      }
}

// What delays single messages now and then is an outlier to the fit, but a round waits for the slowest of all.
void note_slow_rounds(Calibration& out) {
  constexpr double noticed = 0.1;
  double most = 0;
  for (const HeldOutError& error : out.held_out)
    if (error.rounds) most = std::max(most, -error.shift);
  if (most > noticed)
    out.remarks.push_back(fmt::format(
        "rounds: predicted up to {:.0f} % too fast: a round waits for its slowest message or computation, and "
        "delays that some of them have are in no key of a platform; \"stragglers\" of \"conditions\" can "
        "stand for those of computations",
        100 * most));
}

}  // namespace

FittedPlatform Calibration::platform() const {
  FittedPlatform out{network.star(workers), {}, std::numeric_limits<double>::infinity(), header.value};
  for (std::size_t m = 0; m < static_cast<std::size_t>(workers) && !computing.speed.empty(); ++m)
    out.speed.push_back(computing.speed[std::min(m, computing.speed.size() - 1)].value);
  if (computing.server_speed) out.server_speed = computing.server_speed->value;
  return out;
}

Calibration calibrate(const std::vector<DeployedRun>& deployed, const CalibrateOptions& options) {
  check_alike(deployed);
  const HeldOut held_out(options.hold_out);
  const auto wanted = [&](const Activity& a) { return !held_out(a.round); };
  Calibration out;
  out.workers = deployed.front().workers;
  out.header = header_of(deployed, out.remarks);
  std::vector<Burst> bursts;
  std::size_t blocks = 0;
  for (const DeployedRun& run : deployed) {
    std::size_t most = blocks;
    for (Burst& burst : bursts_of(run, wanted)) {
      burst.block += blocks;
      most = std::max(most, burst.block + 1);
      bursts.push_back(std::move(burst));
    }
    blocks = most;
  }
  if (bursts.empty())
    throw InputError(
        fmt::format("{}: no message is left to fit a network to: {}", where_of(deployed),
                    options.hold_out > 0 ? "all are of rounds that --hold-out keeps apart" : "there is none"));
  out.network = fit_network(std::move(bursts), out.workers, options.latency, where_of(deployed));
  out.computing = fit_computing(deployed, out.workers, wanted);
  note_what_is_missing(out, deployed);
  if (options.hold_out > 0)
    for (const DeployedRun& run : deployed)
      for (auto& error : held_out_errors(out.platform(), run, held_out))
        if (error.count > 0) out.held_out.push_back(std::move(error));
  note_slow_rounds(out);
  return out;
}

}  // namespace laconic::calibrate
