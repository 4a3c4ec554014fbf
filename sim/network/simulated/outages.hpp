#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "platforms/simgrid/versions.hpp"
#include "sim/network/conditions.hpp"

namespace laconic::network {

/// Hosts and links that go down, and return. SimGrid does not know of it: a host that it turns off takes its actors
/// with it and makes whoever sends to it later abort, and a link that is off loses messages without a word. Instead,
/// who needs what goes down cuts short what it does, and who needs what is down does not begin.
class Outages {
 public:
  struct Part {
    std::string name;  ///< for people: "worker 1", "the server", "link worker-1_UP"
    const sg::Host* host = nullptr;
    const sg::Link* link = nullptr;  ///< one of the two
    int down = 0;                    ///< for so many reasons
    bool gone = false;               ///< for good
    double since = 0;                ///< when it went down, s
  };
  /// All that a computation or a transfer needs of what can go down.
  using Needs = std::vector<const Part*>;

  /// Throws InputError for a name that the platform does not have.
  Outages(const Conditions& conditions, sg::Engine& engine, const platforms::Deployment& hosts);
  /// Adds the actors that take down and bring back.
  void play(sg::Host* simulation);

  const std::deque<Part>& parts() const { return parts_; }
  const Needs& of(const sg::Host* host);
  const Needs& between(const sg::Host* from, const sg::Host* to);
  /// What of it is down, best something that is so for good; nullptr: nothing.
  static const Part* missing(const Needs& needs);
  /// Blocks the calling actor until all of it is up; false if that will never be.
  bool await(const Needs& needs);

  /// Called when a part has just gone down, and when it is just back.
  std::vector<std::function<void(const Part&)>> on_change;

 private:
  struct Cause {  // of failures: what goes down together
    const Failures* law;
    std::uint32_t number, member;  // which of the laws, and of those that follow it
    std::vector<Part*> parts;
  };

  Part& part(const sg::Host* host, const platforms::Deployment& hosts);
  Part& part(const sg::Link* link);
  void find_hosts(const Failures& law, std::uint32_t number, sg::Engine& engine, const platforms::Deployment& hosts);
  void find_links(const Failures& law, std::uint32_t number, sg::Engine& engine);
  void live(const Cause& cause);
  void take_down(const Cause& cause, bool for_good);
  void bring_up(const Cause& cause);
  void wake();

  std::uint64_t seed_;
  std::deque<Part> parts_;  // stays where it is
  std::map<const void*, Part*> known_;
  std::vector<Cause> causes_;
  std::map<std::pair<const sg::Host*, const sg::Host*>, Needs> ways_;
  std::vector<sg::SemaphorePtr> waiting_;
};

/// Whether a name, or a pattern, means this link. A split-duplex link has one name and is two links.
bool means_link(const std::string& pattern, const std::string& name);
std::string without_direction(const std::string& name);

}  // namespace laconic::network
