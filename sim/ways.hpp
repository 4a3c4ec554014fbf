#pragma once

#include <vector>

#include "platforms/platform.hpp"
#include "platforms/simgrid_compat.hpp"

namespace laconic {

/// A worker's ways to the server and back.
struct Ways {
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

inline Ways ways_of(const sg::Host* worker, const sg::Host* server) {
  Ways out;
  worker->route_to(server, out.up.links, &out.up.latency);
  server->route_to(worker, out.down.links, &out.down.latency);
  return out;
}

/// Of every worker.
inline std::vector<Ways> ways_of(const Deployment& hosts) {
  std::vector<Ways> out;
  out.reserve(hosts.workers.size());
  for (const auto* worker : hosts.workers) out.push_back(ways_of(worker, hosts.server));
  return out;
}

}  // namespace laconic
