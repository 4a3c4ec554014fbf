#include "sim/network/simulated/changing_links.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <vector>

#include "algorithms/base/error.hpp"
#include "algorithms/base/names.hpp"
#include "sim/network/simulated/simulation.hpp"
#include "sim/network/simulated/stretch.hpp"

namespace laconic::network {

using namespace platforms;

namespace {

constexpr double slowest_link = 1;     // byte/s: SimGrid ends flows at once on a link of 0
constexpr double slowest_host = 1e-6;  // a share of the host's speed

[[noreturn]] void unknown(const Conditions::Change& change, const char* kind, const std::vector<std::string>& names) {
  throw InputError(fmt::format("{}: the platform has no {} \"{}\"{}", change.where, kind, change.name,
                               did_you_mean(change.name, names)));
}

}  // namespace

void ChangingLinks::attach(Simulation& simulation) {
  for (const auto& change : simulation.conditions().changes) {
    if (change.of == Profiled::speed)
      change_hosts(change, simulation);
    else
      change_links(change, simulation);
  }
  if (latencies_.empty()) return;
  sg::scale_latencies(simulation.engine(),
                      [this](const std::vector<sg::Link*>& links) { return latency_factor(links); });
}

void ChangingLinks::change_hosts(const Conditions::Change& change, Simulation& simulation) {
  bool found = false;
  std::vector<std::string> names;
  auto points = change.profile.points;
  for (auto& [date, value] : points) {
    date *= stretch();
    value = std::max(value, slowest_host);
  }
  for (auto* host : simulation.engine().get_all_hosts()) {
    names.push_back(host->get_name());
    if (fnmatch(change.name.c_str(), host->get_cname(), 0) != 0) continue;
    host->set_speed_profile(sg::profile(host->get_name() + " of " + change.where, points,
                                        change.profile.period * stretch(),
                                        [&simulation] { return simulation.count_event(); }));
    found = change_speeds_ = true;
  }
  if (!found) unknown(change, "host", names);
}

void ChangingLinks::change_links(const Conditions::Change& change, Simulation& simulation) {
  std::vector<sg::Link*> links;
  std::vector<std::string> names;
  for (auto* link : simulation.engine().get_all_links()) {
    names.push_back(without_direction(link->get_name()));
    if (!means_link(change.name, link->get_name())) continue;
    links.push_back(link);
    check(change, *link);
  }
  if (links.empty()) unknown(change, "link", names);
  for (auto* link : links) {
    if (change.of == Profiled::latency)
      latencies_[link] = &change.profile;
    else
      change_bandwidth(link, change.profile);
  }
}

void ChangingLinks::check(const Conditions::Change& change, const sg::Link& link) const {
  if (sg::is_air(link))
    throw InputError(fmt::format("{}: {} is the air of a Wi-Fi cell, whose rates SimGrid keeps: expected a wire",
                                 change.where, link.get_name()));
  if (change.of == Profiled::bandwidth && link.get_sharing_policy() == sg::Link::SharingPolicy::FATPIPE)
    throw InputError(fmt::format("{}: {} is shared by nobody (FATPIPE), and SimGrid cannot change it: expected another",
                                 change.where, link.get_name()));
  if (change.of == Profiled::bandwidth && bandwidth_of_.contains(&link))
    throw InputError(fmt::format("{}: {} has a bandwidth profile already", change.where, link.get_name()));
  if (change.of == Profiled::latency && link.get_latency() <= 0)
    throw InputError(
        fmt::format("{}: {} has no latency that could change: give it one", change.where, link.get_name()));
}

// A transfer is bounded for ever by the least bandwidth on its way when it started. A link that changes therefore has
// the most it will ever have, and a capacity that follows the profile.
void ChangingLinks::change_bandwidth(sg::Link* link, const Profile& profile) {
  const double built = link->get_bandwidth();
  Bandwidth& bandwidth = bandwidths_.emplace_back(Bandwidth{link, &profile, built, built, built});
  bandwidth_of_[link] = &bandwidth;
  for (const auto& point : profile.points) bandwidth.most = std::max(bandwidth.most, point.second);
  link->set_bandwidth(bandwidth.most);
  sg::set_capacity(*link, [&bandwidth] { return bandwidth.now; });
}

void ChangingLinks::start(Simulation& simulation) {
  for (std::size_t i = 0; i < bandwidths_.size(); ++i)
    sg::add_actor(
        fmt::format("bandwidth-{}", i), simulation.hosts().server, [this, i] { follow(bandwidths_[i]); }, true);
}

void ChangingLinks::follow(Bandwidth& bandwidth) const {
  for (double start = 0;; start += bandwidth.profile->period) {
    for (const auto& [date, value] : bandwidth.profile->points) {
      rest_until(start + date);
      bandwidth.now = std::max(value, slowest_link);
      bandwidth.link->set_bandwidth(bandwidth.most);  // makes SimGrid compute the shares anew
    }
    if (bandwidth.profile->period <= 0) return;
  }
}

double ChangingLinks::latency_factor(const std::vector<sg::Link*>& links) const {
  double built = 0, present = 0;
  for (const auto* link : links) {
    const double latency = link->get_latency() / stretch();
    built += latency;
    const auto change = latencies_.find(link);
    present += change == latencies_.end() ? latency : change->second->at(now(), latency);
  }
  return built > 0 ? present / built : 1;
}

double ChangingLinks::built_bandwidth(const sg::Link& link) const {
  const auto changing = bandwidth_of_.find(&link);
  return changing == bandwidth_of_.end() ? link.get_bandwidth() : changing->second->built;
}

}  // namespace laconic::network
