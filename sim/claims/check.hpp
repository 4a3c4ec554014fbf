#pragma once

#include <filesystem>
#include <vector>

#include "sim/run/run.hpp"

namespace laconic::claims {

struct CheckOptions {
  run::RunOptions run;  ///< out: a folder with one of each scenario's name in it; empty: results/
  scenario::ScenarioOptions scenario;
  enum class Form { lines, json, markdown } form = Form::lines;
  bool strict = false;      ///< a claim that cannot be decided counts as one that failed
  bool judge_only = false;  ///< run nothing: the results are there, in results/<name> or DIR/<name>
};

/// Runs each scenario, at every point of its "sweep" if it has one, judges its "claims", writes claims.json beside the
/// results and prints the verdicts. Returns the exit code: 0, 1 if a claim failed that was not expected to, 3 if a run
/// failed. A claim that holds although it was expected to fail is pointed out, and is no failure.
/// Throws InputError before anything runs if a scenario is wrong in itself or has no claims.
int check_scenarios(const std::vector<std::filesystem::path>& files, const CheckOptions& options);

/// The scenarios of the papers' figures, sorted by name: those of ./scenarios/papers, or else those that come with
/// Laconic. Throws InputError if there are none.
std::vector<std::filesystem::path> paper_scenarios();

}  // namespace laconic::claims
