#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/core/late.hpp"
#include "algorithms/core/types.hpp"
#include "platforms/platform.hpp"
#include "platforms/quantity.hpp"
#include "sim/network/time_profile.hpp"

namespace laconic::network {

/// Slow-downs of the workers' computations: drawn for each worker and round, or from a trace of factors.
struct Stragglers {
  std::uint64_t seed = 0;
  double probability = 1;  ///< that a worker is slow in a round
  platforms::Law factor = platforms::Law::constant(1);
  std::vector<bool> who;                   ///< for each worker, whether it may be slow
  std::vector<std::vector<double>> trace;  ///< a row for each round, a column for each worker; empty: drawn instead

  /// How many times as long worker m computes in round k.
  double slowdown(int m, Round k) const;
};

/// When workers, hosts or links are down: windows of time, or laws for the time between failures and to repair.
struct Failures {
  std::vector<int> workers;
  std::string host, link;                          ///< names or patterns; one of workers, host and link is given
  std::string where;                               ///< where the scenario says so, for error messages
  std::vector<std::pair<double, double>> windows;  ///< when it goes down and comes back, s; infinite: never
  double period = 0;                               ///< s, after which the windows begin again; 0: never
  std::optional<platforms::Law> between, repair;   ///< times between failures and to repair, s; instead of windows
};

/// The power that a host or a link draws, in watts: when it does nothing, and when it does all it can.
struct Watts {
  double idle = 0, busy = 0;
};

/// What is not ideal about a cluster: "conditions" of a scenario, and the platform's "watts".
struct Conditions {
  struct Change {
    Profiled of;
    std::string name;  ///< the name of a link or a host, or a pattern
    Profile profile;
    std::string where;  ///< where the scenario says so, for error messages
  };
  struct Traffic {
    std::string from, to;
    int flows = 1;
    std::optional<platforms::Law> on, off;  ///< how long a flow lasts and pauses, s; absent: it never pauses
    std::string where;
  };
  struct Energy {
    Watts server, worker, other, link;
    std::string server_name;
    std::set<std::string> worker_names;
    std::string where;
    bool from_file = false;  ///< whether the properties in SimGrid's XML say the watts
    /// With `from_file`: which of "server", "worker", "other" and "link" stand above for what the file leaves out.
    std::set<std::string> stated;
  };

  std::uint64_t seed = 0;
  std::optional<Stragglers> stragglers;
  std::vector<Change> changes;
  std::vector<Traffic> traffic;
  std::vector<Failures> failures;
  Late late = Late::wait;
  double timeout = std::numeric_limits<double>::infinity();  ///< how long a round may take at most, s
  std::optional<Energy> energy;

  /// How many times as long worker m computes in round k.
  double slowdown(int m, Round k) const { return stragglers ? stragglers->slowdown(m, k) : 1; }
  /// That as a function; empty where there are no stragglers.
  std::function<double(int m, Round k)> slowdown() const {
    if (!stragglers) return {};
    return [this](int m, Round k) { return stragglers->slowdown(m, k); };
  }
  /// Whether equal rounds may take different times.
  bool vary() const { return !changes.empty() || !traffic.empty(); }
  /// Whether a round's answers may be late, or fail to come.
  bool can_fail() const { return !failures.empty() || late != Late::wait; }
};

}  // namespace laconic::network
