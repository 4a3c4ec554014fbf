#include "sim/commands/sweep_choice.hpp"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "algorithms/base/error.hpp"
#include "algorithms/base/params.hpp"
#include "sim/sweep/sweep.hpp"
#include "sim/tuning/shared_work.hpp"
#include "sim/tuning/tuned.hpp"

namespace laconic::commands {

using namespace sweep;

namespace {

constexpr std::size_t most_shards = 1'000'000;

// "3/10"; none where it is no such thing.
Shard shard_named(const std::string& text) {
  Shard out;
  const char* const end = text.data() + text.size();
  const auto number = std::from_chars(text.data(), end, out.number);
  if (number.ec != std::errc{} || number.ptr == end || *number.ptr != '/') return {};
  const auto of = std::from_chars(number.ptr + 1, end, out.of);
  if (of.ec != std::errc{} || of.ptr != end || out.number < 1 || out.number > out.of || out.of > most_shards) return {};
  return out;
}

void check_choice(const SweepChoice& choice, const run::RunOptions& options) {
  std::vector<std::string> chosen;
  if (!choice.shard.empty()) chosen.emplace_back("--shard");
  if (choice.merge) chosen.emplace_back("--merge");
  if (choice.status) chosen.emplace_back("--status");
  if (choice.cancel) chosen.emplace_back("--cancel");
  if (choice.collect) chosen.emplace_back("--collect");
  if (chosen.size() > 1) throw InputError(fmt::format("{}: expected one of them", fmt::join(chosen, ", ")));
  for (const auto& option : chosen)
    if (!choice.on.empty() && (option == "--shard" || option == "--merge"))
      throw InputError(fmt::format("{}: expected without --on, which shares the work out itself", option));
  if (choice.on.empty()) {
    if (choice.slurm.tasks > 0) throw InputError("--array: expected --on slurm beside it");
    if (!choice.slurm.sbatch.empty()) throw InputError("--sbatch: expected --on slurm beside it");
  } else if (!chosen.empty() && (choice.slurm.tasks > 0 || !choice.slurm.sbatch.empty())) {
    throw InputError(fmt::format("{}: submits nothing: expected neither --array nor --sbatch", chosen.front()));
  }
  if (options.force && (!chosen.empty() || !choice.on.empty()))
    throw InputError(fmt::format("--force: not with {}: others may be at work there; remove the folder to start over",
                                 chosen.empty() ? "--on" : chosen.front()));
}

}  // namespace

void add_sweep_choice(CLI::App* command, SweepChoice& choice) {
  command->add_option("--shard", choice.shard, "only a share of the points: the I-th of N processes, on any machines")
      ->type_name("I/N")
      ->check(CLI::Validator(
          [](std::string& text) -> std::string {
            if (shard_named(text).of > 0) return "";
            return fmt::format("expected which shard of how many, from 1/1 to {0}/{0}, such as 3/10, got {1}",
                               most_shards, shown(text));
          },
          ""));
  command->add_flag("--merge", choice.merge, "make the tables of what all shards have done");
  command->add_option("--on", choice.on, "submit it as a job array: slurm")
      ->type_name("SCHEDULER")
      ->check(CLI::Validator(
          [](std::string& text) -> std::string {
            return text == "slurm"
                       ? ""
                       : fmt::format("expected \"slurm\", got {}; --shard works with any other", shown(text));
          },
          ""));
  command->add_option("--array", choice.slurm.tasks, "tasks of the job array (default: about 10 minutes each)")
      ->type_name("N")
      ->check(CLI::Validator(
          [](std::string& text) -> std::string {
            std::size_t n = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
            if (error == std::errc{} && end == text.data() + text.size() && n >= 1 && n <= most_shards) return "";
            return fmt::format("expected a whole number from 1 to {}, got {}", most_shards, shown(text));
          },
          ""));
  command
      ->add_option("--sbatch", choice.slurm.sbatch, "options for sbatch, such as \"--partition=short --time=1:00:00\"")
      ->type_name("OPTIONS");
  command->add_flag("--status", choice.status, "what is done, running, waiting and failed");
  command->add_flag("--cancel", choice.cancel, "cancel the job; what is done is kept");
  command->add_flag("--collect", choice.collect, "make the tables of what the job has done");
}

int act_on_sweep(const std::string& file, const scenario::ScenarioOptions& scenario, const run::RunOptions& options,
                 const SweepChoice& choice) {
  check_choice(choice, options);
  const bool asks = choice.merge || choice.collect || choice.status || choice.cancel;
  if (!asks && choice.shard.empty() && choice.on.empty()) return tuning::sweep(file, scenario, options);
  if (!asks && !choice.on.empty()) check_slurm(choice.slurm);
  const tuning::SharedWork work(file, scenario, options);
  if (!choice.shard.empty()) return work.run_shard(shard_named(choice.shard));
  if (choice.merge || choice.collect) return work.merge();
  if (choice.status) return work.status();
  if (choice.cancel) return work.cancel();
  return work.submit(choice.slurm);
}

}  // namespace laconic::commands
