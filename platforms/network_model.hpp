#pragma once

#include <span>

namespace laconic::platforms {

/// A SimGrid network model with its settings, as `--cfg=` options.
struct NetworkModel {
  const char* name;
  std::span<const char* const> settings;
  const char* summary;
  bool alpha_beta;  ///< whether an idle path takes latency + bytes / bandwidth, and shares are as 1 / latency
};

std::span<const NetworkModel> network_models();

}  // namespace laconic::platforms
