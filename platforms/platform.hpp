#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/base/params.hpp"
#include "platforms/network_model.hpp"

namespace simgrid::s4u {
class Engine;
class Host;
}  // namespace simgrid::s4u

namespace laconic::platforms {

/// The hosts of the server and of each worker.
struct Deployment {
  simgrid::s4u::Host* server = nullptr;
  std::vector<simgrid::s4u::Host*> workers;
  /// Each worker's rate on the air of a Wi-Fi cell, byte/s, of which SimGrid's link tells nothing; empty elsewhere.
  std::vector<double> air_rates;
  /// Whether the hosts' speeds follow profiles: a computation takes another time than flops / speed then.
  bool varying_speeds = false;
  /// Whether anything at all follows a profile: equal rounds may take different times then.
  bool varies = false;
};

/// A platform whose parameters have been read and checked. Building it needs an engine, of which a process has one;
/// it is therefore built in the process that simulates, after every mistake has been found.
using BuildPlatform = std::function<Deployment(simgrid::s4u::Engine& engine)>;

/// A profile in SimGrid's syntax that a platform file names, or holds itself, for a link or a host.
struct ProfileFile {
  enum class Of { state, bandwidth, latency } of;  ///< state: 1 while it is up, 0 while it is down
  bool link = false;                               ///< whether it is for a link; else it is for a host
  std::string name;
  std::filesystem::path path;
  std::string where;  ///< where the file is named, for error messages
  std::string text;   ///< the profile itself, where `path` is empty
};

struct Survey;

/// What a topology may know of the rest of the scenario.
struct PlatformContext {
  int M = 1;
  std::filesystem::path folder;  ///< where relative paths are looked up first
  const NetworkModel* network = nullptr;
  std::vector<std::size_t>* racks = nullptr;     ///< where a topology that has racks or sites notes each worker's
  std::vector<ProfileFile>* profiles = nullptr;  ///< where a topology notes the profiles that its file names
  std::optional<Survey>* stated = nullptr;       ///< where a topology that knows what SimGrid will build says so
};

}  // namespace laconic::platforms
