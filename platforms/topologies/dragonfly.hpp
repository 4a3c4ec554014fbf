#pragma once

#include "platforms/platform.hpp"

namespace laconic::platforms {

inline constexpr char dragonfly_picture[] = R"(
        group 0 ===== group 1          each group to each other, cables[0] links side by side
             \\       //
              group 2
                                       the same router of each chassis, all to all, cables[1] side by side
        chassis 0:  r --- r --- r
                    |     |     |      the routers of a chassis, all to all, cables[2] side by side
        chassis 1:  r --- r --- r
                   /|\                 each router r has `nodes` nodes on links of their own;
                  0 1 2                one link: bandwidth, latency; "server": the number of its node)";

/// A dragonfly as SimGrid builds it (Cray's Cascade), with minimal routing: groups of chassis of routers of nodes.
/// A path of h links takes h latency + bytes / bandwidth.
BuildPlatform dragonfly(Params& in, const PlatformContext& context);

}  // namespace laconic::platforms
