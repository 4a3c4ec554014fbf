#include "sim/network/simulated/outages.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "algorithms/base/error.hpp"
#include "algorithms/base/names.hpp"
#include "sim/network/simulated/simulation.hpp"
#include "sim/network/simulated/stretch.hpp"

namespace laconic::network {

using namespace platforms;

std::string without_direction(const std::string& name) {
  for (const std::string_view end : {"_UP", "_DOWN"})
    if (name.ends_with(end)) return name.substr(0, name.size() - end.size());
  return name;
}

bool means_link(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), 0) == 0 ||
         fnmatch(pattern.c_str(), without_direction(name).c_str(), 0) == 0;
}

void Outages::attach(Simulation& simulation) {
  simulation_ = &simulation;
  std::uint32_t number = 0;
  for (const auto& law : simulation.conditions().failures) {
    for (const int m : law.workers)
      causes_.push_back({&law,
                         number,
                         static_cast<std::uint32_t>(m),
                         {&component(simulation.hosts().workers[static_cast<std::size_t>(m)])}});
    if (!law.host.empty()) find_hosts(law, number);
    if (!law.link.empty()) find_links(law, number);
    ++number;
  }
}

Component& Outages::component(const sg::Host* host) {
  Component*& known = known_[host];
  if (known) return *known;
  const Deployment& hosts = simulation_->hosts();
  const auto worker = std::find(hosts.workers.begin(), hosts.workers.end(), host);
  known = &components_.emplace_back();
  known->host = host;
  known->name = host == hosts.server            ? "the server"
                : worker != hosts.workers.end() ? fmt::format("worker {}", worker - hosts.workers.begin())
                                                : "host " + host->get_name();
  return *known;
}

Component& Outages::component(const sg::Link* link) {
  Component*& known = known_[link];
  if (known) return *known;
  known = &components_.emplace_back();
  known->link = link;
  known->name = "link " + link->get_name();
  return *known;
}

namespace {

[[noreturn]] void unknown(const Failures& law, const char* kind, const std::string& name,
                          const std::vector<std::string>& names) {
  throw InputError(
      fmt::format("{}: the platform has no {} \"{}\"{}", law.where, kind, name, did_you_mean(name, names)));
}

}  // namespace

// Hosts go by their names on the platform, or as "server" and "worker-3".
void Outages::find_hosts(const Failures& law, std::uint32_t number) {
  const Deployment& hosts = simulation_->hosts();
  std::map<std::string, const sg::Host*> named{{"server", hosts.server}};
  for (std::size_t m = 0; m < hosts.workers.size(); ++m) named.emplace(fmt::format("worker-{}", m), hosts.workers[m]);
  for (const auto* host : simulation_->engine().get_all_hosts()) named[host->get_name()] = host;
  std::vector<std::string> names;
  std::vector<const sg::Host*> found;
  for (const auto& [name, host] : named) {
    names.push_back(name);
    if (fnmatch(law.host.c_str(), name.c_str(), 0) != 0 || std::find(found.begin(), found.end(), host) != found.end())
      continue;
    causes_.push_back({&law, number, static_cast<std::uint32_t>(found.size()), {&component(host)}});
    found.push_back(host);
  }
  if (found.empty()) unknown(law, "host", law.host, names);
}

// Both directions of a split-duplex link go down together.
void Outages::find_links(const Failures& law, std::uint32_t number) {
  std::map<std::string, std::vector<Component*>> cables;
  std::vector<std::string> names;
  for (const auto* link : simulation_->engine().get_all_links()) {
    if (link->get_name() == "__loopback__") continue;
    names.push_back(without_direction(link->get_name()));
    if (means_link(law.link, link->get_name())) cables[names.back()].push_back(&component(link));
  }
  if (cables.empty()) unknown(law, "link", law.link, names);
  std::uint32_t member = 0;
  for (auto& [name, links] : cables) causes_.push_back({&law, number, member++, std::move(links)});
}

void Outages::start(Simulation& simulation) {
  for (const auto& cause : causes_)
    sg::add_actor(
        fmt::format("failures-{}-{}", cause.number, cause.member), simulation.hosts().server,
        [this, &cause] { follow(cause); }, true);
}

void Outages::follow(const Cause& cause) {
  const Failures& law = *cause.law;
  if (law.between) {
    Rng rng(simulation_->conditions().seed, Purpose::failure, cause.member, cause.number);
    for (;;) {
      rest_for(law.between->draw(rng));
      take_down(cause, false);
      rest_for(law.repair->draw(rng));
      bring_up(cause);
    }
  }
  for (double start = 0;; start += law.period) {
    for (const auto& [down, up] : law.windows) {
      rest_until(start + down);
      take_down(cause, std::isinf(up));
      if (std::isinf(up)) return;
      rest_until(start + up);
      bring_up(cause);
    }
    if (law.period <= 0 || law.windows.empty()) return;
  }
}

void Outages::take_down(const Cause& cause, bool for_good) {
  for (Component* component : cause.components) {
    component->gone |= for_good;
    if (component->down++ > 0) continue;
    component->since = now();
    simulation_->changed(*component);
  }
  if (for_good) wake();
}

void Outages::bring_up(const Cause& cause) {
  for (Component* component : cause.components) {
    if (--component->down > 0) continue;
    simulation_->changed(*component);
  }
  wake();
}

void Outages::wake() {
  for (const auto& turn : std::exchange(waiting_, {})) turn->release();
}

const Outages::Needs& Outages::on(const sg::Host* host) { return between(host, host); }

const Outages::Needs& Outages::between(const sg::Host* from, const sg::Host* to) {
  const auto [known, fresh] = needs_.try_emplace({from, to});
  Needs& needs = known->second;
  if (!fresh) return needs;
  const auto add = [&](const void* what) {
    if (const auto found = known_.find(what); found != known_.end()) needs.push_back(found->second);
  };
  add(from);
  if (from == to) return needs;
  add(to);
  std::vector<sg::Link*> links;
  double latency = 0;
  from->route_to(to, links, &latency);
  for (const auto* link : links) add(link);
  return needs;
}

const Component* Outages::missing(const Needs& needs) {
  const Component* out = nullptr;
  for (const Component* component : needs)
    if (component->down > 0 && (!out || component->gone)) out = component;
  return out;
}

Outages::Way Outages::await(const Needs& needs) {
  for (int returns = 0; const Component* component = missing(needs); ++returns) {
    if (component->gone) return Way::gone;
    if (returns > most_returns) return Way::never_whole;
    while (component->down > 0 && !component->gone) {
      waiting_.push_back(sg::Semaphore::create(0));
      const auto turn = waiting_.back();
      turn->acquire();
    }
  }
  return Way::open;
}

}  // namespace laconic::network
