#include "platforms/topologies/nodes.hpp"

#include <fmt/format.h>

#include "platforms/quantity.hpp"
#include "platforms/topologies/access.hpp"

namespace laconic::platforms {
namespace {
constexpr double most_nodes = 100000;  // SimGrid takes about 10 s to build so many.
}

Nodes::Nodes(Params& in, int M)
    : bandwidth(quantity(in, "bandwidth", "10Gbps", Unit::bandwidth, "of every link, each way")),
      latency(quantity(in, "latency", "1us", Unit::time, "of every link")),
      speed_(quantities(in, "worker_speed", "10Gf", Unit::speed, M, "computing speed of each worker")),
      server_speed_(quantity(in, "server_speed", "100Gf", Unit::speed, "computing speed of the server")) {}

void Nodes::place(Params& in, const char* shape, double nodes) {
  const double needed = static_cast<double>(speed_.size()) + 1;
  if (nodes < needed)
    in.refuse(shape, fmt::format("makes {} node{}, which hold{} the server and {} worker{}: the scenario has {}", nodes,
                                 nodes == 1 ? "" : "s", nodes == 1 ? "s" : "", nodes - 1, nodes == 2 ? "" : "s",
                                 speed_.size()));
  if (nodes > most_nodes)
    in.refuse(shape, fmt::format("makes {} nodes: expected at most {}, of which the scenario needs {}", nodes,
                                 most_nodes, needed));
  const char* meaning = "number of the node the server stands on";
  if (!in.look("server", "0", "a whole number below the number of nodes", meaning)) return;
  const auto last = static_cast<std::int64_t>(nodes) - 1;
  server_ = static_cast<std::size_t>(in.count("server", {}, 0, meaning, last));
}

sg::MakeHost Nodes::maker(Deployment& out) const {
  out.workers.resize(speed_.size());
  return [&out, speed = speed_, server_speed = server_speed_, server = server_](sg::NetZone& zone, unsigned long node) {
    if (node == server) return out.server = sg::add_host(zone, "server", server_speed);
    const std::size_t m = node < server ? node : node - 1;
    if (m >= speed.size()) return sg::add_host(zone, "idle-" + std::to_string(node), speed[0]);
    return out.workers[m] = sg::add_host(zone, worker_name(m), speed[m]);
  };
}

std::vector<unsigned> counts(Params& in, const std::string& key, std::optional<std::vector<unsigned>> fallback,
                             const char* fallback_words, std::size_t most, const char* meaning) {
  constexpr std::int64_t limit = 1000000;
  const auto expected = fmt::format("a list of 1 to {} whole numbers, 1 or more", most);
  const auto* value = in.look(key, fallback ? fallback_words : "required", expected, meaning);
  if (!value && fallback) return *fallback;
  if (!value || !value->is_array() || value->empty() || value->size() > most) in.fail(key, expected);
  std::vector<unsigned> out;
  for (const auto& entry : *value) {
    if (!entry.is_number_integer() || entry < 1 || entry > limit) in.fail(key, expected);
    out.push_back(entry.get<unsigned>());
  }
  return out;
}

}  // namespace laconic::platforms
