#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "platforms/platform.hpp"

namespace laconic::platforms {

/// What `work` returns, computed in a process of its own: a process has one SimGrid engine, and some mistakes make
/// SimGrid abort. Throws InputError: what `work` threw, or "<where>: ..." with SimGrid's last words if it ended the
/// process.
std::string in_child_process(const std::string& where, const std::function<std::string()>& work);

/// A platform as SimGrid built it, in plain numbers: seconds, bytes per second, flop/s.
struct Survey {
  struct Host {
    std::string name;
    double speed = 0;
    int cores = 1;
    bool operator==(const Host&) const = default;
  };
  struct Link {
    std::string name;
    double bandwidth = 0;  ///< of Wi-Fi: meaningless
    double latency = 0;
    enum Sharing { shared, unlimited, wifi } sharing = shared;  ///< unlimited: each flow has all of it (FATPIPE)
    bool operator==(const Link&) const = default;
  };
  struct Path {
    double latency = 0;
    double bandwidth = 0;  ///< the least on the way; infinite: no link at all; 0: unknown, on the air of an XML file
    std::vector<std::size_t> links;
    bool operator==(const Path&) const = default;
  };
  Host server;
  std::vector<Host> workers;
  std::vector<Link> links;       ///< those on a path between the server and a worker
  std::vector<Path> down, up;    ///< server to worker m, worker m to server
  std::size_t hosts_in_all = 0;  ///< of the platform, used or not
  bool varies = false;           ///< Deployment::varies
  bool operator==(const Survey&) const = default;
};

/// Throws InputError "<where>: ..." if a positive speed or bandwidth is missing, and where a flow without latency can
/// meet one with latency.
void check(const Survey& survey, const std::string& where);

/// Builds the platform in a process of its own, looks at it and checks it. Throws InputError "<where>: ..." if SimGrid
/// cannot build it, or a path is missing.
Survey survey(const BuildPlatform& platform, const NetworkModel& network, const std::string& where);

}  // namespace laconic::platforms
