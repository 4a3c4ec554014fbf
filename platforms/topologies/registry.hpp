#pragma once

#include <span>

#include "platforms/platform.hpp"

namespace laconic::platforms {

/// One line of the table of topologies.
struct PlatformEntry {
  const char* name;
  BuildPlatform (*read)(Params& in, const PlatformContext& context);
  const char* summary;
  const char* picture;
};

std::span<const PlatformEntry> topologies();

}  // namespace laconic::platforms
