#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/sweep/open_sweep.hpp"

namespace laconic::sweep {

/// One of several shares of a sweep, from 1.
struct Shard {
  std::size_t number = 0, of = 0;
};

/// How long a sweep's runs take, roughly: enough to cut it into shares that take equally long.
class Estimate {
 public:
  explicit Estimate(const OpenSweep& sweep) : sweep_(sweep) {}
  /// Microseconds on one core for what the runs of an algorithm that learn the same have in common; 0 if live.
  std::uint64_t learning(const RunName& run) const;
  /// And for each of them; `alone`: with what it learns.
  std::uint64_t run(const RunName& run, bool alone) const;

 private:
  const OpenSweep& sweep_;
};

/// Cuts a sweep into shards of equal cost, the same way in every process that has the same scenario: nobody needs to
/// ask anybody for work, and who takes up a shard again finds what is missing of it.
///
/// Runs that learn the same stay together, unless that is too much for one shard; then each that has a part of them
/// learns for itself.
class Cut {
 public:
  /// All of the sweep.
  Cut(const OpenSweep& sweep, std::size_t shards);
  /// What is missing now of a sweep that looked, in so many shards or, where there is less to do, fewer.
  static Cut of_missing(const OpenSweep& sweep, std::size_t shards);
  /// Has `open` find it in this folder of points. Throws RunError if it cannot be written.
  void save(const std::filesystem::path& points) const;
  /// The cut into so many shards that was saved, or all of the sweep if none was. What was finished by then is shared
  /// out as well, in case it was lost since. Throws InputError, in a task of Slurm, if it was saved for another
  /// scenario.
  static Cut open(const OpenSweep& sweep, std::size_t shards, const std::filesystem::path& points);

  std::size_t shards() const { return count_; }
  /// In the names of its files.
  const std::string& name() const { return name_; }
  /// By SweepPlan::index. `shard`: from 1.
  std::vector<bool> share(std::size_t shard) const;
  /// The shard that a run is in, by SweepPlan::index.
  std::uint32_t shard_of(std::size_t run) const { return shards_[run]; }
  /// How long the longest shard takes, on one core.
  double longest_s() const { return longest_s_; }
  /// How long all runs take that were to be cut.
  double total_s() const { return total_s_; }

 private:
  Cut(const OpenSweep& sweep, std::size_t shards, const std::vector<bool>& missing, const std::string& list);

  std::size_t count_;
  std::string digest_, list_, name_;
  std::vector<std::uint32_t> shards_;  // by SweepPlan::index
  double longest_s_ = 0, total_s_ = 0;
};

/// What is on record of the runs that are not finished.
struct Standing {
  Failures failed;
  std::vector<RunName> missing;  ///< never tried to the end
};
Standing standing_of(const SweepPlan& plan);

/// A sweep that many processes share, and the folder that all of them see.
struct SharedSweep {
  OpenSweep sweep;
  results::ResultFolder folder;
  const char* what = "runs";  ///< or "trials", whose tables nobody makes
};

/// The folder that is asked for, or named by the scenario: unlike run_sweep, never another, for all must agree on it.
results::ResultFolder folder_of(const std::string& name, const run::RunOptions& options,
                                results::ResultFolder::Kind kind = results::ResultFolder::Kind::sweep);
/// Whether nothing is left to do there.
bool is_over(const SharedSweep& shared);
/// Says so.
int say_there(const SharedSweep& shared);

/// How a process has left its shard.
struct ShardEnd {
  int code = 0;       ///< to exit with: 3 if runs failed or this was interrupted
  bool last = false;  ///< all shards of the cut are done, but for what failed
};

/// Does what is missing of one shard of a sweep, beside other processes, on this machine or others that see the same
/// folder, that do the other shards. Throws InputError.
ShardEnd work_on_shard(SharedSweep& shared, const run::RunOptions& options, Shard shard);

/// As above; the one that ends last writes the tables as run_sweep does. Returns the exit code.
int run_shard(SharedSweep& shared, const run::RunOptions& options, Shard shard);

/// Writes the tables of a sweep whose runs are all there, or failed. Returns the exit code: 0, or 3 if runs failed or
/// are missing. Throws InputError.
int merge_sweep(SharedSweep& shared);

}  // namespace laconic::sweep
