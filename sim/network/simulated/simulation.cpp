#include "sim/network/simulated/simulation.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <exception>
#include <iterator>

#include "algorithms/base/error.hpp"
#include "algorithms/base/names.hpp"
#include "platforms/built/survey.hpp"
#include "sim/network/route.hpp"
#include "sim/network/simulated/stretch.hpp"

namespace laconic::network {

using namespace platforms;

namespace {

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

// Whether latencies are not those of links: coordinates say them, in SimGrid's Vivaldi zones.
bool latency_beyond_links(const Deployment& hosts) {
  constexpr std::size_t enough = 1000;
  for (std::size_t m = 0; m < std::min(hosts.workers.size(), enough); ++m) {
    const Route route = route_of(hosts.workers[m], hosts.server);
    double links = 0;
    for (const auto* link : route.up.links) links += link->get_latency();
    if (route.up.latency > links * (1 + 1e-9)) return true;
  }
  return false;
}

}  // namespace

Simulation::Simulation(const ClusterPlan& plan) : conditions_(plan.conditions), engine_(quiet_engine(*plan.network)) {
  if (conditions_.energy) energy_.emplace(*conditions_.energy);  // the meter labels hosts as they are created
  hosts_ = plan.platform(*engine_);
  std::size_t flows = 2 * (hosts_.workers.size() + 1);
  for (const auto& traffic : conditions_.traffic) flows += static_cast<std::size_t>(traffic.flows);
  stretch_time(*engine_, flows, hosts_.varying_speeds || latency_beyond_links(hosts_));
  features_ = {&links_, &traffic_, &outages_};
  if (energy_) features_.push_back(&*energy_);
  for (Feature* feature : features_) feature->attach(*this);
}

sg::Host* Simulation::host_named(const std::string& name, const std::string& where) const {
  if (auto* host = engine_->host_by_name_or_null(name)) return host;
  for (std::size_t m = 0; m < hosts_.workers.size(); ++m)
    if (name == fmt::format("worker-{}", m)) return hosts_.workers[m];
  if (name == "server") return hosts_.server;
  std::vector<std::string> names;
  for (const auto* host : engine_->get_all_hosts()) names.push_back(host->get_name());
  throw InputError(fmt::format("{}: the platform has no host \"{}\"{}", where, name, did_you_mean(name, names)));
}

void Simulation::changed(const Component& component) {
  for (Feature* feature : features_) feature->changed(component);
}

// Conditions may be such that nothing ever comes of a round: a link that flickers a billion times a second, say.
bool Simulation::count_event() {
  const std::size_t most = 1'000'000 + 1000 * hosts_.workers.size();
  if (++events_ <= most) return true;
  if (flood_.empty())
    flood_ = fmt::format(
        "more than {} events in one round, until {} s: what fails, changes, or comes and goes under \"conditions\" does "
        "so again and again, far sooner than a round can end, and the simulation cannot go on",
        most, now());
  return false;
}

void Simulation::run(const std::function<void()>& server) {
  sg::add_actor("clock", hosts_.server, follow_clock, true);
  for (Feature* feature : features_) feature->start(*this);
  if (!steady())
    sg::Engine::on_time_advance_cb([this](double) {
      if (!count_event()) sg::Actor::kill_all();
    });
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
        for (Feature* feature : features_) feature->finish(*this);
        finished = true;
      },
      false);
  engine_->run();
  if (!flood_.empty()) throw RunError(flood_);
  if (error) std::rethrow_exception(error);
  if (!finished) throw RunError("the simulation cannot go on: every actor waits for a message that will not come");
}

void check_simulation(const ClusterPlan& cluster, const std::string& where) {
  in_child_process(where, [&] {
    Simulation simulation(cluster);
    return std::string();
  });
}

}  // namespace laconic::network
