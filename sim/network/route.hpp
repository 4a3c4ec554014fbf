#pragma once

#include <vector>

#include "platforms/platform.hpp"
#include "platforms/simgrid/versions.hpp"

namespace laconic::network {

/// A worker's ways to the server and back.
struct Route {
  struct Way {
    std::vector<sg::Link*> links;
    double latency = 0;  ///< s
  } up, down;

  /// Of both, in an order in which those of like workers correspond.
  std::vector<sg::Link*> links() const {
    std::vector<sg::Link*> out = up.links;
    out.insert(out.end(), down.links.begin(), down.links.end());
    return out;
  }
};

inline Route route_of(const sg::Host* worker, const sg::Host* server) {
  Route out;
  worker->route_to(server, out.up.links, &out.up.latency);
  server->route_to(worker, out.down.links, &out.down.latency);
  return out;
}

/// Of every worker.
inline std::vector<Route> route_of(const platforms::Deployment& hosts) {
  std::vector<Route> out;
  out.reserve(hosts.workers.size());
  for (const auto* worker : hosts.workers) out.push_back(route_of(worker, hosts.server));
  return out;
}

}  // namespace laconic::network
