#include "sim/tuning/tuned.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "algorithms/base/error.hpp"
#include "algorithms/base/json_text.hpp"
#include "algorithms/base/text.hpp"
#include "sim/processes/interrupts.hpp"
#include "sim/results/result_folder.hpp"
#include "sim/run/provenance.hpp"
#include "sim/scenario/sweep_points.hpp"
#include "sim/scenario/warnings.hpp"
#include "sim/sweep/sweep.hpp"
#include "sim/tuning/enough_seeds.hpp"
#include "sim/tuning/judged.hpp"
#include "sim/tuning/tuned_files.hpp"

namespace laconic::tuning {

using namespace results;
using namespace scenario;
using namespace processes;
using run::RunOptions;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A folder, the trials in it, and what was chosen.
class Tuner {
 public:
  Tuner(const json& source, const fs::path& file, bool swept, ResultFolder::Kind kind, const RunOptions& options)
      : source_(source), file_(file), options_(options), trials_(source, file, swept) {
    const Scenario s = judged_at_first(source, trials_, file, swept);
    if (!options.timeline.empty()) check_timeline(s, options);
    if (!options.folder) own_.emplace(ResultFolder::hold(options.out, source["name"], kind, options.force));
    if (options.force) folder().remove_tuning();
  }

  const HeldFolder& held() const { return options_.folder ? *options_.folder : *own_; }
  const ResultFolder& folder() const { return held().folder(); }
  const Trials& trials() const { return trials_; }

  // Nothing after an interrupt, or where trials failed.
  std::optional<Choices> choose() const {
    const CountedInterrupts counted;
    auto tried = trials_.run(folder().trials(), options_);
    if (!tried) return {};
    Choices out(trials_, std::move(*tried), file_.string());
    for (const auto& line : out.warnings()) fmt::print(stderr, "{}\n", printable(line));
    write_tuned_csv(folder().path(), source_["name"], trials_, out);
    return out;
  }

  // Once the result is there.
  void forget() const {
    std::error_code ignored;
    fs::remove_all(folder().trials(), ignored);
  }

 private:
  const json& source_;
  const fs::path& file_;
  const RunOptions& options_;
  Trials trials_;
  std::optional<HeldFolder> own_;
};

constexpr int stopped = 3;

// The targets that each run is to reach, without which no seeds are enough.
std::vector<Target> targets_of(const json& source, const fs::path& file) {
  const json point = Sweep(source, file.string()).source(0);
  std::vector<Target> out = make_scenario(point, file.string(), file.parent_path()).record.watch;
  if (out.empty())
    throw InputError(
        fmt::format("{}: /seeds: are enough when it is sure what a target costs: expected one in \"stop\", "
                    "such as {{\"loss\": 0.1}}",
                    file.string()));
  return out;
}

nlohmann::ordered_json told_of(const EnoughSeeds& enough, const Seeds& asked, const json& source) {
  return {{"until", asked.until},
          {"most", asked.most},
          {"metric", asked.metric},
          {"ran", enough.seeds},
          {"widest", std::isfinite(enough.widest) ? nlohmann::ordered_json(enough.widest) : nullptr},
          {"words", enough.words(asked)},
          {"scenario", source}};
}

// A scenario with "seeds": a sweep over as many as are enough.
int run_seeds(const fs::path& file, const ScenarioOptions& scenario, const RunOptions& options) {
  const json source = read_tuned(file, scenario);
  if (!options.timeline.empty())
    throw InputError("--timeline: a scenario with \"seeds\" runs many times: expected one without");
  const Seeds asked = *read_seeds(source, file.string());
  const json all = with_seeds(source, asked.most);
  const bool tuned = is_tuned(source);
  std::optional<Tuner> tuner;
  if (tuned) tuner.emplace(all, file, true, ResultFolder::Kind::sweep, options);
  const auto watch = targets_of(tuned ? with_first_values(all, tuner->trials().tuning()) : all, file);
  std::optional<HeldFolder> own;
  if (!tuned && !options.folder)
    own.emplace(ResultFolder::hold(options.out, source["name"], ResultFolder::Kind::sweep, options.force));
  const HeldFolder& held = tuned ? tuner->held() : options.folder ? *options.folder : *own;
  const std::optional<Choices> choices = tuned ? tuner->choose() : std::nullopt;
  if (tuned && !choices) return stopped;
  const auto at = [&](std::size_t n) {
    const json swept = with_seeds(source, n);
    return tuned ? chosen_points(swept, file, tuner->trials(), *choices) : sweep::ChosenPoints{swept, {}, {}, ""};
  };
  held.folder().make_points(options.force);
  const auto enough = run_enough(asked, watch, at, file, held.folder(), options);
  if (!enough) return stopped;
  sweep::ChosenPoints chosen = at(enough->seeds);
  chosen.words += enough->table + enough->words(asked) + '\n';
  chosen.seeds = told_of(*enough, asked, source);
  RunOptions last = options;
  last.folder = &held;
  last.force = false;  // what has run is there
  const int code = run_sweep(with_seeds(source, enough->seeds), file, last, &chosen);
  if (code == 0 && tuned) tuner->forget();
  return code;
}

}  // namespace

int run(const fs::path& file, const ScenarioOptions& scenario, const RunOptions& options) {
  const json source = read_source(file, scenario);
  if (source.contains("seeds")) return run_seeds(file, scenario, options);
  if (!is_tuned(source)) {
    const Scenario s = load_scenario(file, scenario);
    warn(s);
    return run_scenario(s, options);
  }
  const json checked = read_tuned(file, scenario);
  const Tuner tuner(checked, file, false, ResultFolder::Kind::run, options);
  const auto choices = tuner.choose();
  if (!choices) return stopped;
  Scenario s = make_scenario(chosen_source(checked, tuner.trials(), *choices), file.string(), file.parent_path());
  warn(s);
  s.chosen = choices->of_run(checked);
  RunOptions own = options;
  own.folder = &tuner.held();
  const int code = run_scenario(s, own);
  if (interrupts() == 0) tuner.forget();
  return code;
}

int sweep(const fs::path& file, const ScenarioOptions& scenario, const RunOptions& options) {
  const json given = read_source(file, scenario);
  if (given.contains("seeds")) return run_seeds(file, scenario, options);
  if (!is_tuned(given)) return sweep::run_sweep(file, scenario, options);
  const json source = read_tuned(file, scenario);
  const Tuner tuner(source, file, true, ResultFolder::Kind::sweep, options);
  const auto choices = tuner.choose();
  if (!choices) return stopped;
  const sweep::ChosenPoints chosen = chosen_points(source, file, tuner.trials(), *choices);
  RunOptions own = options;
  own.folder = &tuner.held();
  const int code = run_sweep(source, file, own, &chosen);
  if (code == 0) tuner.forget();
  return code;
}

int tune(const fs::path& file, const ScenarioOptions& scenario, const RunOptions& options) {
  const json source = read_tuned(file, scenario);
  if (!is_tuned(source))
    throw InputError(fmt::format(
        "{}: /: missing \"tune\": expected an object such as {{\"grid\": {{\"step\": [0.1, 0.01]}}}}", file.string()));
  const bool swept = source.contains("sweep");
  const Tuner tuner(source, file, swept, ResultFolder::Kind::run, options);
  const auto choices = tuner.choose();
  if (!choices) return stopped;
  const auto told = choices->told(source);
  write_tuned_json(tuner.folder().path(), file.string(), told,
                   swept ? source : chosen_source(source, tuner.trials(), *choices));
  tuner.forget();
  if (options.as_json)
    fmt::print("{}\n", json_text(nlohmann::ordered_json{{"formats", run::formats()},
                                                        {"folder", tuner.folder().path().string()},
                                                        {"scenario", source["name"]},
                                                        {"status", "complete"},
                                                        {"tuning", told}}));
  if (!options.quiet) fmt::print("{}results in {}\n", choices->lines(), tuner.folder().path().string());
  return 0;
}

std::string check_trials(const fs::path& file, const ScenarioOptions& scenario) {
  const json given = read_source(file, scenario);
  if (!given.is_object() || (!given.contains("seeds") && !is_tuned(given))) return "";
  json source = read_tuned(file, scenario);
  std::string out;
  if (const auto seeds = read_seeds(source, file.string())) {
    source = with_seeds(source, seeds->most);
    out = seeds->most > Seeds::least ? fmt::format(", {} to {} seeds", +Seeds::least, seeds->most)
                                     : fmt::format(", {} seeds", seeds->most);
    if (!is_tuned(source)) {
      targets_of(source, file);
      return out;
    }
  }
  const Trials trials(source, file, source.contains("sweep"));
  const std::size_t most = trials.tuning().most_trials();
  return out + fmt::format(", tuned over {} trial{}{}, {} runs", most, most == 1 ? "" : "s",
                           trials.tuning().equal_budgets() ? " each" : " at most", trials.runs());
}

}  // namespace laconic::tuning
