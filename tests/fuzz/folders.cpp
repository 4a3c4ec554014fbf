#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "sim/results/trace_file.hpp"
#include "sim/run/replay.hpp"
#include "sim/sweep/finished_runs.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/rooms.hpp"

// What stands in the folder of a result: run.json as a replay reads it, and finished runs as a sweep that goes on does.

namespace laconic::tests {

// Up to where the record beside it would have to be of the same run, which no mutation achieves: what a replay does
// with a scenario is the business of the target of scenarios.
void fuzz_run_json(std::string_view bytes) {
  const auto folder = as_file(bytes, "run/run.json").parent_path();
  as_file(trace_section({"an algorithm", "a digest", 1, {}}), "run/run.trace");
  replay_run(folder, {}, {});
}

void fuzz_finished(std::string_view bytes) {
  const auto folder = as_file(bytes, "points/1-0.runs").parent_path();
  FinishedRuns runs(folder, ".runs");
  runs.look();
  std::istringstream words{std::string(bytes)};
  for (std::string word; words >> word;)
    if (runs.has(word) && !runs.read(word)) throw std::logic_error("what was there cannot be read");
}

}  // namespace laconic::tests
