#include "sim/claims/check.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "algorithms/base/error.hpp"
#include "algorithms/base/json_text.hpp"
#include "algorithms/base/program.hpp"
#include "sim/claims/markdown.hpp"
#include "sim/claims/verdict_text.hpp"
#include "sim/processes/interrupts.hpp"
#include "sim/results/answers.hpp"
#include "sim/results/read_trajectory.hpp"
#include "sim/results/result_file.hpp"
#include "sim/results/result_folder.hpp"
#include "sim/run/provenance.hpp"
#include "sim/run/told.hpp"
#include "sim/scenario/schema_check.hpp"
#include "sim/tuning/tuned.hpp"

namespace laconic::claims {

using namespace platforms;
using namespace results;
using namespace scenario;
using namespace processes;
using namespace run;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A scenario before it runs: read, and right as far as its own words go.
struct Planned {
  fs::path file;
  json source;
  std::vector<Claim> claims;
};

Planned plan_for(const fs::path& file, const ScenarioOptions& options) {
  Planned out{file, read_source(file, options), {}};
  check_schema(out.source, file.string());
  std::vector<std::string> labels;
  for (const auto& entry : out.source["algorithms"])
    labels.push_back(entry.value("label", entry["method"].get<std::string>()));
  out.claims = read_claims(out.source, file.string(), labels);
  if (out.claims.empty())
    throw InputError(fmt::format("{}: /: missing \"claims\": expected a list of claims to judge", file.string()));
  check_claim_points(out.source, file.string());
  return out;
}

fs::path out_of(const Planned& plan, const CheckOptions& options) {
  return options.run.out.empty() ? fs::path() : options.run.out / plan.source["name"].get<std::string>();
}

bool is_swept(const Planned& plan) { return plan.source.contains("sweep") || plan.source.contains("seeds"); }

ResultFolder::Kind kind_of(const Planned& plan) {
  return is_swept(plan) ? ResultFolder::Kind::sweep : ResultFolder::Kind::run;
}

// With --out, DIR/<name>; else as a run or a sweep chooses, but where results are judged that are there.
ResultFolder folder_for(const Planned& plan, const CheckOptions& options) {
  return ResultFolder::choose(out_of(plan, options), plan.source["name"], kind_of(plan),
                              options.run.force || options.judge_only);
}

HeldFolder hold(const Planned& plan, const CheckOptions& options) {
  return ResultFolder::hold(out_of(plan, options), plan.source["name"], kind_of(plan),
                            options.run.force || options.judge_only);
}

json told_by(const fs::path& folder) {
  for (const char* name : {"sweep.json", "run.json"})
    if (std::error_code ignored; fs::exists(folder / name, ignored)) return read_told(folder / name);
  return json::object();
}

// Results that are there already must be this scenario's; its words and claims may have changed.
void check_same(const Planned& plan, const fs::path& folder) {
  const json told = told_by(folder);
  json then = told.value("scenario", json()), now = plan.source;
  for (const char* key : {"tuning", "seeds"}) then = told.value(key, json::object()).value("scenario", then);
  if (then.is_null())
    throw InputError(fmt::format("--judge-only: {} holds no result of {}", folder.string(), plan.file.string()));
  for (json* scenario : {&then, &now})
    for (const char* key : {"claims", "paper", "comment", "$schema"}) scenario->erase(key);
  // A platform of its own file was replaced by what the file held.
  if (now["platform"].contains("file")) now["platform"] = then["platform"];
  if (then != now)
    throw InputError(fmt::format("--judge-only: the results in {} are of another scenario than {} is now",
                                 folder.string(), plan.file.string()));
}

void judge_all(const Planned& plan, const Results& results, Checked& out) {
  for (const Claim& claim : plan.claims) {
    for (auto& verdict : judge(claim, results)) out.claims.emplace_back(claim, std::move(verdict));
    if (!claim.to || !claim.to->target || plan.source["platform"].value("type", "") == "none") continue;
    const bool known = std::any_of(out.races.begin(), out.races.end(), [&](const auto& race) {
      return race.target.target == claim.to->target && race.target.value == claim.to->value;
    });
    if (!known) out.races.push_back({*claim.to, first_to(*claim.to, results)});
  }
}

std::optional<TableFacts> promise_of(const fs::path& folder, const json& told) {
  try {
    return promised(told, "trajectory.csv");
  } catch (const InputError& e) {
    throw InputError(fmt::format("{}: run.json or sweep.json: {}", folder.string(), e.what()));
  }
}

Checked judged(const Planned& plan, const fs::path& folder) {
  Checked out;
  out.name = plan.source["name"];
  out.file = plan.file.string();
  out.folder = folder;
  out.stand_in = told_by(folder).value("stand_in", "");
  out.reduced = plan.source.contains("full");
  out.paper = plan.source.value("paper", json::object());
  const json sweep = plan.source.value("sweep", json::object());
  for (const json& block : {sweep, sweep.value("zip", json::object())})
    for (const auto& [pointer, values] : block.items())
      if (pointer.starts_with('/')) out.swept[pointer] = values;

  const json told = told_by(folder);
  const fs::path trajectory = trajectory_in(folder, told);
  const Results results = read_results(trajectory, promise_of(folder, told));
  out.pointers = results.swept;
  try {
    judge_all(plan, results, out);
    std::vector<std::pair<std::string, double>> targets;
    for (const auto& race : out.races) targets.emplace_back(race.target.column, race.target.value);
    out.answers = answers_of(folder, results, targets);
  } catch (const InputError& e) {
    throw InputError(fmt::format("{}: {}", trajectory.string(), e.what()));
  }
  return out;
}

void write_claims(const Checked& checked) {
  ResultFile out(checked.folder / "claims.json");
  out.write(json_text(claims_json(checked), 2) + "\n");
  out.commit();
}

// The exit code of what was run; 0 if its claims are judged.
int run_and_judge(const Planned& plan, const CheckOptions& options, std::vector<Checked>& all) {
  try {
    int code = 0;
    const HeldFolder held = hold(plan, options);
    RunOptions run = options.run;
    run.quiet = true;
    run.folder = &held;
    if (!options.judge_only)
      code = is_swept(plan) ? tuning::sweep(plan.file, options.scenario, run)
                            : tuning::run(plan.file, options.scenario, run);
    if (code == 0) {
      all.push_back(judged(plan, held.path()));
      write_claims(all.back());
    }
    return code;
  } catch (const InputError& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 2;
  }
}

std::string markdown(const std::vector<Checked>& all, const CheckOptions& options) {
  return fmt::format(
             "# Claims and verdicts\n\nGenerated by `laconic check --markdown{}` with {}; not written by hand.\n\n",
             options.scenario.full ? " --full" : "", version_line()) +
         claims_markdown(all);
}

}  // namespace

int check_scenarios(const std::vector<fs::path>& files, const CheckOptions& options) {
  std::vector<Planned> plans;
  std::string mistakes;
  for (const auto& file : files) {
    try {
      plans.push_back(plan_for(file, options.scenario));
      const ResultFolder folder = folder_for(plans.back(), options);
      if (options.judge_only)
        check_same(plans.back(), folder.path());
      else if (!options.run.force)
        folder.refuse_result();
    } catch (const InputError& e) {
      mistakes += (mistakes.empty() ? "" : "\n") + std::string(e.what());
    }
  }
  if (!mistakes.empty()) throw InputError(mistakes);

  int code = 0;
  std::vector<Checked> all;
  std::size_t failed = 0, undecided = 0, total = 0;
  const bool lines = options.form == CheckOptions::Form::lines;
  for (const Planned& plan : plans) {
    if (!lines && isatty(STDERR_FILENO)) fmt::print(stderr, "{}\n", plan.file.string());
    const int ended = run_and_judge(plan, options, all);
    if (ended != 0) {
      code = std::max(code, ended);
      if (interrupts() > 0) break;
      fmt::print(stderr, "{}: its claims were not judged\n", plan.file.string());
      continue;
    }
    for (const auto& [claim, verdict] : all.back().claims) {
      ++total;
      failed += verdict.outcome == Outcome::fails && !claim.expected_to_fail;
      undecided += verdict.outcome == Outcome::undecided;
    }
    if (lines) {
      fmt::print("{}  results in {}\n", claim_lines(all.back()), all.back().folder.string());
      std::fflush(stdout);
    }
  }
  if (options.form == CheckOptions::Form::json) {
    auto out = nlohmann::ordered_json::array();
    for (const Checked& checked : all) {
      out.push_back(claims_json(checked));
      out.back()["folder"] = checked.folder.string();
    }
    fmt::print("{}\n", json_text(out, 2));
  } else if (options.form == CheckOptions::Form::markdown) {
    fmt::print("{}", markdown(all, options));
  } else {
    fmt::print("{} verdict{}: {} failed, {} not decidable\n", total, total == 1 ? "" : "s", failed, undecided);
  }
  return std::max(code, failed > 0 || (options.strict && undecided > 0) ? 1 : 0);
}

std::vector<fs::path> paper_scenarios() {
  for (const fs::path& root : {fs::path("scenarios/papers"), shipped("scenarios/papers")}) {
    std::vector<fs::path> out;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(root, ignored))
      if (entry.path().extension() == ".json") out.push_back(entry.path().lexically_normal());
    std::sort(out.begin(), out.end());
    if (!out.empty()) return out;
  }
  throw InputError("--all: there is no folder scenarios/papers here, nor did one come with this program");
}

}  // namespace laconic::claims
