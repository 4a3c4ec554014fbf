#include "sim/tuning/tuned.hpp"

#include <fmt/format.h>

#include <optional>

#include "algorithms/base/error.hpp"
#include "algorithms/base/json_text.hpp"
#include "algorithms/base/text.hpp"
#include "sim/processes/interrupts.hpp"
#include "sim/results/result_folder.hpp"
#include "sim/run/provenance.hpp"
#include "sim/scenario/warnings.hpp"
#include "sim/sweep/sweep.hpp"
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

}  // namespace

int run(const fs::path& file, const ScenarioOptions& scenario, const RunOptions& options) {
  const json source = read_source(file, scenario);
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
  if (!is_tuned(read_source(file, scenario))) return sweep::run_sweep(file, scenario, options);
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
  if (!is_tuned(read_source(file, scenario))) return "";
  const json source = read_tuned(file, scenario);
  const Trials trials(source, file, source.contains("sweep"));
  const std::size_t most = trials.tuning().most_trials();
  return fmt::format(", tuned over {} trial{}{}, {} runs", most, most == 1 ? "" : "s",
                     trials.tuning().equal_budgets() ? " each" : " at most", trials.runs());
}

}  // namespace laconic::tuning
