#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "sim/run/run.hpp"
#include "sim/sweep/shards.hpp"
#include "sim/sweep/slurm.hpp"
#include "sim/tuning/trials.hpp"

namespace laconic::tuning {

/// A sweep that many processes share, on machines that see one folder.
///
/// One that is tuned has two parts, each cut into shards of its own: the trials, and then the runs with what was best.
/// Which of them a command works on follows from what is there, so that every command is given once more for the
/// second: from the finished trials each process finds by itself what was best. Trials that refine depend on others;
/// the shard that ends last does them.
class SharedWork {
 public:
  /// Throws InputError.
  SharedWork(const std::filesystem::path& file, const scenario::ScenarioOptions& scenario,
             const run::RunOptions& options);

  // As what run_shard and its like do of a sweep that is not tuned. Each returns the exit code, and throws InputError.
  int run_shard(sweep::Shard shard) const;
  int merge() const;
  int submit(const sweep::SlurmOptions& slurm) const;
  int status() const;
  int cancel() const;

 private:
  bool is_over() const;
  int say_over() const;
  sweep::SharedSweep part() const;
  std::optional<sweep::SharedSweep> judged() const;
  void forget_trials() const;

  std::filesystem::path file_;
  scenario::ScenarioOptions scenario_;
  run::RunOptions options_;
  nlohmann::json source_;         // null where nothing is tuned
  std::optional<Trials> trials_;  // neither
  std::filesystem::path out_;
};

}  // namespace laconic::tuning
