#include "platforms/topologies/star.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "platforms/topologies/access.hpp"

namespace laconic::platforms {

BuildPlatform star(Params& in, const PlatformContext& context) {
  const Access access = read_access(in, context.M, {});
  const auto& latency = access.latency;

  // SimGrid shares a link in proportion to 1/latency, and counts 0 as a whole second.
  const auto none = std::find(latency.begin(), latency.end(), 0.0);
  const bool all = std::all_of(latency.begin(), latency.end(), [](double x) { return x == 0; });
  const bool meet = std::accumulate(access.bandwidth.begin(), access.bandwidth.end(), 0.0) > access.server_bandwidth;
  if (none != latency.end() && !all && access.server_latency == 0 && meet)
    in.refuse("latency",
              fmt::format("0 for worker {} and not for all: where flows meet, they share in proportion to 1/latency, "
                          "which 0 has not: give it a small one, such as \"1us\"",
                          none - latency.begin()));

  return star_of(access, "star", "server", context);
}

}  // namespace laconic::platforms
