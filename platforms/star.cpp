#include "platforms/star.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "platforms/quantity.hpp"
#include "platforms/simgrid_compat.hpp"

namespace laconic {
namespace {

sg::Host* attach(sg::NetZone& zone, const std::string& name, double speed, double bandwidth, double latency) {
  sg::Host* host = sg::add_host(zone, name, speed);
  auto* link = sg::add_duplex(zone, name, bandwidth);
  link->set_latency(latency);
  sg::add_star_route(zone, host, {{link, sg::LinkInRoute::Direction::UP}});
  return host;
}

}  // namespace

BuildPlatform star(Params& in, int M) {
  const auto speed = quantities(in, "worker_speed", "10Gf", Unit::speed, M, "computing speed of each worker");
  const auto bandwidth = quantities(in, "bandwidth", "100Mbps", Unit::bandwidth, M, "of each worker's link, each way");
  const auto latency = quantities(in, "latency", "1ms", Unit::time, M, "of each worker's link");
  const double server_speed = quantity(in, "server_speed", "100Gf", Unit::speed, "computing speed of the server");
  const bool own_bandwidth =
      in.look("server_bandwidth", "the largest bandwidth", "a positive bandwidth", "of the server's link, each way");
  const double server_bandwidth =
      own_bandwidth ? quantity(in, "server_bandwidth", nullptr, Unit::bandwidth, "of the server's link, each way")
                    : *std::max_element(bandwidth.begin(), bandwidth.end());
  const double server_latency = quantity(in, "server_latency", "0s", Unit::time, "of the server's link");

  // SimGrid shares a link in proportion to 1/latency, and counts 0 as a whole second.
  const auto none = std::find(latency.begin(), latency.end(), 0.0);
  const bool all = std::all_of(latency.begin(), latency.end(), [](double x) { return x == 0; });
  const bool meet = std::accumulate(bandwidth.begin(), bandwidth.end(), 0.0) > server_bandwidth;
  if (none != latency.end() && !all && server_latency == 0 && meet)
    in.refuse("latency",
              fmt::format("0 for worker {} and not for all: where flows meet, they share in proportion to 1/latency, "
                          "which 0 has not: give it a small one, such as \"1us\"",
                          none - latency.begin()));

  return [=](sg::Engine& engine) {
    sg::NetZone& zone = *sg::root_star(engine, "star");
    Deployment out;
    out.server = attach(zone, "server", server_speed, server_bandwidth, server_latency);
    for (std::size_t m = 0; m < static_cast<std::size_t>(M); ++m)
      out.workers.push_back(attach(zone, "worker-" + std::to_string(m), speed[m], bandwidth[m], latency[m]));
    zone.seal();
    return out;
  };
}

}  // namespace laconic
