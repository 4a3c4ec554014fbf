#include "platforms/topologies/fat_tree.hpp"

#include <fmt/format.h>

#include "platforms/topologies/nodes.hpp"

namespace laconic::platforms {

BuildPlatform fat_tree(Params& in, const PlatformContext& context) {
  Nodes nodes(in, context.M);
  constexpr std::size_t levels = 8;
  const auto down = counts(in, "down", {}, nullptr, levels, "for each level, what hangs below one of its switches");
  const std::vector<unsigned> ones(down.size(), 1);
  const auto up = counts(in, "up", ones, "1 everywhere", levels, "for each level, the switches above one thing below");
  const auto cables = counts(in, "cables", ones, "1 everywhere", levels, "for each level, links from one to the other");
  for (const auto& [key, list] : {std::pair{"up", &up}, {"cables", &cables}})
    if (list->size() != down.size())
      in.refuse(key,
                fmt::format("expected {} numbers, one a level, as \"down\" has, got {}", down.size(), list->size()));
  double count = 1, links = 0;
  for (std::size_t level = 0; level < down.size(); ++level) {
    double below = 1;  // how many switches, or nodes, are just under this level
    for (std::size_t i = 0; i < down.size(); ++i) below *= i < level ? up[i] : down[i];
    links += below * up[level] * cables[level];
    count *= down[level];
  }
  nodes.place(in, "down", count);
  constexpr double most = 1e6;
  if (links > most)
    in.refuse("up", fmt::format("makes, with \"down\" and \"cables\", {} links: expected at most {}", links, most));

  return [=](sg::Engine& engine) {
    Deployment out;
    sg::root_fat_tree(engine, "fat-tree", down, up, cables, nodes.maker(out), nodes.bandwidth, nodes.latency)->seal();
    return out;
  };
}

}  // namespace laconic::platforms
