#pragma once

#include "platforms/platform.hpp"

namespace laconic::platforms {

inline constexpr char two_tier_picture[] = R"(
                      server                          server_bandwidth, server_latency (here "server": "core")
                        |
        +---------------+--------------+              core switch
        |               |              |              uplinks, one a rack: uplink_latency, and uplink_bandwidth or
     rack 0          rack 1   ...   rack (racks-1)    the sum of the rack's links / oversubscription
     |  |  |         |  |  |        |  |  |           split-duplex links: bandwidth, latency
    workers 0 1 2 ..., in order, as evenly as it goes)";

/// Racks behind uplinks. The server stands at the core, or in a rack, whose workers then reach it without an uplink.
/// An idle path takes the sum of its links' latencies + bytes / its least bandwidth.
BuildPlatform two_tier(Params& in, const PlatformContext& context);

}  // namespace laconic::platforms
