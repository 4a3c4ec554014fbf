#include "platforms/torus.hpp"

#include "platforms/nodes.hpp"

namespace laconic {

BuildPlatform torus(Params& in, const PlatformContext& context) {
  Nodes nodes(in, context.M);
  const auto dimensions = counts(in, "dimensions", {}, nullptr, 8, "nodes along each dimension");
  double count = 1;
  for (const auto n : dimensions) count *= n;
  nodes.place(in, "dimensions", count);

  return [=](sg::Engine& engine) {
    Deployment out;
    sg::root_torus(engine, "torus", {dimensions.begin(), dimensions.end()}, nodes.maker(out), nodes.bandwidth,
                   nodes.latency)
        ->seal();
    return out;
  };
}

}  // namespace laconic
