#include "sim/network/simulated/energy_meter.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "algorithms/base/error.hpp"
#include "sim/network/simulated/simulation.hpp"
#include "sim/network/simulated/stretch.hpp"

namespace laconic::network {

using namespace platforms;

namespace {

std::string text_of(const Watts& watts) { return fmt::format("{0}:{1}:{1}", watts.idle, watts.busy); }

// Reads a link's "idle:busy", SimGrid's syntax.
Watts parsed(const std::string& text, const sg::Link& link, const std::string& where) {
  Watts out;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%lf:%lf%c", &out.idle, &out.busy, &rest) != 2 || out.idle < 0 || out.busy < out.idle)
    throw InputError(
        fmt::format("{}: wattage_range of link {}: expected idle:busy, got {}", where, link.get_name(), text));
  return out;
}

}  // namespace

EnergyMeter::EnergyMeter(const Conditions::Energy& energy) : energy_(energy) {
  sg::Host::on_creation_cb([&energy](sg::Host& host) {
    const auto& name = host.get_name();
    if (energy.from_file) {
      if (!host.get_property("wattage_per_state")) host.set_property("wattage_per_state", "0:0:0");
      return;
    }
    host.set_property("wattage_per_state", text_of(name == energy.server_name           ? energy.server
                                                   : energy.worker_names.contains(name) ? energy.worker
                                                                                        : energy.other));
    host.set_property("wattage_off", "0");
  });
  sg_host_energy_plugin_init();
}

void EnergyMeter::attach(Simulation& simulation) {
  simulation_ = &simulation;
  for (const auto* link : simulation.engine().get_all_links()) {
    if (link->get_name() == "__loopback__") continue;
    const Watts watts = watts_of(*link);
    idle_links_ += watts.idle;
    if (watts.busy != watts.idle && sg::is_air(*link) && simulation.hosts().air_rates.empty())
      throw InputError(
          fmt::format("{}: {} is the air of a Wi-Fi cell, whose rates are unknown here: expected equal "
                      "\"idle\" and \"busy\" watts of links",
                      energy_.where, link->get_name()));
  }
}

Watts EnergyMeter::watts_of(const sg::Link& link) const {
  if (!energy_.from_file) return energy_.link;
  const char* text = link.get_property("wattage_range");
  return text ? parsed(text, link, energy_.where) : Watts{};
}

double EnergyMeter::joules_per_byte(const sg::Host* from, const sg::Host* to) {
  const auto [known, fresh] = joules_per_byte_.try_emplace({from, to}, 0);
  if (!fresh) return known->second;
  std::vector<sg::Link*> links;
  double latency = 0;
  from->route_to(to, links, &latency);
  for (const auto* link : links) {
    const Watts watts = watts_of(*link);
    if (watts.busy == watts.idle) continue;
    const double seconds = sg::is_air(*link) ? air_seconds(from, to) : 1 / simulation_->links().built_bandwidth(*link);
    known->second += (watts.busy - watts.idle) * seconds;
  }
  return known->second;
}

// How long a byte takes on the air of a Wi-Fi cell: from one worker to another it passes twice.
double EnergyMeter::air_seconds(const sg::Host* from, const sg::Host* to) const {
  const Deployment& hosts = simulation_->hosts();
  double out = 0;
  for (std::size_t m = 0; m < hosts.air_rates.size(); ++m)
    if (hosts.workers[m] == from || hosts.workers[m] == to) out += 1 / hosts.air_rates[m];
  return out;
}

// What the component would have drawn until now, had it been up all the time; for a link, its idle power alone.
double EnergyMeter::drawn_if_up(const Component& component) const {
  if (component.link) return watts_of(*component.link).idle * now();
  const char* off = component.host->get_property("wattage_off");
  return sg_host_get_consumed_energy(component.host) / stretch() - (off ? std::atof(off) : 0) * now();
}

void EnergyMeter::changed(const Component& component) {
  if (component.down > 0)
    drawn_when_down_[&component] = drawn_if_up(component);
  else
    spared_ += drawn_if_up(component) - drawn_when_down_[&component];
}

double EnergyMeter::joules() {
  double out = carried_ - spared_ + idle_links_ * now();
  for (const auto& component : simulation_->outages().components())
    if (component.down > 0) out -= drawn_if_up(component) - drawn_when_down_[&component];
  for (const auto& flow : simulation_->traffic().flows())
    out += BackgroundTraffic::bytes_under_way(flow) * joules_per_byte(flow.from, flow.to);
  for (const auto* host : simulation_->engine().get_all_hosts()) out += sg_host_get_consumed_energy(host) / stretch();
  return out;
}

}  // namespace laconic::network
