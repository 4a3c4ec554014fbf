#include "sim/scenario/scenario.hpp"

#include <fmt/format.h>

#include "algorithms/base/error.hpp"
#include "algorithms/base/named_table.hpp"
#include "algorithms/methods/registry.hpp"
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
  s.round.d = s.problem.d;
  if (s.round.wire == Wire::float64) remember_gradients(s.problem);
  s.algorithms = read_algorithms(
      source, [&](const AlgorithmEntry& algorithm) { return s.make_method(algorithm); }, s.cluster.pattern());
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
