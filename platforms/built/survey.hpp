#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "platforms/platform.hpp"

namespace laconic::platforms {

/// Returns what `work` returns, computed in a process of its own: a process has one SimGrid engine, and some mistakes
/// make SimGrid abort. Throws InputError: what `work` threw, or "<where>: ..." with SimGrid's last words if it ended
/// the process.
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
    double bandwidth = 0;  ///< byte/s; it means nothing for the air of a Wi-Fi cell
    double latency = 0;
    /// `unlimited`: each flow has the whole bandwidth (SimGrid's FATPIPE).
    enum Sharing { shared, unlimited, wifi } sharing = shared;
    bool operator==(const Link&) const = default;
  };
  struct Path {
    double latency = 0;
    /// The least on the path, byte/s; infinite: it has no link; 0: unknown, as on the air of an XML file.
    double bandwidth = 0;
    std::vector<std::size_t> links;
    bool operator==(const Path&) const = default;
  };
  Host server;
  std::vector<Host> workers;
  std::vector<Link> links;       ///< those on a path between the server and a worker
  std::vector<Path> down, up;    ///< from the server to worker m, and from worker m to the server
  std::size_t hosts_in_all = 0;  ///< how many hosts the platform has, used or not
  bool varies = false;           ///< as Deployment::varies
  bool operator==(const Survey&) const = default;
};

/// Throws InputError "<where>: ..." if a positive speed or bandwidth is missing, and where a flow without latency can
/// meet one with latency.
void check(const Survey& survey, const std::string& where);

/// Builds the platform in a process of its own, looks at it and checks it. Throws InputError "<where>: ..." if SimGrid
/// cannot build it, or a path is missing.
Survey survey(const BuildPlatform& platform, const NetworkModel& network, const std::string& where);

}  // namespace laconic::platforms
