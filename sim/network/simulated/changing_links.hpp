#pragma once

#include <deque>
#include <map>
#include <string>

#include "platforms/simgrid/versions.hpp"
#include "sim/network/conditions.hpp"
#include "sim/network/simulated/feature.hpp"

namespace laconic::network {

/// Links whose bandwidth or latency, and hosts whose speed, follow a profile of time.
class ChangingLinks : public Feature {
 public:
  /// Throws InputError for a name that the platform does not have, and for a link that SimGrid cannot change.
  void attach(Simulation& simulation) override;
  void start(Simulation& simulation) override;

  /// Whether any host's speed follows a profile.
  bool change_speeds() const { return change_speeds_; }
  /// The bandwidth that the platform gave this link, byte/s, whatever it has at present.
  double built_bandwidth(const sg::Link& link) const;

 private:
  struct Bandwidth {
    sg::Link* link;
    const Profile* profile;
    double built, now, most;  // byte/s
  };

  void change_hosts(const Conditions::Change& change, Simulation& simulation);
  void change_links(const Conditions::Change& change, Simulation& simulation);
  void check(const Conditions::Change& change, const sg::Link& link) const;
  void change_bandwidth(sg::Link* link, const Profile& profile);
  void follow(Bandwidth& bandwidth) const;
  double latency_factor(const std::vector<sg::Link*>& links) const;

  bool change_speeds_ = false;
  std::deque<Bandwidth> bandwidths_;  // a deque: SimGrid and the actors hold references to its elements
  std::map<const sg::Link*, Bandwidth*> bandwidth_of_;
  std::map<const sg::Link*, const Profile*> latencies_;
};

}  // namespace laconic::network
