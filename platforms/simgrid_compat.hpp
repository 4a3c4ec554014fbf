#pragma once

#include <simgrid/s4u.hpp>

#include <simgrid/version.h>  // after s4u.hpp, which defines its macros

#include <string>
#include <vector>

// Every difference between SimGrid 3.32 and 4.1 that Laconic meets.

namespace laconic::sg {

using namespace simgrid::s4u;

#if SIMGRID_VERSION >= 40000
inline NetZone* root_star(Engine& engine, const std::string& name) {
  return engine.get_netzone_root()->add_netzone_star(name);
}
inline Host* add_host(NetZone& zone, const std::string& name, double speed) { return zone.add_host(name, speed); }
inline SplitDuplexLink* add_duplex(NetZone& zone, const std::string& name, double bandwidth) {
  return zone.add_split_duplex_link(name, bandwidth);
}
inline void add_actor(Engine& engine, const std::string& name, Host* host, const std::function<void()>& code,
                      bool daemon) {
  auto actor = engine.add_actor(name, host, code);
  if (daemon) actor->daemonize();
}
#else
inline NetZone* root_star(Engine&, const std::string& name) { return create_star_zone(name); }
inline Host* add_host(NetZone& zone, const std::string& name, double speed) { return zone.create_host(name, speed); }
inline SplitDuplexLink* add_duplex(NetZone& zone, const std::string& name, double bandwidth) {
  return zone.create_split_duplex_link(name, bandwidth);
}
inline void add_actor(Engine&, const std::string& name, Host* host, const std::function<void()>& code, bool daemon) {
  auto actor = Actor::create(name, host, code);
  if (daemon) actor->daemonize();
}
#endif

/// The way through a star from a host to the centre and back, over split-duplex links.
inline void add_star_route(NetZone& zone, Host* host, const std::vector<LinkInRoute>& up) {
#if SIMGRID_VERSION >= 33600
  zone.add_route(host, nullptr, up, true);
#else
  zone.add_route(host->get_netpoint(), nullptr, nullptr, nullptr, up, true);
#endif
}

}  // namespace laconic::sg
