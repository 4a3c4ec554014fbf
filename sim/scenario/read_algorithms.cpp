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
#include "sim/scenario/read_conditions.hpp"
#include "sim/scenario/read_execution.hpp"

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

// Time decides what an asynchronous method learns, and the reference of actors knows rounds alone.
void check_asynchronous(const AlgorithmEntry& algorithm, const std::string& where, const ClusterPlan& cluster) {
  if (!is_asynchronous(algorithm)) return;
  const auto refuse = [&](const char* why) {
    throw InputError(fmt::format("{}/method: \"{}\" is asynchronous{}", where, algorithm.method, why));
  };
  if (!cluster.platform) refuse(": who comes first is a matter of time, and the platform is \"none\"");
  if (cluster.solver == Solver::actors)
    refuse(", and the \"actors\" of /network/solver know rounds alone: choose \"auto\" or \"simgrid\"");
}

void check_gossip(const AlgorithmEntry& algorithm, const std::string& where, const ClusterPlan& cluster) {
  if (cluster.conditions.can_fail() && !cluster.wire.skip_notice)
    throw InputError(
        fmt::format("{}/method: \"{}\" has nodes that must be told of silence where failures and deadlines are: set "
                    "/network/skip_notice to true",
                    where, algorithm.method));
  if (cluster.conditions.can_fail() && is_asynchronous(algorithm))
    throw InputError(
        fmt::format("{}/method: \"{}\" exchanges models in pairs: what a failure or a deadline would leave of an "
                    "exchange is not modelled: choose \"d-psgd\" or \"choco-sgd\"",
                    where, algorithm.method));
  if (cluster.connections)
    throw InputError(
        fmt::format("{}/method: \"{}\" would need connections between nodes, and the \"connections\" of "
                    "/network/model are with a server: choose \"alpha-beta\" or \"tcp\"",
                    where, algorithm.method));
}

// What an entry's own collective cannot do on the entry's cluster.
void check_collective(const std::string& where, const ClusterPlan& cluster) {
  if (!cluster.collective || !cluster.platform) return;
  if (cluster.conditions.can_fail())
    throw InputError(where +
                     "/collective: failures and deadlines are for the collective \"parameter-server\" alone: "
                     "the others need everybody");
  if (cluster.solver == Solver::actors)
    throw InputError(where +
                     "/collective: the \"actors\" of /network/solver exchange whole messages with a server: "
                     "choose \"auto\" or \"simgrid\"");
}

// What an entry's own deadline cannot do on the entry's cluster.
void check_late(const std::string& where, const ClusterPlan& cluster) {
  if (!cluster.feeds_back()) return;
  const auto refuse = [&](const char* why) { throw InputError(fmt::format("{}/late: {}", where, why)); };
  if (!cluster.platform) refuse("a scenario without a network has no time, and so no deadline");
  if (cluster.collective)
    refuse(
        "deadlines are for the collective \"parameter-server\" alone, which the entry may have for itself: the "
        "others need everybody");
  if (cluster.solver == Solver::actors)
    refuse(
        "the \"actors\" of /network/solver wait for everybody whom the server asked: choose \"auto\" or "
        "\"simgrid\"");
  if (cluster.connections)
    refuse(
        "the \"connections\" of /network/model lose nothing: what becomes of one that a deadline cuts short is not "
        "modelled: choose \"alpha-beta\"");
}

// Whether the platform can be built as this algorithm needs it, beyond what was seen of it for the scenario as a whole.
void check_built(const AlgorithmEntry& algorithm, const Source& source, const ClusterPlan& cluster) {
  const std::string where = fmt::format("{}: {}", source.file, algorithm.pointer);
  const ClusterPlan with = cluster_of(algorithm, source.file, cluster);
  if (!with.platform) return;
  if (algorithm.graph) return check_routes(*algorithm.graph, with.platform, *with.network, where + "/graph");
  if (algorithm.entry.contains("collective") && with.collective)
    check_routes(*with.collective, source.workers(), with.platform, *with.network, where + "/collective");
  if (with.feeds_back() && !cluster.feeds_back()) check_simulation(with, where + "/late");
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
  const json& all = source["algorithms"];
  const auto has_rounds = [](const json& entry) {
    const auto method = entry["method"].get<std::string>();
    return !is_on_graph(method) && !is_asynchronous(method);
  };
  if (source.contains("execution") && std::none_of(all.begin(), all.end(), [&](const json& entry) {
        return has_rounds(entry) && !entry.contains("execution");
      }))
    throw InputError(fmt::format(
        "{}: /execution: no algorithm here uses it: methods on a graph and asynchronous ones have no rounds "
        "that wait for all, and others have one of their own",
        file));
  const json collective = source.value("collective", json("parameter-server"));
  const bool other = (collective.is_object() ? collective.value("type", json()) : collective) != "parameter-server";
  if (other && nobody("collective", false))
    throw InputError(
        fmt::format("{}: /collective: no algorithm here uses it: methods on a graph do not, and those with a server "
                    "have collectives of their own",
                    file));
  const json late = source.value("conditions", json::object()).value("late", json("wait"));
  if (late.is_object() && std::all_of(source["algorithms"].begin(), source["algorithms"].end(),
                                      [](const json& entry) { return entry.contains("late"); }))
    throw InputError(
        fmt::format("{}: /conditions/late: no algorithm here uses it: all have a \"late\" of their own", file));
}

void check_cluster(const AlgorithmEntry& algorithm, const std::string& file, const ClusterPlan& cluster) {
  const std::string where = fmt::format("{}: {}", file, algorithm.pointer);
  const auto owns = [&](const char* key) { return algorithm.entry.contains(key); };
  if (algorithm.graph && owns("collective"))
    throw InputError(where + "/collective: is for methods that form one sum: this one's nodes talk on a graph");
  const ClusterPlan with = cluster_of(algorithm, file, cluster);
  if (owns("execution")) {
    if (algorithm.graph || is_asynchronous(algorithm))
      throw InputError(fmt::format(
          "{}/execution: is for rounds in which a server, or all workers, wait for everybody: \"{}\" has none", where,
          algorithm.method));
    check_execution(with, where + "/execution");
  }
  check_asynchronous(algorithm, where, with);
  if (algorithm.graph) return check_gossip(algorithm, where, with);
  if (with.platform && algorithm.entry.value("delay", 0) > 0)
    throw InputError(where +
                     "/delay: an exchange that goes on while workers compute is not timed: a round is its messages and "
                     "its computing, one after the other: give 0, or a platform of \"type\": \"none\"");
  if (owns("collective")) check_collective(where, with);
  if (owns("late")) check_late(where, with);
}

ClusterPlan cluster_of(const AlgorithmEntry& algorithm, const std::string& file, const ClusterPlan& cluster) {
  ClusterPlan out = cluster;
  if (algorithm.entry.contains("late")) {
    Params own(algorithm.entry, file, algorithm.pointer);
    read_late(out.conditions, own);
  }
  if (algorithm.entry.contains("collective"))
    out.collective = read_collective(algorithm.entry, file, algorithm.pointer, cluster.workers, cluster.racks);
  if (algorithm.entry.contains("execution"))
    out.execution = read_execution(algorithm.entry, file, algorithm.pointer, cluster.reals);
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
    check_cluster(out.back(), source.file, cluster);
    check_built(out.back(), source, cluster);
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
      check_asynchronous(algorithm, fmt::format("{}: {}", source.file, algorithm.pointer), cluster);
      const Summation uploads = look(algorithm);
      check_cluster(algorithm, source.file, cluster);
      check_built(algorithm, source, cluster);
      if (algorithm.graph) continue;
      const ClusterPlan own = cluster_of(algorithm, source.file, cluster);
      algorithm.no_overlap = scenario::no_overlap(uploads, own);
      if (!own.collective) continue;
      if (const auto refusal = refused(*own.collective, uploads))
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
