#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "platforms/simgrid/versions.hpp"
#include "sim/network/conditions.hpp"
#include "sim/network/simulated/feature.hpp"

namespace laconic::network {

/// Hosts and links that go down, and return. SimGrid does not know of it: a host that it turns off takes its actors
/// with it and makes whoever sends to it later abort, and a link that is off loses messages without a word. Instead,
/// an actor that needs what goes down cuts short what it does, and one that needs what is down does not begin.
class Outages : public Feature {
 public:
  /// The components that a computation or a transfer needs, among those that can go down.
  using Needs = std::vector<const Component*>;

  /// Throws InputError for a name that the platform does not have.
  void attach(Simulation& simulation) override;
  /// Adds the actors that take components down and bring them back.
  void start(Simulation& simulation) override;

  const std::deque<Component>& components() const { return components_; }
  /// What a computation on this host needs.
  const Needs& on(const sg::Host* host);
  /// What a transfer from one host to another needs.
  const Needs& between(const sg::Host* from, const sg::Host* to);
  /// A component that is down, if possible one that is so for good; nullptr: all are up.
  static const Component* missing(const Needs& needs);
  enum class Way {
    open,
    gone,        ///< one of them is down for good
    never_whole  ///< whenever one of them came back, another was down, again and again
  };
  /// Blocks the calling actor until all are up, or it is known that this will not be.
  Way await(const Needs& needs);

 private:
  struct Cause {  // Its components go down together.
    const Failures* law;
    std::uint32_t number, member;  // the number of its law, and its own among those that follow the same law
    std::vector<Component*> components;
  };

  static constexpr int most_returns = 1000;

  Component& component(const sg::Host* host);
  Component& component(const sg::Link* link);
  void find_hosts(const Failures& law, std::uint32_t number);
  void find_links(const Failures& law, std::uint32_t number);
  void follow(const Cause& cause);
  void take_down(const Cause& cause, bool for_good);
  void bring_up(const Cause& cause);
  void wake();

  Simulation* simulation_ = nullptr;
  std::deque<Component> components_;  // a deque: others hold pointers to its elements
  std::map<const void*, Component*> known_;
  std::vector<Cause> causes_;
  std::map<std::pair<const sg::Host*, const sg::Host*>, Needs> needs_;
  std::vector<sg::SemaphorePtr> waiting_;
};

/// Whether a name, or a pattern, means this link. A split-duplex link has one name and is two links.
bool means_link(const std::string& pattern, const std::string& name);
/// A split-duplex link's name, from the name of either of its two links.
std::string without_direction(const std::string& name);

}  // namespace laconic::network
