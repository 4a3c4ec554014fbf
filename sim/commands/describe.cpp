#include "sim/commands/describe.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/asynchronous/registry.hpp"
#include "algorithms/base/error.hpp"
#include "algorithms/base/human_units.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/compressors/by_layer.hpp"
#include "algorithms/data/load.hpp"
#include "algorithms/data/partition.hpp"
#include "algorithms/decentralised/registry.hpp"
#include "algorithms/graphs/registry.hpp"
#include "algorithms/graphs/weights.hpp"
#include "algorithms/methods/registry.hpp"
#include "algorithms/problems/logistic.hpp"
#include "algorithms/problems/workload.hpp"
#include "platforms/topologies/registry.hpp"
#include "sim/commands/layer_table.hpp"
#include "sim/rounds/collectives/collective.hpp"

namespace laconic::commands {

using namespace data;
using namespace problems;
using namespace compressors;
using namespace aggregators;
using namespace methods;
using namespace asynchronous;
using namespace decentralised;
using namespace platforms;
using namespace rounds;

namespace {

using nlohmann::json;

// What the registries' readers are shown so that they name their parameters.
const json example = {{"step", 1},
                      {"batch", 1},
                      {"H", 1},
                      {"k", 1},
                      {"b0", 1},
                      {"c", 1},
                      {"clients", 1},
                      {"p", 1},
                      {"warm_up", 1},
                      {"B", 1},
                      {"s", 1},
                      {"consensus_step", 1},
                      {"r", 1},
                      {"samples", 1},
                      {"features", 1},
                      {"path", "/data"},
                      {"images", "/data"},
                      {"model", {{"type", "cnn"}}},
                      {"labels", "/data"},
                      {"degree", 2},
                      {"neighbours", 2},
                      {"rewire", 0},
                      {"alpha", 1},
                      {"sizes", {1, 1}},
                      {"l2", 1},
                      {"spectrum", {{"type", "linear"}, {"min", 1}, {"max", 1}}},
                      {"dimension", 1},
                      {"racks", 1},
                      {"groups", 1},
                      {"chassis", 1},
                      {"routers", 1},
                      {"nodes", 3},
                      {"down", {4}},
                      {"dimensions", {4}},
                      {"sites", {"A"}},
                      {"file", "/a.xml"}};

const Problem& small_problem() {
  static const Problem problem = [] {
    Dataset data{RowMatrix::Ones(2, 1), Vector::Ones(2), "example"};
    std::vector<Dataset> shards(2, data);
    return make_logistic(std::move(shards), {});
  }();
  return problem;
}

const Constants& small_constants() {
  static const Constants constants{{"L", 1}, {"L_max", 1}, {"M", 2}, {"n", 2}, {"d", 1}, {"K", 1}};
  return constants;
}

std::string wrapped(const std::string& text, const char* indent) {
  std::string out;
  std::size_t start = 0;
  while (start <= text.size()) {
    const auto end = std::min(text.find('\n', start), text.size());
    out += indent + text.substr(start, end - start) + '\n';
    start = end + 1;
  }
  return out;
}

// Reads with no more than is given and required, so that defaults show as defaults.
template <class Read>
std::string parameters(Read&& read, const json& given = json::object()) {
  json object = given;
  std::vector<Params::Description> found;
  for (bool again = true; again;) {
    again = false;
    Params in(object, "", "", small_constants());
    try {
      read(in);
    } catch (const InputError&) {  // stopped at something required: it gets an example, and reads on
      for (const auto& p : in.described()) {
        if (p.fallback != "required" || object.contains(p.key) || !example.contains(p.key)) continue;
        object[p.key] = example[p.key];
        again = true;
      }
    }
    found = in.described();
  }
  std::string out;
  for (const auto& p : found) {
    if (given.contains(p.key)) continue;
    out += fmt::format("  {:<16} {}\n", p.key, p.meaning);
    out += fmt::format("  {:<16}   {}; {}\n", "", p.fallback == "required" ? p.fallback : "default " + p.fallback,
                       p.allowed);
  }
  return out.empty() ? "  no parameters\n" : out;
}

Setup small_setup() { return {small_problem(), {.d = 1}, "uniform", {}}; }

template <class Entry>
void make_once(const Entry& m, Params& in) {
  m.make(small_setup(), in);
}
template <class Entry>
void make_on_pair(const Entry& m, Params& in) {
  static const graphs::Graph pair{
      .kind = "pair", .weights = "metropolis", .phases = {{{{1}, {0}}, {{{1, 0.5}}, {{0, 0.5}}}, {0.5, 0.5}}}};
  m.make(small_setup(), in, pair);
}
void make_once(const PeerEntry& m, Params& in) { make_on_pair(m, in); }
void make_once(const ExchangeEntry& m, Params& in) { make_on_pair(m, in); }

template <class Entry>
std::string describe_method(const Entry& m) {
  return fmt::format(
      "{}: method. {}\n\n{}\nDifferences from the paper: {}\n"
      "Bits: {} up, {} down{}    (w = 32 or 64, the wire; i = ceil(log2 d), an index)\nSource: {}\n\nParameters\n{}",
      m.name, m.doc.title, wrapped(m.doc.box, "  "), m.doc.differences, m.doc.bits, m.doc.down,
      m.doc.exchanges > 1 ? fmt::format(", in {} messages each", m.doc.exchanges) : "", m.doc.citation,
      parameters([&](Params& in) { make_once(m, in); }));
}

template <class Part>
std::string describe_part(const char* kind, const PartEntry<Part>& e) {
  std::string out = fmt::format("{}: {}. {}\n", e.name, kind, e.summary);
  if (e.bits) out += fmt::format("Bits: {}    (w = 32 or 64, the wire; i = ceil(log2 d), an index)\n", e.bits);
  if (*e.source) out += fmt::format("Source: {}\n", e.source);
  return out + "\nParameters\n" + parameters([&](Params& in) {
           if constexpr (std::is_same_v<Part, Compressor>)
             compressor_of(e, small_setup(), in);
           else
             e.make(small_setup(), in);
         });
}

std::string describe_graph(const graphs::Kind& g) {
  const std::string source = *g.source ? fmt::format("Source: {}\n", g.source) : "";
  return fmt::format("{}: graph. {}\n{}\n{}Parameters\n{}", g.name, g.summary, g.picture,
                     source.empty() ? "" : source + '\n', parameters([&](Params& in) {
                       graphs::look_at_weights(in);
                       g.build(in, {.M = 3, .folder = {}, .racks = {}});
                     }));
}

std::string describe_model(const NamedModel& m) {
  const Problem p = make_workload(1, {.layers = m.layers(m.input), .backward = {}});
  return fmt::format(
      "{}: model of a workload. {}\nSource: {}\n\nFlops are of one {}, of a step: forward and twice that "
      "backward.\n\n{}",
      m.name, m.summary, m.source,
      m.image ? fmt::format("image of {0} x {0} (\"image\")", m.input)
              : fmt::format("sequence of {} tokens (\"sequence\")", m.input),
      layer_table(p));
}

// A kind of thing a scenario names, with its entries.
struct Kind {
  std::string name;
  std::vector<std::pair<std::string, std::string>> entries;  ///< name, summary
  std::function<std::string(const std::string& name)> describe;
};

template <class Entry, class Describe>
Kind kind_of(const char* name, std::span<const Entry> table, Describe describe) {
  Kind kind{name, {}, [table, describe](const std::string& wanted) { return describe(*find(table, wanted)); }};
  for (const auto& entry : table) {
    if constexpr (requires { entry.doc; })
      kind.entries.emplace_back(entry.name, entry.doc.title);
    else
      kind.entries.emplace_back(entry.name, entry.summary);
  }
  return kind;
}

std::vector<Kind> kinds() {
  const auto part = [](const char* kind) { return [kind](const auto& entry) { return describe_part(kind, entry); }; };
  std::vector<Kind> all;
  all.push_back(kind_of("methods", methods::methods(), describe_method<MethodEntry>));
  all.push_back(kind_of("asynchronous-methods", asynchronous_methods(), describe_method<AsynchronousEntry>));
  all.push_back(kind_of("graph-methods", peer_methods(), describe_method<PeerEntry>));
  all.push_back(kind_of("asynchronous-graph-methods", exchange_methods(), describe_method<ExchangeEntry>));
  all.push_back(kind_of("compressors", methods::compressors(), part("compressor")));
  all.push_back(kind_of("memories", methods::memories(), part("memory")));
  all.push_back(kind_of("triggers", methods::triggers(), part("trigger (a worker's say)")));
  all.push_back(kind_of("participations", participations(), part("participation (the server's say)")));
  all.push_back(kind_of("aggregates", aggregates(),
                        [](const AggregateEntry& e) { return fmt::format("{}: aggregate. {}\n", e.name, e.summary); }));
  all.push_back(kind_of("local-updates", local_updates(), part("local update (a worker's)")));
  all.push_back(kind_of("updates", methods::updates(), part("update")));
  all.push_back(kind_of("problems", problems::problems(), [](const ProblemEntry& e) {
    return fmt::format("{}: problem. {}\n\nParameters\n{}", e.name, e.summary,
                       parameters([&](Params& in) { e.read(in, {}); }));
  }));
  all.push_back(kind_of("models", named_models(), describe_model));
  all.push_back(kind_of("data", data_sources(), [](const DataEntry& e) {
    return fmt::format("{}: data. {}\n\nParameters\n{}", e.name, e.summary,
                       parameters(
                           [&](Params& in) {
                             read_data(in, {2, 1, {}, {}});
                             read_after_split(in, 2, {});
                           },
                           {{"type", e.name}}));
  }));
  all.push_back(kind_of("partitions", partitions(), [](const PartitionEntry& e) {
    return fmt::format("{}: partition. {}\n\nParameters\n{}", e.name, e.summary,
                       parameters(
                           [&](Params& in) {
                             make_partition(in, Eigen::Vector2d(0, 1), 2, 1);
                             read_rescaling(in, 2, {});
                           },
                           {{"partition", e.name}}));
  }));
  all.push_back(kind_of("platforms", topologies(), [](const PlatformEntry& e) {
    return fmt::format(
        "{}: platform. {}\n{}\n\nParameters (speeds, bandwidths and latencies of workers: one value, a list of M, or\n"
        "a distribution: {{\"type\": \"uniform\" | \"log-uniform\" | \"inverse-uniform\", \"min\", \"max\"}},\n"
        "{{\"type\": \"log-normal\", \"median\", \"sigma\"}} or {{\"type\": \"exponential\", \"mean\"}}, "
        "each with \"seed\", default 0)\n{}",
        e.name, e.summary, e.picture, parameters([&](Params& in) {
          e.read(in, {2, {}, nullptr});
        }));
  }));
  all.push_back(kind_of("collectives", collectives(), [](const CollectiveEntry& e) {
    return fmt::format("{}: collective. {}\n{}\nParameters\n{}", e.name, e.summary, e.picture,
                       parameters([&](Params& in) {
                         Collective unused;
                         e.read(in, unused);
                       }));
  }));
  all.push_back(kind_of("graphs", graphs::kinds(), describe_graph));
  all.push_back(kind_of("networks", network_models(), [](const NetworkModel& m) {
    std::string out = fmt::format("{}: network model. {}\nSimGrid settings:", m.name, m.summary);
    for (const char* setting : m.settings) out += fmt::format(" --cfg={}", setting);
    return out + '\n';
  }));
  return all;
}

}  // namespace

std::string list_names(const std::string& wanted) {
  std::string out;
  std::vector<std::string> names;
  for (const auto& kind : kinds()) {
    names.push_back(kind.name);
    if (!wanted.empty() && kind.name != wanted) continue;
    out += (out.empty() ? "" : "\n") + kind.name + '\n';
    for (const auto& [name, summary] : kind.entries) out += fmt::format("  {:<22} {}\n", name, summary);
  }
  if (out.empty())
    throw InputError(
        fmt::format("list: expected {}, got \"{}\"{}", quoted_choices(names), wanted, did_you_mean(wanted, names)));
  return out;
}

std::vector<std::pair<std::string, std::vector<std::string>>> names_by_kind() {
  std::vector<std::pair<std::string, std::vector<std::string>>> out;
  for (const auto& kind : kinds()) {
    out.emplace_back(kind.name, std::vector<std::string>());
    for (const auto& [name, summary] : kind.entries) out.back().second.push_back(name);
  }
  return out;
}

std::string describe(const std::string& wanted) {
  std::string out;
  std::vector<std::string> names;
  for (const auto& kind : kinds()) {
    for (const auto& [name, summary] : kind.entries) {
      names.push_back(name);
      if (name == wanted) out += (out.empty() ? "" : "\n") + kind.describe(name);
    }
  }
  if (out.empty())
    throw InputError(fmt::format("describe: nothing is called \"{}\"{}; `laconic list` shows all names", wanted,
                                 did_you_mean(wanted, names)));
  return out;
}

}  // namespace laconic::commands
