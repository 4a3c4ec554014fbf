#include "platforms/topologies/access.hpp"

#include <algorithm>

#include "platforms/built/survey.hpp"
#include "platforms/quantity.hpp"
#include "platforms/simgrid/versions.hpp"

namespace laconic::platforms {

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

sg::Host* attach(sg::NetZone& star, const std::string& name, double speed, double bandwidth, double latency,
                 const std::string& link_name) {
  sg::Host* host = sg::add_host(star, name, speed);
  auto* link = sg::add_duplex(star, link_name.empty() ? name : link_name, bandwidth);
  link->set_latency(latency);
  sg::add_star_route(star, host, {{link, sg::LinkInRoute::Direction::UP}});
  return host;
}

namespace {

// States the survey that SimGrid's platform would give: its links are in the order in which routes come upon them.
Survey stated(const Access& access, const std::string& server_link) {
  Survey out;
  const auto add_link = [&](const std::string& name, double bandwidth, double latency) {
    out.links.push_back({name, bandwidth, latency});
    return out.links.size() - 1;
  };
  const std::size_t M = access.speed.size();
  out.server = {"server", access.server_speed};
  out.hosts_in_all = M + 1;
  std::size_t server_up = 0, server_down = 0;
  for (std::size_t m = 0; m < M; ++m) {
    const std::string name = worker_name(m);
    const double bandwidth = access.bandwidth[m], latency = access.latency[m];
    if (m == 0) server_up = add_link(server_link + "_UP", access.server_bandwidth, access.server_latency);
    const std::size_t down = add_link(name + "_DOWN", bandwidth, latency),
                      up = add_link(name + "_UP", bandwidth, latency);
    if (m == 0) server_down = add_link(server_link + "_DOWN", access.server_bandwidth, access.server_latency);
    const double of_path = std::min(bandwidth, access.server_bandwidth), in_all = latency + access.server_latency;
    out.workers.push_back({name, access.speed[m]});
    out.down.push_back({in_all, of_path, {server_up, down}});
    out.up.push_back({in_all, of_path, {up, server_down}});
  }
  return out;
}

}  // namespace

BuildPlatform star_of(const Access& access, const char* zone, const char* server_link, const PlatformContext& context) {
  if (context.stated) *context.stated = stated(access, server_link);
  return [access, zone, server_link](sg::Engine& engine) {
    sg::NetZone& star = *sg::root_star(engine, zone);
    Deployment out;
    out.server =
        attach(star, "server", access.server_speed, access.server_bandwidth, access.server_latency, server_link);
    for (std::size_t m = 0; m < access.speed.size(); ++m)
      out.workers.push_back(attach(star, worker_name(m), access.speed[m], access.bandwidth[m], access.latency[m]));
    star.seal();
    return out;
  };
}

std::string worker_name(std::size_t m) { return "worker-" + std::to_string(m); }

std::size_t share_of(std::size_t m, int M, std::size_t parts) { return m * parts / static_cast<std::size_t>(M); }

}  // namespace laconic::platforms
