#include "sim/network/simulated/stretch.hpp"

#include <fmt/format.h>
#include <xbt/config.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/base/error.hpp"

namespace laconic::network {

namespace {

constexpr double endless = std::numeric_limits<double>::infinity();

double factor = 1;

void set(const char* name, double value) { simgrid::config::set_value<double>(name, value); }
void scale(const char* name, double by) { set(name, simgrid::config::get_value<double>(name) * by); }

using Latencies = std::vector<std::pair<sg::Link*, double>>;

// Those of wires: the air of a Wi-Fi cell has none.
Latencies latencies_of(const sg::Engine& engine) {
  Latencies out;
  for (auto* link : engine.get_all_links())
    if (!sg::is_air(*link) && link->get_latency() > 0) out.emplace_back(link, link->get_latency());
  return out;
}

// Sums of so many weights round to so much, relative to the sum, and what is left when all are taken off again must
// count as nothing.
double rounding(double flows) { return 16 * std::numeric_limits<double>::epsilon() * std::sqrt(flows); }

}  // namespace

double stretch() { return factor; }

void stretch_time(sg::Engine& engine, std::size_t flows, bool own_dates) {
  const Latencies latencies = latencies_of(engine);
  double least = endless, most = 0;
  for (const auto& [link, latency] : latencies) {
    least = std::min(least, latency);
    most = std::max(most, latency);
  }
  constexpr int most_doublings = 30;  // a message may still have 17 GB
  constexpr double default_threshold = 1e-5, least_threshold = 1e-13, least_own = 1e-6;
  const auto n = static_cast<double>(flows);
  if (own_dates && least < least_own)
    throw InputError(fmt::format(
        "/platform: a latency of {} s on a platform whose file has speeds that follow profiles: SimGrid can "
        "compute it from {} s up",
        least, least_own));
  factor = 1;
  if (!own_dates && least < endless)
    factor = std::exp2(std::clamp(std::ceil(std::log2(n / least)), 0.0, 1.0 * most_doublings));
  for (const auto& [link, latency] : latencies) link->set_latency(latency * factor);
  scale("network/TCP-gamma", factor);
  scale("network/weight-S", factor);
  const double weights = least < endless ? std::max(1.0, n / (least * factor)) : n;
  set("maxmin/precision", std::clamp(rounding(n) * weights, least_threshold, default_threshold));
}

// A threshold below the rounding of the clock would let SimGrid wait for ever for dates that it has just passed. The
// clock never doubles without this actor's having seen it.
void follow_clock() {
  constexpr double first = 0x1p-60, last = 0x1p60, ulps = 0x1p-49;
  for (double date = first; date < last; date *= 2) {
    set("surf/precision", 2 * date * ulps);
    const double clock = sg::Engine::get_clock();
    if (date > clock) sg::this_actor::sleep_until(date);
  }
}

void rest_for(double seconds) {
  sg::this_actor::sleep_for(std::max(seconds * factor, std::numeric_limits<double>::min()));
}

std::uint64_t stretched_bytes(std::uint64_t bytes) {
  const double most = 0x1p63 / factor;
  if (static_cast<double>(bytes) > most)
    throw RunError(fmt::format(
        "a message of {} bytes: on a platform with so short latencies SimGrid can take messages up to {:.0f} bytes",
        bytes, most));
  return bytes * static_cast<std::uint64_t>(factor);
}

}  // namespace laconic::network
