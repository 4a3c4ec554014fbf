#include "sim/network/simulated/background_traffic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "algorithms/base/error.hpp"
#include "sim/network/simulated/simulation.hpp"
#include "sim/network/simulated/stretch.hpp"

namespace laconic::network {

namespace {

constexpr double without_pause = std::numeric_limits<double>::infinity();

// The bytes of a flow that is only ever cancelled.
double endless_bytes() { return std::min(1e15, 0x1p62 / stretch()); }

// How long at least so many bytes are under way.
double duration(double bytes, const sg::Host* from, const sg::Host* to) {
  constexpr double fastest_air = 1e9;
  std::vector<sg::Link*> links;
  double latency = 0, bandwidth = 0;
  from->route_to(to, links, &latency);
  for (const auto* link : links)
    bandwidth = std::max(bandwidth, sg::is_air(*link) ? fastest_air : link->get_bandwidth());
  return bytes / bandwidth;
}

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
    const double end = flow.traffic->on ? now() + flow.traffic->on->draw(rng) : without_pause;
    for (double start = now(); start < end; start = now()) {
      if (!Outages::missing(*flow.needs))
        flow.now =
            sg::Comm::sendto_async(flow.from, flow.to, stretched_bytes(static_cast<std::uint64_t>(endless_bytes())));
      // Whatever lasts so long is sent anew.
      const double longest = duration(endless_bytes(), flow.from, flow.to) / 2;
      flow.changed->acquire_timeout(std::min(end - start, longest) * stretch());
      stop(flow, simulation);
    }
    while (!flow.changed->would_block()) flow.changed->acquire();
    rest_for(flow.traffic->off->draw(rng));
  }
}

void BackgroundTraffic::finish(Simulation& simulation) {
  for (Flow& flow : flows_) stop(flow, simulation);
}

void BackgroundTraffic::stop(Flow& flow, Simulation& simulation) {
  if (!flow.now) return;
  if (auto* energy = simulation.energy()) energy->carried(flow.from, flow.to, bytes_under_way(flow));
  const auto activity = std::exchange(flow.now, nullptr);  // others run while it is cancelled
  if (activity) activity->cancel();
}

double BackgroundTraffic::bytes_under_way(const Flow& flow) {
  const auto activity = flow.now;  // others run while SimGrid is asked
  return activity ? endless_bytes() - activity->get_remaining() / stretch() : 0;
}

void BackgroundTraffic::changed(const Component& component) {
  for (Flow& flow : flows_)
    if (std::find(flow.needs->begin(), flow.needs->end(), &component) != flow.needs->end()) flow.changed->release();
}

}  // namespace laconic::network
