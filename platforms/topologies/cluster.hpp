#pragma once

#include "platforms/platform.hpp"

namespace laconic::platforms {

inline constexpr char cluster_picture[] = R"(
        worker-0    worker-1   ...   worker-(M-1)   server      worker_speed, server_speed
            |           |                 |           |         split-duplex links: bandwidth, latency;
            |           |                 |           |         the server's: server_bandwidth, server_latency
        ====+===========+=================+===========+====     backbone, one medium for both directions:
                                                                backbone_bandwidth (default: no limit), backbone_latency)";

/// A cluster: an idle path takes latency + backbone_latency + server_latency + bytes / min(bandwidth,
/// backbone_bandwidth, server_bandwidth) one way, and everything on its way at one time shares the backbone.
BuildPlatform cluster(Params& in, const PlatformContext& context);

}  // namespace laconic::platforms
