#pragma once

#include "platforms/platform.hpp"

namespace laconic::platforms {

inline constexpr char wifi_picture[] = R"(
        worker-0    worker-1   ...   worker-(M-1)      stations: worker_speed
            .           .                 .            the air, one medium for all: bandwidth of each station
             . . . . .  )  access point  (
                              |                        split-duplex link: server_bandwidth, server_latency
                            server                     server_speed)";

/// A Wi-Fi cell: stations share air time, both ways. An idle path takes server_latency + bytes / min(bandwidth,
/// server_bandwidth); M equal messages at a time take the sum of their bytes / bandwidth on the air.
BuildPlatform wifi(Params& in, const PlatformContext& context);

}  // namespace laconic::platforms
