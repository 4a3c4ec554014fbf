#pragma once

#include "platforms/platform.hpp"

namespace laconic::platforms {

inline constexpr char edge_picture[] = R"(
      worker-0   worker-1   worker-2   ...   worker-(M-1)      devices: worker_speed
          |          |          |                 |            split-duplex access links: bandwidth, latency
          +----------+----------+--------+--------+
                                         |                     shared uplink: uplink_bandwidth, uplink_latency
                                       server                  server_speed)";

/// Many slow, uneven devices: a star whose devices are log-normal unless the scenario says otherwise, and whose shared
/// link is the provider's. An idle path takes latency + uplink_latency + bytes / min(bandwidth, uplink_bandwidth).
BuildPlatform edge(Params& in, const PlatformContext& context);

}  // namespace laconic::platforms
