#pragma once

#include "platforms/platform.hpp"

namespace laconic::platforms {

inline constexpr char torus_picture[] = R"(
        |     |     |     |
     -- 0 --- 1 --- 2 --- 3 --         here "dimensions": [4, 2]: node x + 4 y, and each row and each column
        |     |     |     |            is a ring; every link: bandwidth, latency;
     -- 4 --- 5 --- 6 --- 7 --         "server": the number of its node
        |     |     |     |)";

/// A torus: nodes are their own switches, and a message goes the shorter way round in one dimension after the other.
/// A path of h links takes h latency + bytes / bandwidth.
BuildPlatform torus(Params& in, const PlatformContext& context);

}  // namespace laconic::platforms
