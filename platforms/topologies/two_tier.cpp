#include "platforms/topologies/two_tier.hpp"

#include <fmt/format.h>

#include "platforms/quantity.hpp"
#include "platforms/simgrid/versions.hpp"
#include "platforms/topologies/access.hpp"

namespace laconic::platforms {
namespace {

// Reads the number of the server's rack, or `racks` for the core.
std::size_t read_server(Params& in, std::size_t racks) {
  const auto* where =
      in.look("server", "core", R"("core", or the number of a rack, from 0)", "where the server stands");
  if (!where || *where == "core") return racks;
  if (!where->is_number_integer() || *where < 0 || *where >= racks)
    in.fail("server", fmt::format(R"("core", or the number of a rack, 0 to {})", racks - 1));
  return where->get<std::size_t>();
}

}  // namespace

BuildPlatform two_tier(Params& in, const PlatformContext& context) {
  const int M = context.M;
  const Access access = read_access(in, M, {.bandwidth = "10Gbps", .latency = "10us"});
  const auto racks = static_cast<std::size_t>(in.count("racks", {}, 1, "number of racks"));
  if (racks > static_cast<std::size_t>(M))
    in.refuse("racks", fmt::format("expected at most one rack for each of the {} workers, got {}", M, racks));
  const std::size_t home = read_server(in, racks);

  std::vector<double> uplink(racks);
  const bool given = in.look("uplink_bandwidth", "the rack's links / oversubscription", "a positive bandwidth",
                             "of each rack's uplink, each way");
  if (given && in.has("oversubscription"))
    in.refuse("oversubscription", "says what \"uplink_bandwidth\" is: choose one of the two");
  if (given) {
    uplink.assign(racks, quantity(in, "uplink_bandwidth", nullptr, Unit::bandwidth, "of each rack's uplink, each way"));
  } else {
    const double ratio = in.number("oversubscription", 1, {"a number from 0.001 to 1e6", 1e-3, 1e6},
                                   "what a rack's workers could send over what its uplink takes");
    for (std::size_t m = 0; m < access.bandwidth.size(); ++m)
      uplink[share_of(m, M, racks)] += access.bandwidth[m] / ratio;
  }
  if (context.racks)
    for (std::size_t m = 0; m < access.speed.size(); ++m) context.racks->push_back(share_of(m, M, racks));
  const double uplink_latency = quantity(in, "uplink_latency", "10us", Unit::time, "of each rack's uplink");

  return [=](sg::Engine& engine) {
    sg::NetZone& root = *sg::root_star(engine, "two-tier");
    Deployment out;
    std::vector<sg::NetZone*> rack(racks);
    for (std::size_t r = 0; r < racks; ++r) {
      const std::string name = "rack-" + std::to_string(r);
      rack[r] = sg::add_star(root, name);
      const auto inner = sg::entered_at(*rack[r], sg::add_router(*rack[r], "switch-" + std::to_string(r)));
      auto* link = sg::add_duplex(root, name, uplink[r]);
      link->set_latency(uplink_latency);
      sg::add_star_route(root, inner, {{link, sg::LinkInRoute::Direction::UP}});
    }
    // SimGrid mixes up a star's own hosts with its zones: the server at the core has a zone to itself.
    sg::NetZone* core = home == racks ? sg::add_star(root, "core") : nullptr;
    out.server = attach(core ? *core : *rack[home], "server", access.server_speed, access.server_bandwidth,
                        access.server_latency);
    if (core) {
      sg::add_star_route(root, sg::entered_at(*core, sg::add_router(*core, "switch-core")), {});
      core->seal();
    }
    for (std::size_t m = 0; m < access.speed.size(); ++m)
      out.workers.push_back(attach(*rack[share_of(m, M, racks)], worker_name(m), access.speed[m], access.bandwidth[m],
                                   access.latency[m]));
    for (auto* zone : rack) zone->seal();
    root.seal();
    return out;
  };
}

}  // namespace laconic::platforms
