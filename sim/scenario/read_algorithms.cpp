#include "sim/scenario/read_algorithms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "algorithms/asynchronous/registry.hpp"
#include "algorithms/base/error.hpp"
#include "algorithms/base/named_table.hpp"
#include "algorithms/decentralised/registry.hpp"
#include "algorithms/graphs/registry.hpp"
#include "algorithms/methods/registry.hpp"
#include "sim/network/collective_routes.hpp"
#include "sim/scenario/read_collective.hpp"

namespace laconic::scenario {

using namespace methods;
using namespace asynchronous;
using namespace decentralised;
using namespace rounds;
using namespace network;

namespace {

using nlohmann::json;

std::vector<std::string> all_methods() {
  auto out = names_of(methods::methods());
  for (auto& name : names_of(asynchronous_methods())) out.push_back(std::move(name));
  for (auto& name : names_of(peer_methods())) out.push_back(std::move(name));
  for (auto& name : names_of(exchange_methods())) out.push_back(std::move(name));
  std::sort(out.begin(), out.end());
  return out;
}

// The graph that the entry names, or else the scenario.
std::shared_ptr<const graphs::Graph> read_graph(const Source& source, const AlgorithmEntry& algorithm,
                                                const std::vector<std::size_t>& racks) {
  const bool own = algorithm.entry.contains("graph");
  Params in(own ? algorithm.entry : source.json, source.file, own ? algorithm.pointer : "");
  if (!in.has("graph"))
    throw InputError(fmt::format("{}: {}/graph: \"{}\" has no server: say whom its nodes talk to, here or at /graph",
                                 source.file, algorithm.pointer, algorithm.method));
  return std::make_shared<graphs::Graph>(graphs::read_graph(in, {source.workers(), source.folder, racks}));
}

// What only some algorithms cannot do under the conditions of all.
void check_exchange(const AlgorithmEntry& algorithm, const Source& source, const ClusterPlan& cluster) {
  const std::string where = fmt::format("{}: {}", source.file, algorithm.pointer);
  const bool own = algorithm.entry.contains("collective");
  if (algorithm.graph) {
    if (own)
      throw InputError(where + "/collective: is for methods that form one sum: this one's nodes talk on a graph");
    if (cluster.conditions.can_fail() && is_asynchronous(algorithm.method))
      throw InputError(
          fmt::format("{}/method: \"{}\" exchanges models in pairs: what a failure or a deadline would leave of an "
                      "exchange is not modelled: choose \"d-psgd\" or \"choco-sgd\"",
                      where, algorithm.method));
    if (cluster.connections)
      throw InputError(
          fmt::format("{}/method: \"{}\" would need connections between nodes, and the \"connections\" of "
                      "/network/model are with a server: choose \"alpha-beta\" or \"tcp\"",
                      where, algorithm.method));
    if (cluster.platform) check_routes(*algorithm.graph, cluster.platform, *cluster.network, where + "/graph");
    return;
  }
  if (!own) return;
  const ClusterPlan with = cluster_of(algorithm, source.file, cluster);
  if (!with.collective || !with.platform) return;
  if (with.conditions.can_fail())
    throw InputError(where +
                     "/collective: failures and deadlines are for the collective \"parameter-server\" alone: "
                     "the others need everybody");
  if (with.solver == Solver::actors)
    throw InputError(where +
                     "/collective: the \"actors\" of /network/solver exchange whole messages with a server: "
                     "choose \"auto\" or \"simgrid\"");
  check_routes(*with.collective, source.workers(), with.platform, *with.network, where + "/collective");
}

AlgorithmEntry read_algorithm(const Source& source, std::size_t i, std::set<std::string>& labels) {
  const json& entry = source.json["algorithms"][i];
  const auto pointer = fmt::format("/algorithms/{}", i);
  Params in(entry, source.file, pointer);
  const auto method = in.choice("method", {}, all_methods(), "the algorithm");
  const auto label = in.text("label", method, "a name", "what the results call it");
  if (!labels.insert(label).second)
    throw InputError(fmt::format("{}: {}: a second algorithm called {}: give it a \"label\" of its own", source.file,
                                 pointer, shown(label)));
  return {label, method, pointer, entry};
}

}  // namespace

bool is_on_graph(const std::string& method) { return find(peer_methods(), method) || find(exchange_methods(), method); }

void check_shared_blocks(const json& source, const std::string& file) {
  const auto nobody = [&](const char* key, bool on_graph) {
    const json& all = source["algorithms"];
    return source.contains(key) && std::none_of(all.begin(), all.end(), [&](const json& entry) {
             return is_on_graph(entry["method"].get<std::string>()) == on_graph && !entry.contains(key);
           });
  };
  if (nobody("graph", true))
    throw InputError(
        fmt::format("{}: /graph: no algorithm here talks over it: methods with a server do not, and those without have "
                    "graphs of their own",
                    file));
  const json collective = source.value("collective", json("parameter-server"));
  const bool other = (collective.is_object() ? collective.value("type", json()) : collective) != "parameter-server";
  if (other && nobody("collective", false))
    throw InputError(
        fmt::format("{}: /collective: no algorithm here uses it: methods on a graph do not, and those with a server "
                    "have collectives of their own",
                    file));
}

ClusterPlan cluster_of(const AlgorithmEntry& algorithm, const std::string& file, const ClusterPlan& cluster) {
  ClusterPlan out = cluster;
  if (algorithm.entry.contains("collective"))
    out.collective = read_collective(algorithm.entry, file, algorithm.pointer, cluster.workers, cluster.racks);
  return out;
}

bool is_asynchronous(const std::string& method) {
  return find(asynchronous_methods(), method) || find(exchange_methods(), method);
}

std::vector<AlgorithmEntry> list_algorithms(const Source& source, const ClusterPlan& cluster) {
  std::vector<AlgorithmEntry> out;
  for (const json& entry : source.json["algorithms"]) {
    const std::string method = entry["method"];
    out.push_back({entry.value("label", method), method, fmt::format("/algorithms/{}", out.size()), entry});
    if (is_on_graph(method)) out.back().graph = read_graph(source, out.back(), cluster.racks);
    check_exchange(out.back(), source, cluster);
  }
  return out;
}

std::vector<AlgorithmEntry> read_algorithms(const Source& source, const ClusterPlan& cluster,
                                            const std::function<Summation(const AlgorithmEntry&)>& look) {
  std::vector<AlgorithmEntry> out;
  std::set<std::string> labels;
  std::string mistakes;
  for (std::size_t i = 0; i < source.json["algorithms"].size(); ++i) {
    try {
      AlgorithmEntry& algorithm = out.emplace_back(read_algorithm(source, i, labels));
      if (is_on_graph(algorithm.method)) algorithm.graph = read_graph(source, algorithm, cluster.racks);
      const Summation uploads = look(algorithm);
      check_exchange(algorithm, source, cluster);
      const auto collective = cluster_of(algorithm, source.file, cluster).collective;
      if (algorithm.graph || !collective) continue;
      if (const auto refusal = refused(*collective, uploads))
        throw InputError(fmt::format("{}: {}/{}: {}", source.file, algorithm.pointer, refusal->key, refusal->why));
    } catch (const InputError& e) {
      mistakes += (mistakes.empty() ? "" : "\n") + std::string(e.what());
    }
  }
  if (!mistakes.empty()) throw InputError(mistakes);
  return out;
}

std::vector<std::string> labels_of(const std::vector<AlgorithmEntry>& algorithms) {
  std::vector<std::string> out;
  for (const auto& algorithm : algorithms) out.push_back(algorithm.label);
  return out;
}

}  // namespace laconic::scenario
