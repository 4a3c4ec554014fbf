#include "sim/network/collective_routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "algorithms/base/error.hpp"
#include "platforms/built/survey.hpp"
#include "platforms/simgrid/versions.hpp"

namespace laconic::network {

using namespace platforms;
using namespace rounds;

namespace {

using Pairs = std::set<std::pair<int, int>>;  // who sends to whom; M is the server

void check_routes(const Pairs& pairs, const std::string& name, int M, const BuildPlatform& platform,
                  const NetworkModel& network, const std::string& where) {
  in_child_process(where, [&]() -> std::string {
    sg::QuietEngine engine(network.settings);
    const Deployment hosts = platform(*engine);
    const auto host = [&](int i) { return i == M ? hosts.server : hosts.workers[static_cast<std::size_t>(i)]; };
    const sg::Host *near_from = nullptr, *near_to = nullptr;
    double longest = 0;
    for (const auto& [a, b] : pairs) {
      std::vector<sg::Link*> links;
      double latency = 0;
      const auto no_route = [&, from = a, to = b](const std::string& why) {
        return InputError(fmt::format("{}: \"{}\" needs a way from {} to {}: {}", where, name, host(from)->get_name(),
                                      host(to)->get_name(), why));
      };
      try {
        host(a)->route_to(host(b), links, &latency);
      } catch (const std::exception& e) {
        throw no_route(e.what());
      }
      if (links.empty() && latency <= 0) throw no_route("no link lies between them");
      longest = std::max(longest, latency);
      if (latency <= 0 && !near_from) near_from = host(a), near_to = host(b);
    }
    if (near_from && longest > 0)
      throw InputError(fmt::format(
          "{}: latency 0 from {} to {}, and up to {} s elsewhere: where flows meet, they share in proportion to "
          "1/latency, which 0 has not: give every way of the platform a latency, such as \"1us\", or none (as over the "
          "air of Wi-Fi)",
          where, near_from->get_name(), near_to->get_name(), longest));
    return "";
  });
}

}  // namespace

void check_routes(const Collective& collective, int M, const BuildPlatform& platform, const NetworkModel& network,
                  const std::string& where) {
  // Every pair that ever talks sends a message where no chunk is empty. In a ring, one chunk meets all pairs.
  RoundPlan plan;
  plan.sum = {Adds::reals, collective.cuts ? M : 1, 32};
  for (int m = 0; m < M; ++m) plan.shares.push_back({m, 0, 32});
  Pairs pairs;
  const Script script = collective.script(plan, 32);
  for (std::size_t from = 0; from < script.programs.size(); ++from)
    for (const Step& step : script.programs[from])
      if (step.kind == Step::Kind::send) pairs.emplace(static_cast<int>(from), step.peer);
  check_routes(pairs, collective.entry->name, M, platform, network, where);
}

void check_routes(const graphs::Graph& graph, const BuildPlatform& platform, const NetworkModel& network,
                  const std::string& where) {
  Pairs pairs;
  for (const auto& phase : graph.phases)
    for (std::size_t i = 0; i < phase.out.size(); ++i)
      for (const int to : phase.out[i]) pairs.emplace(static_cast<int>(i), to);
  check_routes(pairs, graph.kind, graph.nodes(), platform, network, where);
}

}  // namespace laconic::network
