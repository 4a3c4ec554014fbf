#include "sim/stage.hpp"

#include <fmt/format.h>
#include <fnmatch.h>
#include <signal.h>

#include <algorithm>
#include <cmath>
#include <exception>

#include "algorithms/core/error.hpp"
#include "algorithms/core/names.hpp"
#include "platforms/survey.hpp"

namespace laconic {
namespace {

constexpr double endless = 1e15;       // bytes of a flow without pause
constexpr double slowest_link = 1;     // byte/s: SimGrid ends flows at once on a link of 0
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

bool is_air(const sg::Link& link) { return link.get_sharing_policy() == sg::Link::SharingPolicy::WIFI; }

// A split-duplex link has one name and is two links.
std::string without_direction(const std::string& name) {
  for (const std::string_view end : {"_UP", "_DOWN"})
    if (name.ends_with(end)) return name.substr(0, name.size() - end.size());
  return name;
}

bool matches(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), 0) == 0 ||
         fnmatch(pattern.c_str(), without_direction(name).c_str(), 0) == 0;
}

}  // namespace

Stage::Stage(const ClusterPlan& plan) : conditions_(plan.conditions), engine_(quiet_engine(*plan.network)) {
  if (metered()) name_watts();
  hosts_ = plan.platform(*engine_);
  varying_speeds_ = hosts_.varying_speeds;
  down_.resize(hosts_.workers.size());
  gone_.resize(hosts_.workers.size());
  if (metered()) meter_links();
  place_traffic();
  change_links_and_hosts();
}

void Stage::run(const std::function<void()>& server) {
  for (std::size_t i = 0; i < widths_.size(); ++i)
    sg::add_actor(
        *engine_, fmt::format("bandwidth-{}", i), hosts_.server, [this, i] { widen(widths_[i]); }, true);
  for (std::size_t i = 0; i < flows_.size(); ++i)
    sg::add_actor(
        *engine_, fmt::format("traffic-{}", i), hosts_.server, [this, i] { send(flows_[i]); }, true);
  std::uint32_t number = 0;
  for (const auto& failures : conditions_.failures) {
    for (const int m : failures.workers)
      sg::add_actor(
          *engine_, fmt::format("failures-{}-{}", number, m), hosts_.server,
          [this, m, &failures, number] { fail(m, failures, number); }, true);
    ++number;
  }
  bool finished = false;
  std::exception_ptr error;  // must not leave the actor's stack
  sg::add_actor(
      *engine_, "server", hosts_.server,
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

void Stage::change_links_and_hosts() {
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
      if (!matches(change.name, link->get_name())) continue;
      links.push_back(link);
      if (is_air(*link))
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
void Stage::widen(Widths& widths) {
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

sg::Host* Stage::host_named(const std::string& name, const std::string& where) const {
  if (auto* host = engine_->host_by_name_or_null(name)) return host;
  for (std::size_t m = 0; m < hosts_.workers.size(); ++m)
    if (name == fmt::format("worker-{}", m)) return hosts_.workers[m];
  if (name == "server") return hosts_.server;
  std::vector<std::string> names;
  for (const auto* host : engine_->get_all_hosts()) names.push_back(host->get_name());
  throw InputError(fmt::format("{}: the platform has no host \"{}\"{}", where, name, did_you_mean(name, names)));
}

void Stage::place_traffic() {
  std::uint32_t number = 0;
  for (const auto& traffic : conditions_.traffic) {
    sg::Host *from = host_named(traffic.from, traffic.where), *to = host_named(traffic.to, traffic.where);
    for (const auto& failures : conditions_.failures)
      for (const int m : failures.workers)
        if (const auto* host = hosts_.workers[static_cast<std::size_t>(m)]; host == from || host == to)
          throw InputError(fmt::format("{}: {} can fail: expected traffic between hosts that do not", traffic.where,
                                       host->get_name()));
    std::vector<sg::Link*> links;
    double latency = 0;
    from->route_to(to, links, &latency);
    if (links.empty())
      throw InputError(fmt::format("{}: no link lies between {} and {}", traffic.where, traffic.from, traffic.to));
    for (int i = 0; i < traffic.flows; ++i)
      flows_.push_back({from, to, &traffic, number++, metered() ? joules_per_byte(from, to) : 0, nullptr});
  }
}

void Stage::send(Flow& flow) {
  Rng rng(conditions_.seed, Purpose::traffic, flow.number);
  for (;;) {
    flow.now = sg::Comm::sendto_async(flow.from, flow.to, static_cast<std::uint64_t>(endless));
    if (!flow.traffic->on) {
      flow.now->wait();
    } else {
      sg::this_actor::sleep_for(flow.traffic->on->draw(rng));
      carried_ += flow_bytes(flow) * flow.joules_per_byte;
      std::exchange(flow.now, nullptr)->cancel();
      sg::this_actor::sleep_for(flow.traffic->off->draw(rng));
    }
  }
}

double Stage::flow_bytes(const Flow& flow) const { return flow.now ? endless - flow.now->get_remaining() : 0; }

// Failures.

void Stage::fail(int m, const Failures& failures, std::uint32_t number) {
  if (failures.between) {
    Rng rng(conditions_.seed, Purpose::failure, static_cast<std::uint32_t>(m), number);
    for (;;) {
      sg::this_actor::sleep_for(failures.between->draw(rng));
      take_down(m, false);
      sg::this_actor::sleep_for(failures.repair->draw(rng));
      bring_up(m);
    }
  }
  for (double start = 0;; start += failures.period) {
    for (const auto& [down, up] : failures.windows) {
      sg::this_actor::sleep_until(start + down);
      take_down(m, std::isinf(up));
      if (std::isinf(up)) return;
      sg::this_actor::sleep_until(start + up);
      bring_up(m);
    }
    if (failures.period <= 0 || failures.windows.empty()) return;
  }
}

void Stage::take_down(int m, bool for_good) {
  const auto at = static_cast<std::size_t>(m);
  if (for_good) gone_[at] = true;
  if (down_[at]++ > 0) return;
  failing(m);
  hosts_.workers[at]->turn_off();
}

void Stage::bring_up(int m) {
  const auto at = static_cast<std::size_t>(m);
  if (--down_[at] > 0) return;
  hosts_.workers[at]->turn_on();
  returned(m);
}

// Energy. SimGrid's plugin knows what hosts draw. Its plugin for links charges a message's latency as if bytes flowed
// (3.32), three times too much where latency rules; a link's power is therefore counted here: idle always, and what is
// above that for the bytes that pass, over the bandwidth it was built with.

void Stage::name_watts() {
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

double Stage::joules_per_byte(const sg::Host* from, const sg::Host* to) {
  const auto [known, fresh] = joules_per_byte_.try_emplace({from, to}, 0);
  if (!fresh) return known->second;
  std::vector<sg::Link*> links;
  double latency = 0;
  from->route_to(to, links, &latency);
  for (const auto* link : links) {
    const Watts watts = watts_of(*link);
    if (watts.busy == watts.idle) continue;
    const auto built = built_.find(link);
    const double seconds = is_air(*link)           ? air_seconds(from, to)
                           : built != built_.end() ? 1 / built->second
                                                   : 1 / link->get_bandwidth();
    known->second += (watts.busy - watts.idle) * seconds;
  }
  return known->second;
}

// A byte on the air of a Wi-Fi cell.
double Stage::air_seconds(const sg::Host* from, const sg::Host* to) const {
  double out = 0;
  for (std::size_t m = 0; m < hosts_.air_rates.size(); ++m)
    if (hosts_.workers[m] == from || hosts_.workers[m] == to) out += 1 / hosts_.air_rates[m];
  return out;
}

Watts Stage::watts_of(const sg::Link& link) const {
  if (!conditions_.energy->from_file) return conditions_.energy->link;
  const char* text = link.get_property("wattage_range");
  return text ? parsed(text, link, conditions_.energy->where) : Watts{};
}

void Stage::meter_links() {
  for (const auto* link : engine_->get_all_links()) {
    if (link->get_name() == "__loopback__") continue;
    const Watts watts = watts_of(*link);
    idle_links_ += watts.idle;
    if (watts.busy != watts.idle && is_air(*link) && hosts_.air_rates.empty())
      throw InputError(
          fmt::format("{}: {} is the air of a Wi-Fi cell, whose rates are unknown here: expected equal "
                      "\"idle\" and \"busy\" watts of links",
                      conditions_.energy->where, link->get_name()));
  }
}

double Stage::joules() {
  double out = carried_ + idle_links_ * sg::Engine::get_clock();
  for (const auto& flow : flows_) out += flow_bytes(flow) * flow.joules_per_byte;
  for (const auto* host : engine_->get_all_hosts()) out += sg_host_get_consumed_energy(host);
  return out;
}

void check_stage(const ClusterPlan& plan, const std::string& where) {
  apart(where, [&] {
    Stage stage(plan);
    return std::string();
  });
}

}  // namespace laconic
