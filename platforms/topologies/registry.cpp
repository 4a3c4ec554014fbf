#include "platforms/topologies/registry.hpp"

#include "platforms/topologies/cluster.hpp"
#include "platforms/topologies/dragonfly.hpp"
#include "platforms/topologies/edge.hpp"
#include "platforms/topologies/fat_tree.hpp"
#include "platforms/topologies/file.hpp"
#include "platforms/topologies/star.hpp"
#include "platforms/topologies/torus.hpp"
#include "platforms/topologies/two_tier.hpp"
#include "platforms/topologies/wan.hpp"
#include "platforms/topologies/wifi.hpp"

namespace laconic::platforms {

std::span<const PlatformEntry> topologies() {
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

}  // namespace laconic::platforms
