#include "platforms/topologies/wifi.hpp"

#include <algorithm>

#include "platforms/quantity.hpp"
#include "platforms/simgrid/versions.hpp"
#include "platforms/topologies/access.hpp"

namespace laconic::platforms {

BuildPlatform wifi(Params& in, const PlatformContext& context) {
  const int M = context.M;
  const auto speed = quantities(in, "worker_speed", "1Gf", Unit::speed, M, "computing speed of each worker");
  const auto rate = quantities(in, "bandwidth", "54Mbps", Unit::bandwidth, M, "of each worker while it has the air");
  const double server_speed = quantity(in, "server_speed", "100Gf", Unit::speed, "computing speed of the server"),
               server_bandwidth =
                   quantity(in, "server_bandwidth", "1Gbps", Unit::bandwidth, "of the server's wire, each way"),
               server_latency = quantity(in, "server_latency", "1ms", Unit::time,
                                         "of the server's wire; SimGrid's air has no latency of its own");

  return [=](sg::Engine& engine) {
    sg::NetZone& root = *sg::root_full(engine, "wifi");
    Deployment out;
    sg::NetZone& cell = *sg::add_wifi(root, "cell");
    const auto inner = sg::entered_at(cell, sg::add_router(cell, "access-point"));
    cell.set_property("access_point", "access-point");
    std::vector<double> rates(rate);
    std::sort(rates.begin(), rates.end());
    rates.erase(std::unique(rates.begin(), rates.end()), rates.end());
    sg::Link* air = sg::add_link(cell, "air", rates);
    for (std::size_t m = 0; m < rate.size(); ++m) {
      out.workers.push_back(sg::add_host(cell, worker_name(m), speed[m]));
      const auto level = std::lower_bound(rates.begin(), rates.end(), rate[m]) - rates.begin();
      air->set_host_wifi_rate(out.workers.back(), static_cast<int>(level));
    }
    out.air_rates = rate;
    cell.seal();

    sg::NetZone& wired = *sg::add_star(root, "wired");
    out.server = sg::add_host(wired, "server", server_speed);
    const auto server = sg::entered_at(wired, out.server->get_netpoint());
    wired.seal();
    auto* wire = sg::add_duplex(root, "wire", server_bandwidth);
    wire->set_latency(server_latency);
    sg::add_zone_route(root, inner, server, {{wire, sg::LinkInRoute::Direction::UP}});
    root.seal();
    return out;
  };
}

}  // namespace laconic::platforms
