#pragma once

#include <vector>

#include "platforms/platform.hpp"
#include "platforms/simgrid/versions.hpp"

namespace laconic::network {

/// The links between a worker and the server, in both directions.
struct Route {
  struct Path {
    std::vector<sg::Link*> links;
    double latency = 0;  ///< s, of the whole path
  } up, down;

  /// The links of both directions. Those of equal workers (EqualWorkers) correspond in this order.
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

/// The routes of all workers, in their order.
inline std::vector<Route> route_of(const platforms::Deployment& hosts) {
  std::vector<Route> out;
  out.reserve(hosts.workers.size());
  for (const auto* worker : hosts.workers) out.push_back(route_of(worker, hosts.server));
  return out;
}

}  // namespace laconic::network
