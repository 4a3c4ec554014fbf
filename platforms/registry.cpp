#include "platforms/cluster.hpp"
#include "platforms/dragonfly.hpp"
#include "platforms/edge.hpp"
#include "platforms/fat_tree.hpp"
#include "platforms/file.hpp"
#include "platforms/platform.hpp"
#include "platforms/star.hpp"
#include "platforms/torus.hpp"
#include "platforms/two_tier.hpp"
#include "platforms/wan.hpp"
#include "platforms/wifi.hpp"

namespace laconic {

std::span<const PlatformEntry> platforms() {
  static const PlatformEntry table[] = {
      {"cluster", cluster, "nodes on links of their own, a backbone that all messages cross", cluster_picture},
      {"dragonfly", dragonfly, "groups of chassis of routers of nodes, each all to all", dragonfly_picture},
      {"edge", edge, "many slow, uneven devices on access links behind one uplink", edge_picture},
      {"fat-tree", fat_tree, "nodes under levels of switches, with several links upwards", fat_tree_picture},
      {"file", xml_file, "any SimGrid platform in XML; server and workers by name or pattern", file_picture},
      {"star", star, "workers on links of their own around a switch, the server on its own link", star_picture},
      {"torus", torus, "nodes in a grid of rings, messages pass through the nodes between", torus_picture},
      {"two-tier", two_tier, "racks behind uplinks, which may be oversubscribed", two_tier_picture},
      {"wan", wan, "sites with latencies and bandwidths between them, written down or measured", wan_picture},
      {"wifi", wifi, "stations that share the air of one access point, the server on its wire", wifi_picture},
  };
  return table;
}

std::span<const NetworkModel> network_models() {
  // TCP-gamma 0 would also switch off rate limits; 1e20 merely takes the window out of sight.
  static constexpr const char* alpha_beta[] = {"network/model:CM02", "network/crosstraffic:0",
                                               "network/TCP-gamma:1e20"};
  static constexpr const char* tcp[] = {"network/model:LV08"};
  static const NetworkModel table[] = {
      {"alpha-beta", alpha_beta, "an idle path takes exactly latency + bytes / bandwidth (SimGrid's CM02)", true},
      {"tcp", tcp,
       "SimGrid's LV08, calibrated on TCP: 13.01 latency + bytes / (0.97 bandwidth), a 4 MiB window, crosstraffic",
       false},
  };
  return table;
}

}  // namespace laconic
