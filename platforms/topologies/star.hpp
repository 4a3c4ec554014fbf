#pragma once

#include "platforms/platform.hpp"

namespace laconic::platforms {

inline constexpr char star_picture[] = R"(
        worker-0    worker-1   ...   worker-(M-1)      worker_speed
            |           |                 |            split-duplex access links: bandwidth, latency
            +-----------+--------+--------+
                                 |                     split-duplex link: server_bandwidth, server_latency
                              server                   server_speed)";

/// A star: an idle path takes latency + server_latency + bytes / min(bandwidth, server_bandwidth) one way.
BuildPlatform star(Params& in, const PlatformContext& context);

}  // namespace laconic::platforms
