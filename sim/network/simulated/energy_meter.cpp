#include "sim/network/simulated/energy_meter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/base/error.hpp"
#include "algorithms/base/text.hpp"
#include "sim/network/simulated/simulation.hpp"
#include "sim/network/simulated/stretch.hpp"

namespace laconic::network {

using namespace platforms;

namespace {

std::string text_of(const Watts& watts) { return fmt::format("{0}:{1}:{1}", watts.idle, watts.busy); }

// Reads numbers of watts between colons. Empty if the text is anything else.
std::vector<double> watts_in(std::string_view text) {
  std::vector<double> out;
  const char *at = text.data(), *end = at + text.size();
  const auto skip_blanks = [&] {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n')) ++at;
  };
  constexpr double most = 1e9;
  for (;; ++at) {
    skip_blanks();
    double x = 0;
    if (at == end || read_number(at, end, x) != NumberFault::none || !(x >= 0 && x <= most)) return {};
    out.push_back(x);
    skip_blanks();
    if (at == end) return out;
    if (*at != ':') return {};
  }
}

// What is wrong with a host's powers, of which SimGrid wants some for each of the host's speeds; empty if nothing is.
std::string fault_in_watts(const sg::Host& host) {
  const std::string text = host.get_property("wattage_per_state");
  std::size_t speeds = 0;
  for (std::size_t start = 0; start <= text.size(); ++speeds) {
    const auto comma = std::min(text.find(',', start), text.size());
    const auto watts = watts_in(std::string_view(text).substr(start, comma - start));
    if (watts.size() != 2 && watts.size() != 3)
      return fmt::format("wattage_per_state: expected idle:busy or idle:epsilon:busy, in watts, for each speed, got {}",
                         shown_token(text));
    start = comma + 1;
  }
  const auto wanted = static_cast<std::size_t>(host.get_pstate_count());
  if (speeds != wanted)
    return fmt::format("wattage_per_state: expected the watts of each of its {} speed{} (pstates), got {} of them: {}",
                       wanted, wanted == 1 ? "" : "s", speeds, shown_token(text));
  const char* off = host.get_property("wattage_off");
  if (off && watts_in(off).size() != 1)
    return fmt::format("wattage_off: expected a number of watts that is not negative, got {}", shown_token(off));
  return "";
}

// Reads a link's "idle:busy", SimGrid's syntax.
Watts parsed(const std::string& text, const sg::Link& link, const std::string& where) {
  const auto watts = watts_in(text);
  if (watts.size() != 2 || watts[1] < watts[0])
    throw InputError(fmt::format("{}: link {}: wattage_range: expected idle:busy, in watts, got {}", where,
                                 link.get_name(), shown_token(text)));
  return {watts[0], watts[1]};
}

}  // namespace

EnergyMeter::EnergyMeter(const Conditions::Energy& energy) : energy_(energy) {
  sg::Host::on_creation_cb([this](sg::Host& host) { give_watts(host); });
  sg_host_energy_plugin_init();
}

// Sets a host's powers as SimGrid's plugin wants them, before the plugin sees the host. What is wrong with those of a
// file is told in attach(), as an exception from here would pass through SimGrid's parser.
void EnergyMeter::give_watts(sg::Host& host) {
  const auto& name = host.get_name();
  const bool is_server = name == energy_.server_name, is_worker = energy_.worker_names.contains(name);
  const Watts& watts = is_server ? energy_.server : is_worker ? energy_.worker : energy_.other;
  const char* kind = is_server ? "server" : is_worker ? "worker" : "other";
  if (energy_.from_file && host.get_property("wattage_per_state")) {
    const std::string fault = fault_in_watts(host);
    if (fault.empty()) return;
    if (fault_.empty()) fault_ = fmt::format("host {}: {}", name, fault);
  } else if (energy_.from_file && !energy_.stated.contains(kind) && fault_.empty()) {
    const char* old = host.get_property("watt_per_state") ? ", but watt_per_state, its name in older SimGrid" : "";
    fault_ = fmt::format(
        "host {} has no property wattage_per_state in the file{}: expected one for each host, or watts for \"{}\" "
        "beside \"file\": true",
        name, old, kind);
  }
  std::string each = text_of(watts);
  for (auto i = host.get_pstate_count(); i > 1; --i) each += "," + text_of(watts);
  host.set_property("wattage_per_state", each);
  host.set_property("wattage_off", "0");
}

void EnergyMeter::attach(Simulation& simulation) {
  simulation_ = &simulation;
  if (!fault_.empty()) throw InputError(fmt::format("{}: {}", energy_.where, fault_));
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
  if (const char* text = link.get_property("wattage_range")) return parsed(text, link, energy_.where);
  if (energy_.stated.contains("link")) return energy_.link;
  throw InputError(
      fmt::format("{}: link {} has no property wattage_range in the file: expected one for each link, or watts for "
                  "\"link\" beside \"file\": true",
                  energy_.where, link.get_name()));
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
