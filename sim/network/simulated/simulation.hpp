#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "platforms/simgrid/versions.hpp"
#include "sim/network/cluster.hpp"
#include "sim/network/simulated/background_traffic.hpp"
#include "sim/network/simulated/changing_links.hpp"
#include "sim/network/simulated/energy_meter.hpp"
#include "sim/network/simulated/outages.hpp"

namespace laconic::network {

/// This process's one SimGrid engine, with a scenario's platform and the features that its conditions ask for. Every
/// kind of actors (server_round.hpp, collective_round.hpp, failing_workers.hpp) runs on it.
class Simulation {
 public:
  /// Throws InputError for a name in the conditions that the platform does not have.
  explicit Simulation(const ClusterPlan& plan);
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  sg::Engine& engine() { return *engine_; }
  const sg::Engine& engine() const { return *engine_; }
  const platforms::Deployment& hosts() const { return hosts_; }
  const Conditions& conditions() const { return conditions_; }
  /// Whether equal rounds that start on an idle network take equal times.
  bool steady() const { return !hosts_.varies && !conditions_.vary() && !conditions_.can_fail(); }
  /// Whether a computation takes another time than flops / speed.
  bool varying_speeds() const { return hosts_.varying_speeds || links_.change_speeds(); }
  /// The host of this name on the platform, or of "server" or "worker-3". Throws InputError "<where>: ..." for others.
  sg::Host* host_named(const std::string& name, const std::string& where) const;

  const ChangingLinks& links() const { return links_; }
  const BackgroundTraffic& traffic() const { return traffic_; }
  Outages& outages() { return outages_; }
  /// nullptr: energy is not metered.
  EnergyMeter* energy() { return energy_ ? &*energy_ : nullptr; }

  /// From now on, this is also told of what goes down and what comes back, after the simulation's own features.
  void add_listener(Feature& feature) { features_.push_back(&feature); }
  /// Tells all features of it.
  void changed(const Component& component);
  /// To be called as a round begins: run() throws RunError once there have been far more events than a round can need.
  void begin_round() { events_ = 0; }
  /// Counts one more; false if there have been too many, and the simulation is about to end.
  bool count_event();

  /// Runs an actor on the server's host until it returns, beside the features' actors. Throws what it threw, and
  /// RunError if it cannot return. To be called once.
  void run(const std::function<void()>& server);

 private:
  const Conditions& conditions_;
  sg::QuietEngine engine_;
  ChangingLinks links_;
  BackgroundTraffic traffic_;
  Outages outages_;
  std::optional<EnergyMeter> energy_;
  std::size_t events_ = 0;          // since the round began
  std::string flood_;               // what run() throws; empty: nothing
  std::vector<Feature*> features_;  // their order is that of their actors, and so part of every result
  platforms::Deployment hosts_;
};

}  // namespace laconic::network
