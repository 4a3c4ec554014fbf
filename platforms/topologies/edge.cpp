#include "platforms/topologies/edge.hpp"

#include "platforms/quantity.hpp"
#include "platforms/topologies/access.hpp"

namespace laconic::platforms {

BuildPlatform edge(Params& in, const PlatformContext& context) {
  Access access = read_workers(in, context.M,
                               {.speed = R"({"type": "log-normal", "median": "1Gf", "sigma": 1})",
                                .bandwidth = R"({"type": "log-normal", "median": "10Mbps", "sigma": 1})",
                                .latency = R"({"type": "log-normal", "median": "30ms", "sigma": 0.5})"});
  access.server_bandwidth =
      quantity(in, "uplink_bandwidth", "1Gbps", Unit::bandwidth, "of the link all devices share, each way");
  access.server_latency = quantity(in, "uplink_latency", "5ms", Unit::time, "of the link all devices share");
  return star_of(access, "edge", "uplink", context);
}

}  // namespace laconic::platforms
