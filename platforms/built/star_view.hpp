#pragma once

#include <optional>
#include <vector>

#include "platforms/built/survey.hpp"

namespace laconic::platforms {

/// What a parameter server's rounds depend on where the platform is a star to them: at most the links on all workers'
/// ways down are shared, by downloads alone, and those on all ways up, by uploads alone.
struct Star {
  struct Way {
    double latency, most;  ///< s; byte/s of the worker's own links
  };
  struct Station {
    double speed;  ///< flop/s
    Way down, up;
  };
  double server_speed;
  std::vector<Station> workers;
  double down, up;  ///< byte/s of what is shared; infinite: nothing is
};

/// Nothing if the platform is no star, if computations meet on a host, and if anything varies.
std::optional<Star> star_view(const Survey& survey);

}  // namespace laconic::platforms
