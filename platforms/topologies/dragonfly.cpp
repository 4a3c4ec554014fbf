#include "platforms/topologies/dragonfly.hpp"

#include <fmt/format.h>

#include "platforms/topologies/nodes.hpp"

namespace laconic::platforms {

BuildPlatform dragonfly(Params& in, const PlatformContext& context) {
  Nodes nodes(in, context.M);
  constexpr std::int64_t most = 10000;
  const auto count = [&](const char* key, const char* meaning) {
    return static_cast<unsigned>(in.count(key, {}, 1, meaning, most));
  };
  const auto groups = count("groups", "groups, at most as many as routers of a chassis"),
             chassis = count("chassis", "chassis in each group"), routers = count("routers", "routers in each chassis"),
             leaves = count("nodes", "nodes on each router");
  const auto cables = counts(in, "cables", std::vector<unsigned>{1, 1, 1}, "1 everywhere", 3,
                             "links side by side between groups, between chassis, between routers");
  if (cables.size() != 3) in.fail("cables", "three whole numbers: for groups, chassis and routers");
  // Group g meets group h at its h-th router of the first chassis: SimGrid writes beyond its arrays without one.
  if (groups > routers)
    in.refuse("groups",
              fmt::format("expected at most {}, the routers of a chassis, which hold the links between groups, got {}",
                          routers, groups));
  const double switches = static_cast<double>(groups) * chassis * routers;
  constexpr double most_links = 1e6;
  const double links = switches * (chassis + routers + leaves);
  nodes.place(in, "nodes", switches * leaves);
  if (links > most_links)
    in.refuse("routers", fmt::format("makes some {} links with \"groups\" and \"chassis\": expected at most {}", links,
                                     most_links));

  return [=](sg::Engine& engine) {
    Deployment out;
    sg::root_dragonfly(engine, "dragonfly", {groups, cables[0]}, {chassis, cables[1]}, {routers, cables[2]}, leaves,
                       nodes.maker(out), nodes.bandwidth, nodes.latency)
        ->seal();
    return out;
  };
}

}  // namespace laconic::platforms
