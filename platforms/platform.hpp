#pragma once

#include <functional>
#include <span>
#include <vector>

#include "algorithms/core/params.hpp"

namespace simgrid::s4u {
class Engine;
class Host;
}  // namespace simgrid::s4u

namespace laconic {

/// Where the actors live.
struct Deployment {
  simgrid::s4u::Host* server = nullptr;
  std::vector<simgrid::s4u::Host*> workers;
};

/// A platform whose parameters have been read and checked. Building it needs an engine, of which a process has one;
/// it is therefore built in the process that simulates, after every mistake has been found.
using BuildPlatform = std::function<Deployment(simgrid::s4u::Engine& engine)>;

/// One line of the table of topologies.
struct PlatformEntry {
  const char* name;
  BuildPlatform (*read)(Params& in, int M);
  const char* summary;
  const char* picture;
};

std::span<const PlatformEntry> platforms();

/// A SimGrid network model with its settings, as `--cfg=` options.
struct NetworkModel {
  const char* name;
  std::span<const char* const> settings;
  const char* summary;
};

std::span<const NetworkModel> network_models();

}  // namespace laconic
