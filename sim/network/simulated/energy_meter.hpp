#pragma once

#include <map>
#include <string>
#include <utility>

#include "platforms/simgrid/versions.hpp"
#include "sim/network/conditions.hpp"
#include "sim/network/simulated/feature.hpp"

namespace laconic::network {

/// The energy that hosts and links draw, in joules since the start. SimGrid's plugin knows what hosts draw. Its plugin
/// for links charges a message's latency as if bytes flowed (3.32), three times too much where latency rules; a link's
/// power is therefore counted here: its idle power always, and what is above that for the bytes that pass, over the
/// bandwidth it was built with. What is down draws nothing.
class EnergyMeter : public Feature {
 public:
  /// To be made before the platform is built: SimGrid's plugin meters the hosts that are created after it has started.
  explicit EnergyMeter(const Conditions::Energy& energy);
  /// Throws InputError for watts that the file does not give or that cannot be read, with the host or the link, and for
  /// the air of a Wi-Fi cell whose energy cannot be known.
  void attach(Simulation& simulation) override;
  void changed(const Component& component) override;

  /// Counts bytes that have travelled.
  void carried(const sg::Host* from, const sg::Host* to, double bytes) {
    carried_ += bytes * joules_per_byte(from, to);
  }
  /// All joules until now.
  double joules();

 private:
  void give_watts(sg::Host& host);
  double joules_per_byte(const sg::Host* from, const sg::Host* to);
  Watts watts_of(const sg::Link& link) const;
  double air_seconds(const sg::Host* from, const sg::Host* to) const;
  double drawn_if_up(const Component& component) const;

  const Conditions::Energy& energy_;
  std::string fault_;  // of the first host whose watts the file gives wrong, or not at all
  Simulation* simulation_ = nullptr;
  std::map<const Component*, double> drawn_when_down_;  // drawn_if_up() when the component went down, J
  double idle_links_ = 0;                               // W
  double carried_ = 0, spared_ = 0;                     // J
  std::map<std::pair<const sg::Host*, const sg::Host*>, double> joules_per_byte_;
};

}  // namespace laconic::network
