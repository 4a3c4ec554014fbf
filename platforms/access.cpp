#include "platforms/access.hpp"

#include <algorithm>

#include "platforms/quantity.hpp"
#include "platforms/simgrid_compat.hpp"

namespace laconic {

Access read_workers(Params& in, int M, const AccessDefaults& defaults) {
  Access out;
  out.speed = quantities(in, "worker_speed", defaults.speed, Unit::speed, M, "computing speed of each worker");
  out.bandwidth =
      quantities(in, "bandwidth", defaults.bandwidth, Unit::bandwidth, M, "of each worker's link, each way");
  out.latency = quantities(in, "latency", defaults.latency, Unit::time, M, "of each worker's link");
  out.server_speed = quantity(in, "server_speed", defaults.server_speed, Unit::speed, "computing speed of the server");
  return out;
}

Access read_access(Params& in, int M, const AccessDefaults& defaults) {
  Access out = read_workers(in, M, defaults);
  const bool own_bandwidth =
      in.look("server_bandwidth", "the largest bandwidth", "a positive bandwidth", "of the server's link, each way");
  out.server_bandwidth =
      own_bandwidth ? quantity(in, "server_bandwidth", nullptr, Unit::bandwidth, "of the server's link, each way")
                    : *std::max_element(out.bandwidth.begin(), out.bandwidth.end());
  if (defaults.server_is_a_node &&
      !in.look("server_latency", "the largest latency", "a time that is not negative", "of the server's link"))
    out.server_latency = *std::max_element(out.latency.begin(), out.latency.end());
  else
    out.server_latency = quantity(in, "server_latency", "0s", Unit::time, "of the server's link");
  return out;
}

sg::Host* attach(sg::NetZone& star, const std::string& name, double speed, double bandwidth, double latency) {
  sg::Host* host = sg::add_host(star, name, speed);
  auto* link = sg::add_duplex(star, name, bandwidth);
  link->set_latency(latency);
  sg::add_star_route(star, host, {{link, sg::LinkInRoute::Direction::UP}});
  return host;
}

std::string worker_name(std::size_t m) { return "worker-" + std::to_string(m); }

std::size_t share_of(std::size_t m, int M, std::size_t parts) { return m * parts / static_cast<std::size_t>(M); }

}  // namespace laconic
