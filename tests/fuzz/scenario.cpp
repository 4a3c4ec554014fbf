#include "sim/scenario/scenario.hpp"

#include "sim/scenario/json_input.hpp"
#include "sim/scenario/read_cluster.hpp"
#include "sim/scenario/read_problem.hpp"
#include "sim/scenario/read_record.hpp"
#include "sim/scenario/read_tuning.hpp"
#include "sim/scenario/sweep_points.hpp"
#include "sim/scenario/what_is_learned.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/rooms.hpp"

// A scenario as "validate" reads it, up to where data are loaded and SimGrid is started.

namespace laconic::tests {

void fuzz_scenario(std::string_view bytes) {
  nlohmann::json given = parse_json(bytes, "s.json");
  const std::filesystem::path nowhere = "/nonexistent";
  if (given.contains("sweep")) {
    const Sweep sweep(given, "s.json");
    if (sweep.size() > 0) given = sweep.source(sweep.size() - 1);
  }
  const Source source = open_source(given, "s.json", nowhere);
  if (is_tuned(source.json)) with_first_values(source.json, read_tuning(source.json, "s.json"));
  if (source.workers() > 1000) return;  // lists of so many things are made, as they were asked for
  learned_digest(source.json);
  scenario::read_cluster(source);
  read_problem(source);
  std::vector<std::string> labels;
  for (const auto& entry : source.json["algorithms"])
    labels.push_back(entry.value("label", entry["method"].get<std::string>()));
  read_claims(source.json, "s.json", labels);
  read_record(source, false);
}

}  // namespace laconic::tests
