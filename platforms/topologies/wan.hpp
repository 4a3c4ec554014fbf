#pragma once

#include "platforms/platform.hpp"

namespace laconic::platforms {

inline constexpr char wan_picture[] = R"(
        Oregon ------------ Virginia ---- server      between each two sites: site_latency, and site_bandwidth
        | | |   \         / | | |                     of the pair (a value or a matrix) or of each site (a list)
        workers  \       /  workers                   access links: bandwidth, latency;
                   Tokyo -- workers                   the server's: server_bandwidth, server_latency)";

/// Sites with a latency and a bandwidth between each two. Workers stand in the sites in order, as evenly as it goes or
/// as "workers_at" says; who stands in the server's site reaches it without crossing the wide area. An idle path takes
/// the sum of its links' latencies + bytes / its least bandwidth.
BuildPlatform wan(Params& in, const PlatformContext& context);

}  // namespace laconic::platforms
