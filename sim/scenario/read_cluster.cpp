#include "sim/scenario/read_cluster.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "algorithms/base/error.hpp"
#include "platforms/built/survey.hpp"
#include "platforms/quantity.hpp"
#include "platforms/topologies/registry.hpp"
#include "sim/network/collective_routes.hpp"
#include "sim/scenario/read_collective.hpp"
#include "sim/scenario/read_conditions.hpp"
#include "sim/scenario/read_execution.hpp"

namespace laconic::scenario {

using namespace platforms;
using namespace rounds;
using namespace network;

namespace {

using nlohmann::json;

Wire wire_in(Params& in) {
  return in.choice("wire", "float32", {"float32", "float64"}, "how real numbers travel") == "float32" ? Wire::float32
                                                                                                      : Wire::float64;
}

std::uint64_t bytes_in(Params& in, const std::string& key, const char* fallback, double least, double most,
                       const char* meaning) {
  const double bytes = quantity(in, key, fallback, Unit::size, meaning);
  if (bytes != std::floor(bytes) || bytes < least || bytes > most)
    in.fail(key, fmt::format("a whole number of bytes from {:.0f} to {:.0f}", least, most));
  return static_cast<std::uint64_t>(bytes);
}

constexpr const char* connection_keys[] = {"mss",        "segment_header", "initial_window",   "send_buffer",
                                           "congestion", "burst",          "store_and_forward"};

// What the model "connections" has and the others have not.
ConnectionRules read_connections(Params& in, WireRules& wire) {
  ConnectionRules out;
  wire.segment = bytes_in(in, "mss", "1448B", 1, 65535, "bytes of a message in each segment, without headers");
  wire.segment_header = bytes_in(in, "segment_header", "66B", 0, 1e6,
                                 "bytes added to every segment: Ethernet, IP and TCP with timestamps");
  out.payload = static_cast<double>(wire.segment);
  out.header = static_cast<double>(wire.segment_header);
  out.initial_window =
      static_cast<double>(in.count("initial_window", 10, 1, "segments that a new connection sends at once"));
  out.send_buffer = static_cast<double>(
      bytes_in(in, "send_buffer", "4MiB", out.payload, 1e15, "bytes of a message that may be on their way"));
  if (in.choice("congestion", "cubic", {"cubic", "bbr"}, "how windows grow, and whether idle times halve them") ==
      "bbr")
    out.congestion = Congestion::bbr;
  if (in.look("burst", "no limit", "a whole number of segments, at least 1",
              "segments of one message that leave a host before another message has its turn: 10 where the host's own "
              "link is the bottleneck (TCP small queues)"))
    out.burst = static_cast<double>(in.count("burst", 10, 1, "segments of one message that leave together"));
  out.store_and_forward =
      in.flag("store_and_forward", true, "every hop receives a whole segment before it passes it on");
  return out;
}

// A cluster that has its "network", and nothing else yet.
ClusterPlan read_network(const Source& source) {
  ClusterPlan out;
  Params in = source.block("network");
  std::vector<std::string> names;
  for (const auto& model : network_models()) names.emplace_back(model.name);
  const auto name = in.choice("model", names.front(), names, "how long a transfer takes");
  for (const auto& model : network_models())
    if (name == model.name) out.network = &model;
  const double header = quantity(in, "header", "64B", Unit::size, "bytes added to every message");
  if (header != std::floor(header) || header > 1e9) in.fail("header", "a whole number of bytes, at most 1e9");
  out.wire.header = static_cast<std::uint64_t>(header);
  if (out.network->connections) {
    out.connections.emplace(ConnectionPlan{read_connections(in, out.wire), {}, {}});
  } else {
    for (const char* key : connection_keys)
      if (in.has(key))
        in.refuse(key, fmt::format("\"{}\" knows no connections: choose the model \"connections\"", name));
  }
  out.reals = wire_in(in);
  out.wire.skip_notice =
      in.flag("skip_notice", true, "a silent worker says so with a header; else the server knows for free");
  const auto solver = in.choice(
      "solver", "auto", {"auto", "simgrid", "actors"},
      "who finds how long a round takes; auto: Laconic itself, where a star makes it easy, to the same digits; simgrid: "
      "SimGrid, which moves messages of the right sizes; actors: the slow reference, whose workers are SimGrid's actors "
      "and exchange the encoded bytes themselves");
  out.solver = solver == "auto" ? Solver::automatic : solver == "simgrid" ? Solver::simgrid : Solver::actors;
  in.finish("the network");
  return out;
}

Conditions::Energy read_energy(const Source& source, const Params& platform, const json& watts,
                               const std::string& type) {
  if (type == "none") platform.refuse("watts", "a scenario without a network has no hosts");
  Conditions::Energy out;
  if (watts == "file") {
    out.from_file = true;
  } else {
    Params own(watts, source.file, "/platform/watts");
    out = read_watts(own);
  }
  if (out.from_file && type != "file") platform.refuse("watts", "\"file\" means the properties of SimGrid's XML");
  out.where = platform.where("watts");
  return out;
}

struct PlatformBlock {
  BuildPlatform build;             // empty: no network
  std::vector<std::size_t> racks;  // the workers', where the topology has some
  std::optional<Survey> stated;    // what will be built, where the topology knows
  Conditions conditions;           // its profiles, and what it draws
};

PlatformBlock read_platform(const Source& source, const NetworkModel* network) {
  PlatformBlock out;
  Params in = source.block("platform");
  std::vector<ProfileFile> profiles;
  std::vector<std::string> names{"none"};
  for (const auto& entry : topologies()) names.emplace_back(entry.name);
  const auto type = in.choice("type", {}, names, "the topology; none: no network, no time");
  for (const auto& entry : topologies())
    if (type == entry.name)
      out.build = entry.read(in, {source.workers(), source.folder, network, &out.racks, &profiles, &out.stated});
  for (const auto& profile : profiles) add_profile(out.conditions, profile);
  if (const json* watts = in.look("watts", "none", "an object", "what hosts and links draw"))
    out.conditions.energy = read_energy(source, in, *watts, type);
  in.finish(type == "none" ? "a scenario without a network" : fmt::format("the {}", type));
  return out;
}

ClusterFacts facts_of(const Survey& survey, const WireRules& wire) {
  ClusterFacts out{{}, survey.server.speed, wire.header};
  for (std::size_t m = 0; m < survey.workers.size(); ++m)
    out.workers.push_back({survey.workers[m].speed, survey.up[m].latency, survey.up[m].bandwidth});
  return out;
}

// What the rest of the scenario may know of the platform.
void note(ClusterPlan& cluster, const Survey& survey) {
  cluster.star = star_view(survey);
  cluster.facts = facts_of(survey, cluster.wire);
  if (!cluster.connections) return;
  cluster.connections->down = ways_of(survey, survey.down);
  cluster.connections->up = ways_of(survey, survey.up);
}

// Finds out what the platform will be: as it states itself where that will do, or else by building it once.
void look_at_platform(ClusterPlan& cluster, const std::optional<Survey>& stated, const Source& source) {
  const std::string where = source.file + ": /platform";
  if (stated) {
    check(*stated, where);
    note(cluster, *stated);
    if (cluster.has_closed_form()) return;
  }
  const Survey built = survey(cluster.platform, *cluster.network, where);
  note(cluster, built);
  if (auto& energy = cluster.conditions.energy) {
    energy->server_name = built.server.name;
    for (const auto& worker : built.workers) energy->worker_names.insert(worker.name);
  }
  if (cluster.collective)
    check_routes(*cluster.collective, source.workers(), cluster.platform, *cluster.network,
                 source.file + ": /collective");
}

// "conditions", and those of the platform, which the cluster has so far.
Conditions read_conditions(const Source& source, const ClusterPlan& cluster) {
  Conditions out, of_platform = cluster.conditions;
  const bool given = source.json.contains("conditions");
  if (given) {
    if (!cluster.platform)
      throw InputError(fmt::format("{}: /conditions: a scenario without a network has none", source.file));
    Params in = source.block("conditions");
    out = scenario::read_conditions(in, source.workers(), *cluster.network, source.folder);
  }
  out.energy = std::move(of_platform.energy);
  std::move(of_platform.failures.begin(), of_platform.failures.end(), std::back_inserter(out.failures));
  std::move(of_platform.changes.begin(), of_platform.changes.end(), std::back_inserter(out.changes));
  if (out.can_fail() && cluster.collective)
    throw InputError(
        fmt::format("{}: {}: failures and deadlines are for the collective \"parameter-server\" alone: the "
                    "others need everybody",
                    source.file, given ? "/conditions" : "/platform"));
  return out;
}

// Actors that do the mathematics themselves talk to the server alone, and are never cut short.
void check_solver(const ClusterPlan& cluster, const Source& source) {
  if (cluster.solver != Solver::actors) return;
  const auto refuse = [&](const char* why) {
    throw InputError(
        fmt::format("{}: /network/solver: \"actors\" {}: choose \"auto\" or \"simgrid\"", source.file, why));
  };
  if (!cluster.platform) refuse("exchange messages over a network, and the platform is \"none\"");
  if (cluster.collective)
    refuse(
        "exchange whole messages with a server, and a collective passes on sums, which are added up in worker order "
        "wherever they meet");
  if (cluster.conditions.can_fail())
    refuse("wait for everybody whom the server asked, and failures and deadlines leave some out");
}

// Connections wait for acknowledgements, which needs to know who sends, how fast, and that all arrives.
void check_connections(const ClusterPlan& cluster, const Source& source) {
  if (!cluster.connections || !cluster.platform) return;
  const auto refuse = [&](const char* key, const char* why) {
    throw InputError(fmt::format("{}: /network/{}: {}", source.file, key, why));
  };
  if (cluster.solver == Solver::actors)
    refuse("solver",
           "\"actors\" know of no message but their own, and how long \"connections\" wait depends on how many send at "
           "once: choose \"auto\" or \"simgrid\"");
  if (cluster.conditions.can_fail())
    refuse("model",
           "\"connections\" lose nothing: what becomes of one that failures or deadlines cut short is not modelled: "
           "choose \"alpha-beta\"");
  for (const Ways* ways : {&cluster.connections->down, &cluster.connections->up})
    for (const auto& path : ways->paths)
      if (path.rate <= 0)
        refuse("model",
               "\"connections\" need to know each worker's rate, which the air of a Wi-Fi cell in XML does not tell: "
               "choose \"alpha-beta\"");
}

}  // namespace

ClusterPlan read_cluster(const Source& source) {
  ClusterPlan out = read_network(source);
  out.workers = source.workers();
  PlatformBlock platform = read_platform(source, out.network);
  out.platform = std::move(platform.build);
  out.conditions = std::move(platform.conditions);
  out.racks = std::move(platform.racks);
  out.collective = read_collective(source.json, source.file, "", source.workers(), out.racks);
  out.execution = read_execution(source.json, source.file, "", out.reals);
  if (out.platform) look_at_platform(out, platform.stated, source);
  out.conditions = read_conditions(source, out);
  check_connections(out, source);
  if (out.execution) check_execution(out, source.file + ": /execution");
  check_solver(out, source);
  if (out.conditions.energy || out.conditions.can_fail() || out.conditions.vary())
    check_simulation(
        out, fmt::format("{}: {}", source.file, source.json.contains("conditions") ? "/conditions" : "/platform"));
  return out;
}

Wire read_wire(const Source& source) {
  Params in = source.block("network");
  return wire_in(in);
}

}  // namespace laconic::scenario
