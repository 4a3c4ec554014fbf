#include "platforms/topologies/torus.hpp"

#include <algorithm>

#include "platforms/topologies/nodes.hpp"

namespace laconic::platforms {

BuildPlatform torus(Params& in, const PlatformContext& context) {
  Nodes nodes(in, context.M);
  const auto given = counts(in, "dimensions", {}, nullptr, 8, "nodes along each dimension");
  double count = 1;
  for (const auto n : given) count *= n;
  nodes.place(in, "dimensions", count);
  // A dimension of 1 changes nothing, and SimGrid dies of two.
  std::vector<unsigned long> dimensions(given.begin(), given.end());
  dimensions.erase(std::remove(dimensions.begin(), dimensions.end(), 1ul), dimensions.end());

  return [=](sg::Engine& engine) {
    Deployment out;
    sg::root_torus(engine, "torus", dimensions, nodes.maker(out), nodes.bandwidth, nodes.latency)->seal();
    return out;
  };
}

}  // namespace laconic::platforms
