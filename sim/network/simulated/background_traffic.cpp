#include "sim/network/simulated/background_traffic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "algorithms/base/error.hpp"
#include "sim/network/simulated/simulation.hpp"

namespace laconic::network {

namespace {

constexpr double endless = 1e15;  // the bytes of a flow that is only ever cancelled
constexpr double without_pause = std::numeric_limits<double>::infinity();

}  // namespace

void BackgroundTraffic::attach(Simulation& simulation) {
  std::uint32_t number = 0;
  for (const auto& traffic : simulation.conditions().traffic) {
    sg::Host* from = simulation.host_named(traffic.from, traffic.where);
    sg::Host* to = simulation.host_named(traffic.to, traffic.where);
    std::vector<sg::Link*> links;
    double latency = 0;
    from->route_to(to, links, &latency);
    if (links.empty())
      throw InputError(fmt::format("{}: no link lies between {} and {}", traffic.where, traffic.from, traffic.to));
    for (int i = 0; i < traffic.flows; ++i) flows_.push_back({from, to, &traffic, number++});
  }
}

void BackgroundTraffic::start(Simulation& simulation) {
  for (Flow& flow : flows_) {
    flow.needs = &simulation.outages().between(flow.from, flow.to);
    sg::add_actor(
        fmt::format("traffic-{}", flow.number), simulation.hosts().server,
        [this, &flow, &simulation] { send(flow, simulation); }, true);
  }
}

void BackgroundTraffic::send(Flow& flow, Simulation& simulation) const {
  Rng rng(simulation.conditions().seed, Purpose::traffic, flow.number);
  for (;;) {
    const double end = flow.traffic->on ? sg::Engine::get_clock() + flow.traffic->on->draw(rng) : without_pause;
    for (double now = sg::Engine::get_clock(); now < end; now = sg::Engine::get_clock()) {
      if (!Outages::missing(*flow.needs))
        flow.now = sg::Comm::sendto_async(flow.from, flow.to, static_cast<std::uint64_t>(endless));
      if (end == without_pause)
        flow.changed->acquire();
      else
        flow.changed->acquire_timeout(end - now);
      stop(flow, simulation);
    }
    while (!flow.changed->would_block()) flow.changed->acquire();
    sg::rest_for(flow.traffic->off->draw(rng));
  }
}

void BackgroundTraffic::finish(Simulation& simulation) {
  for (Flow& flow : flows_) stop(flow, simulation);
}

void BackgroundTraffic::stop(Flow& flow, Simulation& simulation) {
  if (!flow.now) return;
  if (auto* energy = simulation.energy()) energy->carried(flow.from, flow.to, bytes_under_way(flow));
  std::exchange(flow.now, nullptr)->cancel();
}

double BackgroundTraffic::bytes_under_way(const Flow& flow) {
  return flow.now ? endless - flow.now->get_remaining() : 0;
}

void BackgroundTraffic::changed(const Component& component) {
  for (Flow& flow : flows_)
    if (std::find(flow.needs->begin(), flow.needs->end(), &component) != flow.needs->end()) flow.changed->release();
}

}  // namespace laconic::network
