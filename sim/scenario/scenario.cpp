#include "sim/scenario/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/asynchronous/registry.hpp"
#include "algorithms/base/error.hpp"
#include "algorithms/base/named_table.hpp"
#include "algorithms/decentralised/registry.hpp"
#include "algorithms/methods/registry.hpp"
#include "sim/scenario/check_finite.hpp"
#include "sim/scenario/check_memory.hpp"
#include "sim/scenario/read_cluster.hpp"
#include "sim/scenario/read_codecs.hpp"
#include "sim/scenario/read_problem.hpp"
#include "sim/scenario/read_record.hpp"
#include "sim/scenario/read_tuning.hpp"
#include "sim/scenario/schema_check.hpp"

namespace laconic::scenario {

using namespace problems;
using namespace methods;
using namespace asynchronous;
using namespace decentralised;
using namespace network;
using namespace results;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// What a scenario says of itself as a whole, and how its messages travel.
Scenario begun(const Source& source) {
  Scenario s;
  s.file = source.file;
  s.name = source.json["name"];
  s.seed = source.seed();
  s.batches = source.json.value("batches", "uniform");
  s.cluster = read_cluster(source);
  s.round.wire = read_wire(source);
  s.round.seed = s.seed;
  s.round.compress_flops_per_entry = source.json.value("compress_flops_per_entry", 0.0);
  s.round.speeds = speeds_of(s.cluster.facts);
  s.codecs = read_codecs(source.json, source.file, "");
  return s;
}

// What must be known of an algorithm before it runs.
struct Composed {
  Vector start;
  Summation uploads;
};

Composed compose_once(Scenario& s, const AlgorithmEntry& algorithm) {
  if (s.problem.workload && (algorithm.graph || is_asynchronous(algorithm)))
    throw InputError(
        fmt::format("{}: {}/method: \"{}\" needs a problem that is learned: a \"workload\" is for methods "
                    "that have rounds and a server or a collective",
                    s.file, algorithm.pointer, algorithm.method));
  if (algorithm.graph && is_asynchronous(algorithm)) return {s.make_exchanges(algorithm).peers.front()->model(), {}};
  if (algorithm.graph) return {s.make_peers(algorithm).peers.front()->model(), {}};
  if (!is_asynchronous(algorithm)) {
    Method method = s.make_method(algorithm);
    return {method.server->model(), std::move(method.uploads)};
  }
  const Refusal alone{"method", fmt::format("\"{}\" is asynchronous: its server takes uploads one by one and answers "
                                            "each worker by itself",
                                            algorithm.method)};
  return {s.make_asynchronous(algorithm).server->model(), {.some_take_part = alone, .no_sum = alone}};
}

// L and L_m, which take time, are found when an algorithm turns out to need them.
Composed composed(Scenario& s, const AlgorithmEntry& algorithm) {
  if (!s.problem.smoothness) return compose_once(s, algorithm);
  try {
    return compose_once(s, algorithm);
  } catch (const InputError&) {
    s.problem.find_smoothness();
    check_smoothness(s.problem, s.file);
    return compose_once(s, algorithm);
  }
}

// Composes an algorithm for the first time, and checks the model that it begins with.
Summation first_look(Scenario& s, const AlgorithmEntry& algorithm, bool check) {
  Composed first = composed(s, algorithm);
  const bool own = algorithm.entry.contains("start");
  if (check && (own || s.algorithms.empty()))
    check_start(s.problem, first.start, fmt::format("{}: {}", s.file, own ? algorithm.pointer + "/start" : "/problem"));
  return std::move(first.uploads);
}

// Makes the algorithm with its line of a table.
template <class Entry, class... Graph>
auto made(const Scenario& s, const AlgorithmEntry& algorithm, std::span<const Entry> table, const Graph&... graph) {
  const Problem& problem = s.problem;
  Constants constants{
      {"M", problem.M()}, {"d", static_cast<double>(problem.d)}, {"K", static_cast<double>(s.record.rounds)}};
  if (s.data.samples > 0) constants["n"] = static_cast<double>(s.data.samples);
  if (problem.smooth()) {
    constants["L"] = problem.L;
    constants["L_max"] = problem.L_max();
  }
  Params in(algorithm.entry, s.file, algorithm.pointer, constants);
  in.ignore("method");
  in.ignore("label");
  in.ignore("collective");
  in.ignore("late");
  in.ignore("codecs");
  in.ignore("execution");
  Setup setup{problem, s.round, s.batches};
  setup.late = cluster_of(algorithm, s.file, s.cluster).conditions.late;
  if (!s.cluster.facts.workers.empty()) setup.cluster = &s.cluster.facts;
  const CodecCosts codecs = read_codecs(algorithm.entry, s.file, algorithm.pointer, s.codecs);
  setup.codecs = &codecs;
  auto method = find(table, algorithm.method)->make(setup, in, graph...);
  in.finish(algorithm.method);
  return method;
}

}  // namespace

bool Scenario::coding_is_free() const {
  return codecs.empty() && round.compress_flops_per_entry == 0 &&
         std::none_of(algorithms.begin(), algorithms.end(), [](const auto& a) { return a.entry.contains("codecs"); });
}

Method Scenario::make_method(const AlgorithmEntry& algorithm) const {
  return made(*this, algorithm, methods::methods());
}

AsynchronousMethod Scenario::make_asynchronous(const AlgorithmEntry& algorithm) const {
  return made(*this, algorithm, asynchronous_methods());
}

PeerMethod Scenario::make_peers(const AlgorithmEntry& algorithm) const {
  return made(*this, algorithm, peer_methods(), *algorithm.graph);
}

ExchangeMethod Scenario::make_exchanges(const AlgorithmEntry& algorithm) const {
  return made(*this, algorithm, exchange_methods(), *algorithm.graph);
}

Scenario make_scenario(json given, const std::string& file, const fs::path& folder, bool optimum) {
  Source source = open_source(std::move(given), file, folder);
  Scenario s = begun(source);
  const ProblemPlan plan = read_problem(source);
  const bool gap_named = names_gap(source.json);
  if (gap_named && !plan.no_optimum.empty()) throw InputError(fmt::format("{}: {}", file, plan.no_optimum));
  s.record = read_record(source, plan.no_optimum.empty());
  const bool needs_optimum = s.record.needs(Metric::loss_gap) || gap_named;
  auto built = build_problem(source, plan, needs_optimum ? Optimum::yes : optimum ? Optimum::if_cheap : Optimum::no);
  s.problem = std::move(built.problem);
  s.data = std::move(built.data);
  if (needs_optimum && !s.problem.optimum) {
    if (gap_named) throw InputError(fmt::format("{}: {}", file, s.problem.no_optimum));
    s.record.metrics[static_cast<int>(Metric::loss_gap)] = false;
  }
  s.round.d = s.problem.d;
  if (s.round.wire == Wire::float64) remember_gradients(s.problem);
  if (optimum) s.problem.find_smoothness();
  check_smoothness(s.problem, file);
  check_memory(algorithm_bytes(s.problem), s.problem.d, s.problem.M(), file + ": /problem");
  const bool cheap =
      (plan.make_alone && plan.learns) || plan.law.bound > 0;  // not a neural network, which may take a minute
  s.algorithms = read_algorithms(source, s.cluster,
                                 [&](const AlgorithmEntry& algorithm) { return first_look(s, algorithm, cheap); });
  check_smoothness(s.problem, file);
  s.claims = read_claims(source.json, file, labels_of(s.algorithms));
  s.record = watching(std::move(s.record), s.claims);
  if (s.problem.workload) s.record = without_metrics(std::move(s.record), source);
  if (s.record.needs(Metric::accuracy) && !s.problem.accuracy)
    throw InputError(fmt::format("{}: /problem/type: {} classifies nothing: it has no accuracy", file,
                                 shown(source.json["problem"]["type"])));
  s.source = std::move(source.json);
  return s;
}

Scenario make_outline(json given, const std::string& file, const fs::path& folder, bool has_optimum) {
  Source source = open_source(std::move(given), file, folder);
  Scenario s = begun(source);
  s.record = read_record(source, has_optimum);
  s.algorithms = list_algorithms(source, s.cluster);
  s.claims = read_claims(source.json, file, labels_of(s.algorithms));
  s.record = watching(std::move(s.record), s.claims);
  if (source.json["problem"]["type"] == "workload") s.record = without_metrics(std::move(s.record), source);
  s.source = std::move(source.json);
  return s;
}

ClusterPlan read_cluster(json given, const std::string& file, const fs::path& folder) {
  return read_cluster(open_source(std::move(given), file, folder));
}

Scenario load_scenario(const fs::path& file, const ScenarioOptions& options) {
  json source = read_source(file, options);
  if (is_tuned(source)) {
    check_schema(source, file.string());
    source = with_first_values(source, read_tuning(source, file.string()));
  }
  Scenario s = make_scenario(std::move(source), file.string(), file.parent_path(), options.optimum);
  check_claim_points(s.source, s.file);
  check_shared_blocks(s.source, s.file);
  return s;
}

}  // namespace laconic::scenario
