#include "sim/network/simulated/simulation.hpp"

#include <fmt/format.h>
#include <fnmatch.h>
#include <signal.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <exception>
#include <limits>

#include "algorithms/base/error.hpp"
#include "algorithms/base/names.hpp"
#include "platforms/built/survey.hpp"

namespace laconic::network {

using namespace platforms;

namespace {

constexpr double endless = 1e15;    // bytes of a flow without pause
constexpr double slowest_link = 1;  // byte/s: SimGrid ends flows at once on a link of 0
constexpr double never = std::numeric_limits<double>::infinity();
constexpr double slowest_host = 1e-6;  // of its speed

// SimGrid's engine takes some signals for itself; what they meant before is put back.
class KeptSignals {
 public:
  KeptSignals() {
    for (std::size_t i = 0; i < std::size(taken); ++i) sigaction(taken[i], nullptr, &before_[i]);
  }
  ~KeptSignals() {
    for (std::size_t i = 0; i < std::size(taken); ++i) sigaction(taken[i], &before_[i], nullptr);
  }

 private:
  static constexpr int taken[] = {SIGINT, SIGSEGV, SIGBUS};
  struct sigaction before_[std::size(taken)];
};

sg::QuietEngine quiet_engine(const NetworkModel& network) {
  const KeptSignals signals;
  return sg::QuietEngine(network.settings);
}

// In SimGrid's syntax.
std::string text_of(const Profile& speeds) {
  std::string out;
  for (const auto& [date, value] : speeds.points)
    out += fmt::format("{:.17g} {:.17g}\n", date, std::max(value, slowest_host));
  return out;
}

std::string text_of(const Watts& watts) { return fmt::format("{0}:{1}:{1}", watts.idle, watts.busy); }

// SimGrid's "idle:busy", of a link.
Watts parsed(const std::string& text, const sg::Link& link, const std::string& where) {
  Watts out;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%lf:%lf%c", &out.idle, &out.busy, &rest) != 2 || out.idle < 0 || out.busy < out.idle)
    throw InputError(
        fmt::format("{}: wattage_range of link {}: expected idle:busy, got {}", where, link.get_name(), text));
  return out;
}

}  // namespace

Simulation::Simulation(const ClusterPlan& plan) : conditions_(plan.conditions), engine_(quiet_engine(*plan.network)) {
  if (metered()) name_watts();
  hosts_ = plan.platform(*engine_);
  varying_speeds_ = hosts_.varying_speeds;
  outages_.emplace(conditions_, *engine_, hosts_);
  if (metered()) meter_links();
  place_traffic();
  change_links_and_hosts();
  outages_->on_change.push_back([this](const Outages::Part& part) { note_outage(part); });
}

void Simulation::run(const std::function<void()>& server) {
  for (std::size_t i = 0; i < widths_.size(); ++i)
    sg::add_actor(
        fmt::format("bandwidth-{}", i), hosts_.server, [this, i] { widen(widths_[i]); }, true);
  for (std::size_t i = 0; i < flows_.size(); ++i)
    sg::add_actor(
        fmt::format("traffic-{}", i), hosts_.server, [this, i] { send(flows_[i]); }, true);
  outages_->play(hosts_.server);
  bool finished = false;
  std::exception_ptr error;  // must not leave the actor's stack
  sg::add_actor(
      "server", hosts_.server,
      [&] {
        try {
          server();
        } catch (const simgrid::ForcefulKillException&) {
          throw;
        } catch (...) {
          error = std::current_exception();
        }
        finished = true;
      },
      false);
  engine_->run();
  if (error) std::rethrow_exception(error);
  if (!finished) throw RunError("the simulation cannot go on: every actor waits for a message that will not come");
}

// What changes with time.

void Simulation::change_links_and_hosts() {
  for (const auto& change : conditions_.changes) {
    std::vector<std::string> names;
    const auto check = [&](bool found, const char* kind) {
      if (!found)
        throw InputError(fmt::format("{}: the platform has no {} \"{}\"{}", change.where, kind, change.name,
                                     did_you_mean(change.name, names)));
    };
    if (change.of == Profiled::speed) {
      bool found = false;
      for (auto* host : engine_->get_all_hosts()) {
        names.push_back(host->get_name());
        if (fnmatch(change.name.c_str(), host->get_cname(), 0) != 0) continue;
        host->set_speed_profile(sg::profile(host->get_name() + " of " + change.where, text_of(change.profile),
                                            change.profile.period > 0 ? change.profile.period : -1));
        found = varying_speeds_ = true;
      }
      check(found, "host");
      continue;
    }
    std::vector<sg::Link*> links;
    for (auto* link : engine_->get_all_links()) {
      names.push_back(without_direction(link->get_name()));
      if (!means_link(change.name, link->get_name())) continue;
      links.push_back(link);
      if (sg::is_air(*link))
        throw InputError(fmt::format("{}: {} is the air of a Wi-Fi cell, whose rates SimGrid keeps: expected a wire",
                                     change.where, link->get_name()));
      if (change.of == Profiled::bandwidth && link->get_sharing_policy() == sg::Link::SharingPolicy::FATPIPE)
        throw InputError(
            fmt::format("{}: {} is shared by nobody (FATPIPE), and SimGrid cannot change it: expected another",
                        change.where, link->get_name()));
      for (const auto& other : widths_)
        if (other.link == link && change.of == Profiled::bandwidth)
          throw InputError(fmt::format("{}: {} has a bandwidth profile already", change.where, link->get_name()));
      if (change.of == Profiled::latency && link->get_latency() <= 0)
        throw InputError(
            fmt::format("{}: {} has no latency that could change: give it one", change.where, link->get_name()));
    }
    check(!links.empty(), "link");
    for (auto* link : links) {
      if (change.of == Profiled::latency) {
        latencies_[link] = &change.profile;
        continue;
      }
      Widths& widths =
          widths_.emplace_back(Widths{link, &change.profile, link->get_bandwidth(), link->get_bandwidth()});
      built_[link] = widths.now;
      for (const auto& point : change.profile.points) widths.most = std::max(widths.most, point.second);
      link->set_bandwidth(widths.most);
      sg::set_capacity(*link, [&widths] { return widths.now; });
    }
  }
  if (latencies_.empty()) return;
  sg::scale_latencies(*engine_, [this](const std::vector<sg::Link*>& links) {
    double built = 0, now = 0;
    for (const auto* link : links) {
      const double latency = link->get_latency();
      built += latency;
      const auto change = latencies_.find(link);
      now += change == latencies_.end() ? latency : change->second->at(sg::Engine::get_clock(), latency);
    }
    return built > 0 ? now / built : 1;
  });
}

// A transfer is bounded for ever by the least bandwidth on its way when it started. A link that changes therefore has
// the most it will ever have, and a capacity that follows the profile.
void Simulation::widen(Widths& widths) {
  for (double start = 0;; start += widths.profile->period) {
    for (const auto& [date, bandwidth] : widths.profile->points) {
      sg::this_actor::sleep_until(start + date);
      widths.now = std::max(bandwidth, slowest_link);
      widths.link->set_bandwidth(widths.most);  // has the shares computed anew
    }
    if (widths.profile->period <= 0) return;
  }
}

// Background traffic.

sg::Host* Simulation::host_named(const std::string& name, const std::string& where) const {
  if (auto* host = engine_->host_by_name_or_null(name)) return host;
  for (std::size_t m = 0; m < hosts_.workers.size(); ++m)
    if (name == fmt::format("worker-{}", m)) return hosts_.workers[m];
  if (name == "server") return hosts_.server;
  std::vector<std::string> names;
  for (const auto* host : engine_->get_all_hosts()) names.push_back(host->get_name());
  throw InputError(fmt::format("{}: the platform has no host \"{}\"{}", where, name, did_you_mean(name, names)));
}

void Simulation::place_traffic() {
  std::uint32_t number = 0;
  for (const auto& traffic : conditions_.traffic) {
    sg::Host *from = host_named(traffic.from, traffic.where), *to = host_named(traffic.to, traffic.where);
    std::vector<sg::Link*> links;
    double latency = 0;
    from->route_to(to, links, &latency);
    if (links.empty())
      throw InputError(fmt::format("{}: no link lies between {} and {}", traffic.where, traffic.from, traffic.to));
    for (int i = 0; i < traffic.flows; ++i)
      flows_.push_back(
          {from, to, &traffic, number++, metered() ? joules_per_byte(from, to) : 0, &outages_->between(from, to)});
  }
}

// While anything on its way is down, it rests.
void Simulation::send(Flow& flow) {
  Rng rng(conditions_.seed, Purpose::traffic, flow.number);
  for (;;) {
    const double end = flow.traffic->on ? sg::Engine::get_clock() + flow.traffic->on->draw(rng) : never;
    for (double now = sg::Engine::get_clock(); now < end; now = sg::Engine::get_clock()) {
      if (!Outages::missing(*flow.needs))
        flow.now = sg::Comm::sendto_async(flow.from, flow.to, static_cast<std::uint64_t>(endless));
      if (end == never)
        flow.turn->acquire();
      else
        flow.turn->acquire_timeout(end - now);
      stop(flow);
    }
    while (!flow.turn->would_block()) flow.turn->acquire();
    sg::this_actor::sleep_for(flow.traffic->off->draw(rng));
  }
}

void Simulation::stop(Flow& flow) {
  if (!flow.now) return;
  carried_ += flow_bytes(flow) * flow.joules_per_byte;
  std::exchange(flow.now, nullptr)->cancel();
}

double Simulation::flow_bytes(const Flow& flow) const { return flow.now ? endless - flow.now->get_remaining() : 0; }

void Simulation::note_outage(const Outages::Part& part) {
  for (Flow& flow : flows_)
    if (std::find(flow.needs->begin(), flow.needs->end(), &part) != flow.needs->end()) flow.turn->release();
  if (!metered()) return;
  if (part.down > 0)
    drawn_[&part] = drawn(part);
  else
    spared_ += drawn(part) - drawn_[&part];
}

// Energy. SimGrid's plugin knows what hosts draw. Its plugin for links charges a message's latency as if bytes flowed
// (3.32), three times too much where latency rules; a link's power is therefore counted here: idle always, and what is
// above that for the bytes that pass, over the bandwidth it was built with.

void Simulation::name_watts() {
  const auto& energy = *conditions_.energy;
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

double Simulation::joules_per_byte(const sg::Host* from, const sg::Host* to) {
  const auto [known, fresh] = joules_per_byte_.try_emplace({from, to}, 0);
  if (!fresh) return known->second;
  std::vector<sg::Link*> links;
  double latency = 0;
  from->route_to(to, links, &latency);
  for (const auto* link : links) {
    const Watts watts = watts_of(*link);
    if (watts.busy == watts.idle) continue;
    const auto built = built_.find(link);
    const double seconds = sg::is_air(*link)       ? air_seconds(from, to)
                           : built != built_.end() ? 1 / built->second
                                                   : 1 / link->get_bandwidth();
    known->second += (watts.busy - watts.idle) * seconds;
  }
  return known->second;
}

// A byte on the air of a Wi-Fi cell.
double Simulation::air_seconds(const sg::Host* from, const sg::Host* to) const {
  double out = 0;
  for (std::size_t m = 0; m < hosts_.air_rates.size(); ++m)
    if (hosts_.workers[m] == from || hosts_.workers[m] == to) out += 1 / hosts_.air_rates[m];
  return out;
}

Watts Simulation::watts_of(const sg::Link& link) const {
  if (!conditions_.energy->from_file) return conditions_.energy->link;
  const char* text = link.get_property("wattage_range");
  return text ? parsed(text, link, conditions_.energy->where) : Watts{};
}

void Simulation::meter_links() {
  for (const auto* link : engine_->get_all_links()) {
    if (link->get_name() == "__loopback__") continue;
    const Watts watts = watts_of(*link);
    idle_links_ += watts.idle;
    if (watts.busy != watts.idle && sg::is_air(*link) && hosts_.air_rates.empty())
      throw InputError(
          fmt::format("{}: {} is the air of a Wi-Fi cell, whose rates are unknown here: expected equal "
                      "\"idle\" and \"busy\" watts of links",
                      conditions_.energy->where, link->get_name()));
  }
}

// So far, as if it had been up all the time; of a link, what it draws when idle.
double Simulation::drawn(const Outages::Part& part) const {
  if (part.link) return watts_of(*part.link).idle * sg::Engine::get_clock();
  const char* off = part.host->get_property("wattage_off");
  return sg_host_get_consumed_energy(part.host) - (off ? std::atof(off) : 0) * sg::Engine::get_clock();
}

double Simulation::joules() {
  double out = carried_ - spared_ + idle_links_ * sg::Engine::get_clock();
  for (const auto& part : outages_->parts())
    if (part.down > 0) out -= drawn(part) - drawn_[&part];
  for (const auto& flow : flows_) out += flow_bytes(flow) * flow.joules_per_byte;
  for (const auto* host : engine_->get_all_hosts()) out += sg_host_get_consumed_energy(host);
  return out;
}

void check_simulation(const ClusterPlan& plan, const std::string& where) {
  in_child_process(where, [&] {
    Simulation simulation(plan);
    return std::string();
  });
}

}  // namespace laconic::network
