#pragma once

#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "algorithms/core/late.hpp"
#include "algorithms/core/types.hpp"
#include "platforms/platform.hpp"
#include "platforms/quantity.hpp"
#include "sim/network/time_profile.hpp"

namespace laconic::network {

/// Slow-downs of the workers' computations: drawn for each worker and round, or from a trace of factors.
class Stragglers {
 public:
  Stragglers(Params& in, int M, std::uint64_t seed, const std::filesystem::path& folder);
  /// How many times as long worker m computes in round k.
  double slowdown(int m, Round k) const;

 private:
  void read_trace(Params& in, int M, const std::filesystem::path& folder);

  std::uint64_t seed_;
  double probability_ = 1;
  platforms::Law factor_ = platforms::Law::constant(1);
  std::vector<bool> who_;
  std::vector<std::vector<double>> trace_;  // a row each round, a column each worker
};

/// When workers, hosts or links are down: windows of time, or laws for the time between failures and to repair.
struct Failures {
  std::vector<int> workers;
  std::string host, link;                          ///< or a name or pattern of one of these
  std::string where;                               ///< for messages
  std::vector<std::pair<double, double>> windows;  ///< down at, up at, s; infinite: down for good
  double period = 0;                               ///< after which the windows begin again; 0: never
  std::optional<platforms::Law> between, repair;
};

/// What a node or a link draws.
struct Watts {
  double idle = 0, busy = 0;
};

/// What is not ideal about a cluster: "conditions" of a scenario, and the platform's "watts".
struct Conditions {
  struct Change {
    Profiled of;
    std::string name;  ///< a link's or a host's, or a pattern
    Profile profile;
    std::string where;  ///< for messages
  };
  struct Traffic {
    std::string from, to;
    int flows = 1;
    std::optional<platforms::Law> on, off;  ///< absent: without pause
    std::string where;
  };
  struct Energy {
    Watts server, worker, other, link;
    std::string server_name;
    std::set<std::string> worker_names;
    std::string where;
    bool from_file = false;  ///< XML's own properties, instead of these
  };

  std::uint64_t seed = 0;
  std::optional<Stragglers> stragglers;
  std::vector<Change> changes;
  std::vector<Traffic> traffic;
  std::vector<Failures> failures;
  Late late = Late::wait;
  double timeout = std::numeric_limits<double>::infinity();  ///< of a round, s
  std::optional<Energy> energy;

  /// How many times as long worker m computes in round k; empty where there are no stragglers.
  std::function<double(int m, Round k)> slowdown() const {
    if (!stragglers) return {};
    return [this](int m, Round k) { return stragglers->slowdown(m, k); };
  }
  /// Whether equal rounds may take different times.
  bool vary() const { return !changes.empty() || !traffic.empty(); }
  /// Whether a round's answers may be late, or fail to come.
  bool can_fail() const { return !failures.empty() || late != Late::wait; }
};

/// Reads "conditions". Names of hosts and links are looked up when the platform is built.
Conditions read_conditions(Params& in, int M, const platforms::NetworkModel& network,
                           const std::filesystem::path& folder);

/// Adds what a platform file says of one of its hosts or links.
void add_profile(Conditions& conditions, const platforms::ProfileFile& file);

/// Reads "watts" of a platform.
Conditions::Energy read_watts(Params& in);

}  // namespace laconic::network
