#pragma once

#include <span>

namespace laconic::platforms {

/// A SimGrid network model with its settings, as `--cfg=` options.
struct NetworkModel {
  const char* name;
  std::span<const char* const> settings;
  const char* summary;
  bool alpha_beta;  ///< whether a flow on an idle path takes latency + bytes / bandwidth, and shares are as 1 / latency
  bool connections;  ///< whether messages wait for TCP's windows before they flow, as sim/network/connections.hpp says
};

std::span<const NetworkModel> network_models();

}  // namespace laconic::platforms
