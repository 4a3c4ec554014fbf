#pragma once

#include <simgrid/s4u.hpp>

#include <simgrid/plugins/energy.h>
#include <simgrid/kernel/ProfileBuilder.hpp>
#if __has_include(<simgrid/kernel/resource/NetworkModelIntf.hpp>)  // only where zones have no set_latency_factor_cb
#include <simgrid/kernel/resource/NetworkModelIntf.hpp>
#endif

#include <simgrid/version.h>  // after s4u.hpp, which defines its macros

#include <xbt/log.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

// Every difference between SimGrid 3.32 and 4.1 that Laconic meets: by version or, where it is not known which one
// brought it, by what the headers have.

namespace laconic::sg {

using namespace simgrid::s4u;
using NetPoint = simgrid::kernel::routing::NetPoint;

/// Makes the host at a node of a fat tree, torus or dragonfly; nodes are numbered from 0.
using MakeHost = std::function<Host*(NetZone& zone, unsigned long node)>;

/// This process's one and only engine, which says nothing below a critical message.
class QuietEngine {
 public:
  explicit QuietEngine(std::span<const char* const> settings) {
    xbt_log_control_set("root.thresh:critical");
    std::string arguments[] = {
        "laconic",
#ifdef LACONIC_THREAD_CONTEXTS
        "--cfg=contexts/factory:thread"  // SimGrid reads it once, in the engine's constructor
#endif
    };
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    auto argc = static_cast<int>(argv.size());
    argv.push_back(nullptr);
    engine_ = std::make_unique<Engine>(&argc, argv.data());
    for (const char* setting : settings) Engine::set_config(setting);  // before any zone exists
  }
  Engine& operator*() const { return *engine_; }
  Engine* operator->() const { return engine_.get(); }

 private:
  std::unique_ptr<Engine> engine_;
};

/// Scales the latency of each transfer as it starts. SimGrid's own latency profiles lose transfers.
inline void scale_latencies(Engine& engine, const std::function<double(const std::vector<Link*>& links)>& scale) {
  const auto factor = [scale](double, const Host*, const Host*, const std::vector<Link*>& links,
                              const std::unordered_set<NetZone*>&) { return scale(links); };
  const auto set = [&factor](const auto& root) {
    if constexpr (requires { root.set_latency_factor_cb(factor); })
      root.set_latency_factor_cb(factor);
    else
      root.get_network_model()->set_lat_factor_cb(factor);
  };
  set(*engine.get_netzone_root());
}

/// Has a link carry what `capacity` says, byte/s, whenever SimGrid shares it out. Its bandwidth must be no less.
inline void set_capacity(Link& link, const std::function<double()>& capacity) {
  link.set_sharing_policy(Link::SharingPolicy::NONLINEAR, [capacity](double, int) { return capacity(); });
}

/// Whether the link is the air of a Wi-Fi cell.
inline bool is_air(const Link& link) { return link.get_sharing_policy() == Link::SharingPolicy::WIFI; }

/// What the link carries now, byte/s; for the air of a Wi-Fi cell, the part of the time for which it is taken.
inline double load(const Link& link) {
  const auto get = [](const auto& of) {
    if constexpr (requires { of.get_load(); })
      return of.get_load();
    else
      return of.get_usage();
  };
  return get(link);
}

/// A profile from dates and values, which begins again after `period` seconds unless that is 0. `again` is
/// asked whenever it begins, and may say that it shall not.
inline simgrid::kernel::profile::Profile* profile(const std::string& name,
                                                  const std::vector<std::pair<double, double>>& points, double period,
                                                  const std::function<bool()>& again) {
  const auto more = [points, period, again](std::vector<simgrid::kernel::profile::DatedValue>& values) {
    if (!values.empty() && (period <= 0 || !again())) return;
    double before = values.empty() ? 0 : points.back().first - period;  // SimGrid's dates count from the last one
    for (const auto& [date, value] : points) {
      values.emplace_back(date - before, value);
      before = date;
    }
  };
  return simgrid::kernel::profile::ProfileBuilder::from_callback(name, more, -1);
}

/// Completes every zone; some have no routes before. Harmless if done already.
inline void seal(Engine& engine) { engine.get_netzone_root()->seal(); }

#if SIMGRID_VERSION >= 40000
inline NetZone* root_star(Engine& engine, const std::string& name) {
  return engine.get_netzone_root()->add_netzone_star(name);
}
inline NetZone* root_full(Engine& engine, const std::string& name) {
  return engine.get_netzone_root()->add_netzone_full(name);
}
inline NetZone* add_star(NetZone& parent, const std::string& name) { return parent.add_netzone_star(name); }
inline NetZone* add_wifi(NetZone& parent, const std::string& name) { return parent.add_netzone_wifi(name); }
inline NetPoint* add_router(NetZone& zone, const std::string& name) { return zone.add_router(name); }
inline Link* add_link(NetZone& zone, const std::string& name, const std::vector<double>& bandwidths) {
  return zone.add_link(name, bandwidths);
}
inline NetZone* with_hosts(NetZone* zone, const MakeHost& make) {
  return zone->set_host_cb(
      [make](NetZone* in, const std::vector<unsigned long>&, unsigned long node) { return make(*in, node); });
}
inline NetZone* root_fat_tree(Engine& engine, const std::string& name, const std::vector<unsigned>& down,
                              const std::vector<unsigned>& up, const std::vector<unsigned>& cables,
                              const MakeHost& make, double bandwidth, double latency) {
  return with_hosts(
      engine.get_netzone_root()->add_netzone_fatTree(name, static_cast<unsigned>(down.size()), down, up, cables,
                                                     bandwidth, latency, Link::SharingPolicy::SPLITDUPLEX),
      make);
}
inline NetZone* root_torus(Engine& engine, const std::string& name, const std::vector<unsigned long>& dimensions,
                           const MakeHost& make, double bandwidth, double latency) {
  return with_hosts(engine.get_netzone_root()->add_netzone_torus(name, dimensions, bandwidth, latency,
                                                                 Link::SharingPolicy::SPLITDUPLEX),
                    make);
}
inline NetZone* root_dragonfly(Engine& engine, const std::string& name, const std::pair<unsigned, unsigned>& groups,
                               const std::pair<unsigned, unsigned>& chassis,
                               const std::pair<unsigned, unsigned>& routers, unsigned nodes, const MakeHost& make,
                               double bandwidth, double latency) {
  return with_hosts(engine.get_netzone_root()->add_netzone_dragonfly(name, groups, chassis, routers, nodes, bandwidth,
                                                                     latency, Link::SharingPolicy::SPLITDUPLEX),
                    make);
}
inline Host* add_host(NetZone& zone, const std::string& name, double speed) { return zone.add_host(name, speed); }
inline SplitDuplexLink* add_duplex(NetZone& zone, const std::string& name, double bandwidth) {
  return zone.add_split_duplex_link(name, bandwidth);
}
#else
inline NetZone* root_star(Engine&, const std::string& name) { return create_star_zone(name); }
inline NetZone* root_full(Engine&, const std::string& name) { return create_full_zone(name); }
inline NetZone* add_star(NetZone& parent, const std::string& name) {
  return create_star_zone(name)->set_parent(&parent);
}
inline NetZone* add_wifi(NetZone& parent, const std::string& name) {
  return create_wifi_zone(name)->set_parent(&parent);
}
inline NetPoint* add_router(NetZone& zone, const std::string& name) { return zone.create_router(name); }
inline Link* add_link(NetZone& zone, const std::string& name, const std::vector<double>& bandwidths) {
  return zone.create_link(name, bandwidths);
}
inline ClusterCallbacks callbacks(const MakeHost& make) {
#if SIMGRID_VERSION >= 33600
  return ClusterCallbacks(std::function<ClusterCallbacks::ClusterHostCb>(
      [make](NetZone* in, const std::vector<unsigned long>&, unsigned long node) { return make(*in, node); }));
#else
  return ClusterCallbacks([make](NetZone* in, const std::vector<unsigned long>&, unsigned long node) {
    return std::pair<NetPoint*, NetPoint*>(make(*in, node)->get_netpoint(), nullptr);
  });
#endif
}
inline NetZone* root_fat_tree(Engine&, const std::string& name, const std::vector<unsigned>& down,
                              const std::vector<unsigned>& up, const std::vector<unsigned>& cables,
                              const MakeHost& make, double bandwidth, double latency) {
  return create_fatTree_zone(name, nullptr, {static_cast<unsigned>(down.size()), down, up, cables}, callbacks(make),
                             bandwidth, latency, Link::SharingPolicy::SPLITDUPLEX);
}
inline NetZone* root_torus(Engine&, const std::string& name, const std::vector<unsigned long>& dimensions,
                           const MakeHost& make, double bandwidth, double latency) {
  return create_torus_zone(name, nullptr, dimensions, callbacks(make), bandwidth, latency,
                           Link::SharingPolicy::SPLITDUPLEX);
}
inline NetZone* root_dragonfly(Engine&, const std::string& name, const std::pair<unsigned, unsigned>& groups,
                               const std::pair<unsigned, unsigned>& chassis,
                               const std::pair<unsigned, unsigned>& routers, unsigned nodes, const MakeHost& make,
                               double bandwidth, double latency) {
  return create_dragonfly_zone(name, nullptr, {groups, chassis, routers, nodes}, callbacks(make), bandwidth, latency,
                               Link::SharingPolicy::SPLITDUPLEX);
}
inline Host* add_host(NetZone& zone, const std::string& name, double speed) { return zone.create_host(name, speed); }
inline SplitDuplexLink* add_duplex(NetZone& zone, const std::string& name, double bandwidth) {
  return zone.create_split_duplex_link(name, bandwidth);
}
#endif

inline void add_actor(const std::string& name, Host* host, const std::function<void()>& code, bool daemon) {
  const auto add = [&](auto& at,
                       auto& engine) {  // 4.1's hosts add actors, 4.0's engine does, 3's actors make themselves
    if constexpr (requires { at.add_actor(name, code); })
      return at.add_actor(name, code);
    else if constexpr (requires { engine.add_actor(name, &at, code); })
      return engine.add_actor(name, &at, code);
    else
      return Actor::create(name, &at, code);
  };
  const auto actor = add(*host, *Engine::get_instance());
  if (daemon) actor->daemonize();
}

/// A zone inside another, and the point where one enters and leaves it.
struct InnerZone {
  NetZone* zone = nullptr;
  NetPoint* gateway = nullptr;
};

/// To be called once, before the zone is sealed.
inline InnerZone entered_at(NetZone& zone, NetPoint* gateway) {
#if SIMGRID_VERSION >= 33600
  zone.set_gateway(gateway);
#endif
  return {&zone, gateway};
}

/// Adds the route through a star from a host to the centre and back, over split-duplex links.
inline void add_star_route(NetZone& zone, Host* host, const std::vector<LinkInRoute>& up) {
#if SIMGRID_VERSION >= 33600
  zone.add_route(host, nullptr, up, true);
#else
  zone.add_route(host->get_netpoint(), nullptr, nullptr, nullptr, up, true);
#endif
}

/// Adds the route through a star from a zone in it to the centre and back.
inline void add_star_route(NetZone& zone, const InnerZone& inner, const std::vector<LinkInRoute>& up) {
#if SIMGRID_VERSION >= 33600
  zone.add_route(inner.zone, nullptr, up, true);
#else
  zone.add_route(inner.zone->get_netpoint(), nullptr, inner.gateway, nullptr, up, true);
#endif
}

/// Adds the route between two zones of `zone`, and back.
inline void add_zone_route(NetZone& zone, const InnerZone& a, const InnerZone& b,
                           const std::vector<LinkInRoute>& links) {
#if SIMGRID_VERSION >= 33600
  zone.add_route(a.zone, b.zone, links, true);
#else
  zone.add_route(a.zone->get_netpoint(), b.zone->get_netpoint(), a.gateway, b.gateway, links, true);
#endif
}

}  // namespace laconic::sg
