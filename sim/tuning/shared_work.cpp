#include "sim/tuning/shared_work.hpp"

#include <fmt/format.h>

#include "algorithms/base/error.hpp"
#include "algorithms/base/text.hpp"
#include "sim/processes/interrupts.hpp"
#include "sim/results/result_folder.hpp"
#include "sim/run/told.hpp"
#include "sim/scenario/read_tuning.hpp"
#include "sim/tuning/judged.hpp"
#include "sim/tuning/tuned_files.hpp"

namespace laconic::tuning {

using namespace results;
using namespace scenario;
using namespace processes;
using namespace laconic::sweep;
using run::RunOptions;

namespace fs = std::filesystem;
using nlohmann::json;

SharedWork::SharedWork(const fs::path& file, const ScenarioOptions& scenario, const RunOptions& options)
    : file_(file), scenario_(scenario), options_(options) {
  const json given = read_source(file, scenario);
  if (given.contains("seeds"))
    throw InputError(
        fmt::format("{}: /seeds: how many are enough is known when all have run: what is shared out among machines has "
                    "a list of them, \"sweep\": {{\"/seed\": [1, 2, 3]}}",
                    file.string()));
  if (!is_tuned(given)) return;
  source_ = read_tuned(file, scenario);
  trials_.emplace(source_, file, true);
  judged_at_first(source_, *trials_, file, true);
  out_ = folder_of(source_["name"], options).path();
}

// Whether the tables are there of this very scenario with these very trials.
bool SharedWork::is_over() const {
  if (!trials_ || fs::exists(ResultFolder(out_, ResultFolder::Kind::sweep).points())) return false;
  try {
    const json told = run::read_told(out_ / "sweep.json");
    const json& tuning = told.at("tuning");
    return told.at("status") == "complete" && tuning.at("scenario") == source_ &&
           tuning.at("digest") == trials_->digest();
  } catch (const std::exception&) {  // there is none, or it is no such thing
    return false;
  }
}

int SharedWork::say_over() const {
  forget_trials();
  fmt::print("all is done before\nresults in {}\n", out_.string());
  return 0;
}

void SharedWork::forget_trials() const {
  std::error_code ignored;
  fs::remove_all(ResultFolder(out_, ResultFolder::Kind::trials).points(), ignored);
}

// The runs with what was best, where all trials are done.
std::optional<SharedSweep> SharedWork::judged() const {
  const ResultFolder folder(out_, ResultFolder::Kind::sweep);
  auto tried = trials_->found(folder.trials());
  if (!tried) return {};
  const Choices choices(*trials_, std::move(*tried), file_.string());
  if (!fs::exists(out_ / "tuned.csv")) {
    for (const auto& line : choices.warnings()) fmt::print(stderr, "{}\n", printable(line));
    write_tuned_csv(out_, source_["name"], *trials_, choices);
  }
  const ChosenPoints chosen = chosen_points(source_, file_, *trials_, choices);
  return SharedSweep{open_sweep(source_, file_, &chosen), folder};
}

// What is to be done now.
SharedSweep SharedWork::part() const {
  if (!trials_) {
    OpenSweep sweep = open_sweep(file_, scenario_);
    const ResultFolder folder = folder_of(sweep.name, options_);
    return {std::move(sweep), folder};
  }
  if (auto runs = judged()) return std::move(*runs);
  return {trials_->first_sweep(), ResultFolder(out_, ResultFolder::Kind::trials), "trials"};
}

int SharedWork::run_shard(Shard shard) const {
  if (is_over()) return say_over();
  const CountedInterrupts counted;
  SharedSweep now = part();
  if (now.folder.kind() == ResultFolder::Kind::trials) {
    const ShardEnd end = work_on_shard(now, options_, shard);
    if (end.code != 0) return end.code;
    if (end.last && !trials_->run(now.folder.points(), options_)) return 3;  // those that refine
    auto runs = judged();
    if (!runs) {
      fmt::print("when all shards of the trials are done, the same command does the runs with what is best\n");
      return 0;
    }
    now = std::move(*runs);
  }
  const int code = sweep::run_shard(now, options_, shard);
  if (is_over()) forget_trials();
  return code;
}

int SharedWork::merge() const {
  if (is_over()) return say_over();
  SharedSweep now = part();
  if (now.folder.kind() == ResultFolder::Kind::trials) {
    sweep_status(now);
    return 3;
  }
  const int code = merge_sweep(now);
  if (is_over()) forget_trials();
  return code;
}

int SharedWork::submit(const SlurmOptions& slurm) const {
  if (is_over()) return say_over();
  SharedSweep now = part();
  const int code = submit_sweep(now, scenario_, options_, slurm);
  if (code == 0 && now.folder.kind() == ResultFolder::Kind::trials)
    fmt::print("when it is over, the same command submits the runs with what is best\n");
  return code;
}

int SharedWork::status() const {
  if (is_over()) return say_over();
  SharedSweep now = part();
  return sweep_status(now);
}

int SharedWork::cancel() const { return cancel_sweep(part()); }

}  // namespace laconic::tuning
