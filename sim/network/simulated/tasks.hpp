#pragma once

#include <cstdint>

#include "platforms/simgrid/versions.hpp"
#include "sim/network/simulated/outages.hpp"

namespace laconic::network {

class Simulation;
class Timeline;

/// What an actor has under way: a computation on `from`, or a transfer. A failure may cut it short.
struct Task {
  sg::ActivityPtr now;
  const Outages::Needs* needs = nullptr;
  const sg::Host *from = nullptr, *to = nullptr;
  double since = 0;
  double left = 0;  ///< how many of its bytes were left when it was cut short
};

/// Has hosts compute and send, for actors on any host: SimGrid's activities, told to the timeline and the meter.
class Tasks {
 public:
  Tasks(Simulation& simulation, Timeline* timeline) : simulation_(simulation), timeline_(timeline) {}

  /// Each blocks the calling actor until it is done; false if it could not begin, or was cut short.
  bool compute(Task& task, sg::Host* host, double flops, const Outages::Needs& needs);
  bool transfer(Task& task, sg::Host* from, sg::Host* to, std::uint64_t bytes, const Outages::Needs& needs);
  // Others run while SimGrid is asked about an activity, and the task's own actor lets go of one that has ended: so
  // these hold it meanwhile.

  /// The flops or bytes that are left to do; 0: none is under way.
  static double remaining(const Task& task);
  /// Cuts the task short if it needs this component.
  static void cut(Task& task, const Component& component);
  /// Cuts the task short, unless it ends at this very date.
  static void cancel(Task& task);
  /// Tells the timeline of a task that is over, or of the part so far of one that is not.
  void tell(const Task& task, bool lost) const;
  /// Writes round k of the timeline, there being one, from `began` to now. What goes on beyond its end, as what these
  /// have under way, is told in parts, one for each round.
  template <class Couriers>
  void write_round(Round k, double began, const Couriers& couriers) const {
    for (const auto& courier : couriers)
      if (courier.task.now) tell(courier.task, false);
    write_round(k, began);
  }

 private:
  void write_round(Round k, double began) const;
  bool finished(Task& task, const sg::ActivityPtr& activity);

  Simulation& simulation_;
  Timeline* const timeline_;
};

}  // namespace laconic::network
