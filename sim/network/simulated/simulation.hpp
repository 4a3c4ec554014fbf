#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "platforms/simgrid/versions.hpp"
#include "sim/network/cluster.hpp"
#include "sim/network/simulated/outages.hpp"

namespace laconic::network {

/// This process's one engine with a scenario's platform and conditions on it: what both kinds of actors play on.
class Simulation {
 public:
  /// Throws InputError for a name in the conditions that the platform does not have.
  explicit Simulation(const ClusterPlan& plan);

  sg::Engine& engine() { return *engine_; }
  const platforms::Deployment& hosts() const { return hosts_; }
  /// Whether equal rounds that start on an idle network take equal times.
  bool steady() const { return !hosts_.varies && !conditions_.vary() && !conditions_.can_fail(); }
  /// Whether a computation takes another time than flops / speed.
  bool varying_speeds() const { return varying_speeds_; }
  /// How many times as long worker m computes in round k.
  double slowdown(int m, Round k) const { return conditions_.stragglers ? conditions_.stragglers->slowdown(m, k) : 1; }

  /// Runs an actor on the server's host until it returns, while the conditions play. Throws what it threw, and RunError
  /// if it cannot return.
  void run(const std::function<void()>& server);

  /// Failures of hosts and links.
  Outages& outages() { return *outages_; }

  // Energy, in joules since the start.

  bool metered() const { return conditions_.energy.has_value(); }
  /// So many bytes have travelled.
  void carried(const sg::Host* from, const sg::Host* to, double bytes) {
    carried_ += bytes * joules_per_byte(from, to);
  }
  double joules();

 private:
  struct Flow {
    sg::Host *from, *to;
    const Conditions::Traffic* traffic;
    std::uint32_t number;
    double joules_per_byte = 0;
    const Outages::Needs* needs = nullptr;
    sg::CommPtr now = nullptr;
    sg::SemaphorePtr turn = sg::Semaphore::create(0);  // its way has changed
  };

  struct Widths {
    sg::Link* link;
    const Profile* profile;
    double now, most;  // byte/s
  };

  void name_watts();
  void meter_links();
  double joules_per_byte(const sg::Host* from, const sg::Host* to);
  Watts watts_of(const sg::Link& link) const;
  double air_seconds(const sg::Host* from, const sg::Host* to) const;
  void change_links_and_hosts();
  void widen(Widths& widths);
  sg::Host* host_named(const std::string& name, const std::string& where) const;
  void place_traffic();
  void send(Flow& flow);
  double flow_bytes(const Flow& flow) const;
  void stop(Flow& flow);
  void note_outage(const Outages::Part& part);
  double drawn(const Outages::Part& part) const;

  const Conditions& conditions_;
  sg::QuietEngine engine_;
  platforms::Deployment hosts_;
  bool varying_speeds_ = false;
  std::deque<Widths> widths_;  // stays where it is
  std::map<const sg::Link*, const Profile*> latencies_;
  std::vector<Flow> flows_;
  std::optional<Outages> outages_;
  std::map<const Outages::Part*, double> drawn_;  // J, when what is down went down
  double idle_links_ = 0, carried_ = 0, spared_ = 0;
  std::map<std::pair<const sg::Host*, const sg::Host*>, double> joules_per_byte_;
  std::map<const sg::Link*, double> built_;  // byte/s, of links that change
};

}  // namespace laconic::network
