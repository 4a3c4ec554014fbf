#pragma once

#include <string>
#include <vector>

#include "platforms/platform.hpp"

namespace simgrid::s4u {
class NetZone;
}

namespace laconic::platforms {

/// What most topologies share: M workers, each with a speed and a split-duplex access link, and a server with its own.
/// Numbers are in seconds, bytes per second and flop/s.
struct Access {
  std::vector<double> speed, bandwidth, latency;
  double server_speed = 0, server_bandwidth = 0, server_latency = 0;
};

/// The workers' defaults, and whether the server's link takes after theirs where the scenario is silent.
struct AccessDefaults {
  const char* speed = "10Gf";
  const char* bandwidth = "100Mbps";
  const char* latency = "1ms";
  const char* server_speed = "100Gf";
  bool server_is_a_node = false;  ///< whether server_latency is the workers' largest by default; else it is 0
};

/// Reads worker_speed, bandwidth, latency and server_speed.
Access read_workers(Params& in, int M, const AccessDefaults& defaults);

/// Reads worker_speed, bandwidth, latency, server_speed, server_bandwidth and server_latency.
Access read_access(Params& in, int M, const AccessDefaults& defaults);

/// Adds a host to a star, on a link of its own to the centre, which has the host's name unless it is given one.
simgrid::s4u::Host* attach(simgrid::s4u::NetZone& star, const std::string& name, double speed, double bandwidth,
                           double latency, const std::string& link_name = {});

/// Builds all hosts in one star, with the server on the link of that name. States what SimGrid will build in `context`.
BuildPlatform star_of(const Access& access, const char* zone, const char* server_link, const PlatformContext& context);

/// Worker m's name, such as "worker-0".
std::string worker_name(std::size_t m);

/// The part of `parts` equal ones, in order, that worker m of M stands in: parts differ by one at most.
std::size_t share_of(std::size_t m, int M, std::size_t parts);

}  // namespace laconic::platforms
