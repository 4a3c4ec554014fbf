#include "sim/scenario/scenario.hpp"

#include <fmt/format.h>

#include "algorithms/base/error.hpp"
#include "algorithms/base/named_table.hpp"
#include "algorithms/methods/registry.hpp"
#include "sim/scenario/check_finite.hpp"
#include "sim/scenario/check_memory.hpp"
#include "sim/scenario/read_cluster.hpp"
#include "sim/scenario/read_problem.hpp"
#include "sim/scenario/read_record.hpp"

namespace laconic::scenario {

using namespace problems;
using namespace methods;
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
  return s;
}

// L and L_m, which take time, are found when an algorithm turns out to need them.
Method composed(Scenario& s, const AlgorithmEntry& algorithm) {
  if (!s.problem.smoothness) return s.make_method(algorithm);
  try {
    return s.make_method(algorithm);
  } catch (const InputError&) {
    s.problem.find_smoothness();
    check_smoothness(s.problem, s.file);
    return s.make_method(algorithm);
  }
}

// Composes an algorithm for the first time, and checks the model that it begins with.
Method first_method(Scenario& s, const AlgorithmEntry& algorithm, bool check) {
  Method method = composed(s, algorithm);
  const bool own = algorithm.entry.contains("start");
  if (check && (own || s.algorithms.empty()))
    check_start(s.problem, method.server->model(),
                fmt::format("{}: {}", s.file, own ? algorithm.pointer + "/start" : "/problem"));
  return method;
}

}  // namespace

Method Scenario::make_method(const AlgorithmEntry& algorithm) const {
  Constants constants{
      {"M", problem.M()}, {"d", static_cast<double>(problem.d)}, {"K", static_cast<double>(record.rounds)}};
  if (data.samples > 0) constants["n"] = static_cast<double>(data.samples);
  if (problem.smooth()) {
    constants["L"] = problem.L;
    constants["L_max"] = problem.L_max();
  }
  Params in(algorithm.entry, file, algorithm.pointer, constants);
  in.ignore("method");
  in.ignore("label");
  Setup setup{problem, round, batches};
  setup.late = cluster.conditions.late;
  Method method = find(methods::methods(), algorithm.method)->make(setup, in);
  in.finish(algorithm.method);
  return method;
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
  check_memory(algorithm_bytes(s.problem.d, s.problem.M()), s.problem.d, s.problem.M(), file + ": /problem");
  const bool cheap = plan.make_alone || plan.law.bound > 0;  // not a neural network, which may take a minute
  s.algorithms = read_algorithms(
      source, [&](const AlgorithmEntry& algorithm) { return first_method(s, algorithm, cheap); }, s.cluster.pattern());
  check_smoothness(s.problem, file);
  s.claims = read_claims(source.json, file, labels_of(s.algorithms));
  s.record = watching(std::move(s.record), s.claims);
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
  s.algorithms = list_algorithms(source);
  s.claims = read_claims(source.json, file, labels_of(s.algorithms));
  s.record = watching(std::move(s.record), s.claims);
  s.source = std::move(source.json);
  return s;
}

ClusterPlan read_cluster(json given, const std::string& file, const fs::path& folder) {
  return read_cluster(open_source(std::move(given), file, folder));
}

Scenario load_scenario(const fs::path& file, const ScenarioOptions& options) {
  Scenario s = make_scenario(read_source(file, options), file.string(), file.parent_path(), options.optimum);
  check_claim_points(s.source, s.file);
  return s;
}

}  // namespace laconic::scenario
