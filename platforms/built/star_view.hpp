#pragma once

#include <optional>
#include <vector>

#include "platforms/built/survey.hpp"

namespace laconic::platforms {

/// What a parameter server's rounds depend on where the platform is a star to them: at most the links on all workers'
/// ways down are shared, by downloads alone, and those on all ways up, by uploads alone.
struct Star {
  struct Links {     ///< those between a worker and the server, in one direction
    double latency;  ///< s, of them all
    double most;     ///< byte/s that the worker's own links carry at most
  };
  struct Worker {
    double speed;  ///< flop/s
    Links down, up;
  };
  double server_speed;  ///< flop/s
  std::vector<Worker> workers;
  double down, up;         ///< byte/s that the shared links carry; infinite: none is shared
  bool unlimited = false;  ///< whether some worker's own links carry as much for each of several transfers at once
};

/// Nothing if the platform is no star, if computations meet on a host, and if anything varies.
std::optional<Star> star_view(const Survey& survey);

}  // namespace laconic::platforms
