#pragma once

#include "platforms/platform.hpp"

namespace laconic::platforms {

inline constexpr char fat_tree_picture[] = R"(
        level 2       o             o              here "down": [4, 4], "up": [1, 2]:
                    / | \  \    /  / | \           up[1] = 2 switches above each one of level 1,
        level 1    o   o   o   o                   down[1] = 4 of them below each; cables[1] links side by side
                  /|||  ...   |||\                 up[0] = 1 switch above each node,
        nodes    0 1 2 3   12 13 14 15             down[0] = 4 nodes below each switch; cables[0] links side by side
                                                   every link: bandwidth, latency; "server": the number of its node)";

/// A fat tree as SimGrid builds it (extended generalised: Zahavi 2012), with D-mod-k routing. A path between nodes
/// whose lowest common switch is on level l takes 2 l latency + bytes / bandwidth; product of `down` nodes.
BuildPlatform fat_tree(Params& in, const PlatformContext& context);

}  // namespace laconic::platforms
