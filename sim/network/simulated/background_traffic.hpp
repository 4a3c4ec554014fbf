#pragma once

#include <cstdint>
#include <vector>

#include "platforms/simgrid/versions.hpp"
#include "sim/network/conditions.hpp"
#include "sim/network/simulated/feature.hpp"
#include "sim/network/simulated/outages.hpp"

namespace laconic::network {

/// Flows that share the links with the rounds' messages. A flow rests while anything on its way is down.
class BackgroundTraffic : public Feature {
 public:
  /// A flow sends without end, or for a drawn time, then pauses for another.
  struct Flow {
    sg::Host *from, *to;
    const Conditions::Traffic* traffic;
    std::uint32_t number;
    const Outages::Needs* needs = nullptr;
    sg::CommPtr now = nullptr;
    sg::SemaphorePtr changed = sg::Semaphore::create(0);  // released when anything on its way went down or came back
  };

  /// Throws InputError for a host that the platform does not have, and for two that no link joins.
  void attach(Simulation& simulation) override;
  void start(Simulation& simulation) override;
  void finish(Simulation& simulation) override;
  void changed(const Component& component) override;

  const std::vector<Flow>& flows() const { return flows_; }
  /// How many bytes of what the flow sends at present have arrived; 0 while it pauses.
  static double bytes_under_way(const Flow& flow);

 private:
  void send(Flow& flow, Simulation& simulation) const;
  static void stop(Flow& flow, Simulation& simulation);

  std::vector<Flow> flows_;
};

}  // namespace laconic::network
