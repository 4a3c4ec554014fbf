#pragma once

#include <string>

namespace simgrid::s4u {
class Host;
class Link;
}  // namespace simgrid::s4u

namespace laconic::network {

class Simulation;

/// A host or a link that can go down.
struct Component {
  std::string name;  ///< for people: "worker 1", "the server", "link worker-1_UP"
  const simgrid::s4u::Host* host = nullptr;
  const simgrid::s4u::Link* link = nullptr;  ///< exactly one of host and link is set
  int down = 0;                              ///< how many causes keep it down at present; 0: it is up
  bool gone = false;                         ///< whether it will stay down for good
  double since = 0;                          ///< when it went down last, s
};

/// Something a simulated cluster has beyond its rounds: links that change, traffic of others, outages, a meter. The
/// simulation calls each of its features in their order, once for attach() and once for start().
class Feature {
 public:
  virtual ~Feature() = default;
  /// Finds on the platform, which has just been built, what the conditions name. Throws InputError for what is not
  /// there.
  virtual void attach(Simulation&) {}
  /// Adds its actors. The server's actor is added after those of all features.
  virtual void start(Simulation&) {}
  /// Called by the server's actor when it is done: what is still under way must not keep the simulation going.
  virtual void finish(Simulation&) {}
  /// Called when a component has just gone down, and when it is just back.
  virtual void changed(const Component&) {}
};

}  // namespace laconic::network
