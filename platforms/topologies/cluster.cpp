#include "platforms/topologies/cluster.hpp"

#include "platforms/quantity.hpp"
#include "platforms/simgrid/versions.hpp"
#include "platforms/topologies/access.hpp"

namespace laconic::platforms {

BuildPlatform cluster(Params& in, const PlatformContext& context) {
  Access access = read_access(in, context.M, {.server_is_a_node = true});
  const bool limited = in.look("backbone_bandwidth", "no limit", "a positive bandwidth", "of the backbone, in all");
  const double backbone_bandwidth =
      limited ? quantity(in, "backbone_bandwidth", nullptr, Unit::bandwidth, "of the backbone, in all") : 0;
  const double backbone_latency = quantity(in, "backbone_latency", "0s", Unit::time, "of the backbone");
  // A backbone without limit is only its latency, which every path meets on the server's link: SimGrid has such links
  // (FATPIPE), and is 30 times slower with them.
  if (!limited) {
    access.server_latency += backbone_latency;
    return star_of(access, "cluster", "server", context);
  }

  return [=](sg::Engine& engine) {
    sg::NetZone& zone = *sg::root_star(engine, "cluster");
    auto* backbone = sg::add_link(zone, "backbone", {backbone_bandwidth});
    backbone->set_latency(backbone_latency);
    const auto node = [&](const std::string& name, double speed, double bandwidth, double latency) {
      sg::Host* host = sg::add_host(zone, name, speed);
      auto* link = sg::add_duplex(zone, name, bandwidth);
      link->set_latency(latency);
      sg::add_star_route(zone, host, {{link, sg::LinkInRoute::Direction::UP}, sg::LinkInRoute(backbone)});
      return host;
    };
    Deployment out;
    out.server = node("server", access.server_speed, access.server_bandwidth, access.server_latency);
    for (std::size_t m = 0; m < access.speed.size(); ++m)
      out.workers.push_back(node(worker_name(m), access.speed[m], access.bandwidth[m], access.latency[m]));
    zone.seal();
    return out;
  };
}

}  // namespace laconic::platforms
