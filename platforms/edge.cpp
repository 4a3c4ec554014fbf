#include "platforms/edge.hpp"

#include "platforms/access.hpp"
#include "platforms/quantity.hpp"
#include "platforms/simgrid_compat.hpp"

namespace laconic {

BuildPlatform edge(Params& in, const PlatformContext& context) {
  const Access access = read_workers(in, context.M,
                                     {.speed = R"({"type": "log-normal", "median": "1Gf", "sigma": 1})",
                                      .bandwidth = R"({"type": "log-normal", "median": "10Mbps", "sigma": 1})",
                                      .latency = R"({"type": "log-normal", "median": "30ms", "sigma": 0.5})"});
  const double bandwidth =
      quantity(in, "uplink_bandwidth", "1Gbps", Unit::bandwidth, "of the link all devices share, each way");
  const double latency = quantity(in, "uplink_latency", "5ms", Unit::time, "of the link all devices share");

  return [=](sg::Engine& engine) {
    sg::NetZone& zone = *sg::root_star(engine, "edge");
    Deployment out;
    out.server = sg::add_host(zone, "server", access.server_speed);
    auto* uplink = sg::add_duplex(zone, "uplink", bandwidth);
    uplink->set_latency(latency);
    sg::add_star_route(zone, out.server, {{uplink, sg::LinkInRoute::Direction::UP}});
    for (std::size_t m = 0; m < access.speed.size(); ++m)
      out.workers.push_back(attach(zone, worker_name(m), access.speed[m], access.bandwidth[m], access.latency[m]));
    zone.seal();
    return out;
  };
}

}  // namespace laconic
