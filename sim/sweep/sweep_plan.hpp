#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/results/table_file.hpp"
#include "sim/run/job.hpp"
#include "sim/scenario/named_files.hpp"
#include "sim/scenario/sweep_points.hpp"
#include "sim/sweep/finished_runs.hpp"

namespace laconic::sweep {

/// One algorithm at one point of a sweep.
struct RunName {
  std::size_t point, algorithm;
  auto operator<=>(const RunName&) const = default;
};

/// What a run's computing time depends on, as far as its scenario tells without building anything.
struct RunSize {
  std::uint32_t rounds = 0, workers = 0;
  std::uint32_t batch = 0;  ///< samples of each gradient; 0: all
  bool simulated = false;   ///< its network surely needs SimGrid
};

/// Points that learn the same.
struct SweepGroup {
  std::string digest;  ///< of what is learned
  std::vector<std::size_t> points;
  bool live = false;  ///< time decides what is learned: every point learns for itself
};

/// What a sweep is to do, and which of its runs are finished.
///
/// A finished run is kept under a name made of the digest of all that its rows depend on, data files and this program's
/// version among them: a line of four numbers, the bytes of its line of summary.csv and its rows' lines, bytes and
/// CRC-32; that line; and its rows as they will lie in the trajectory, packed or not. Beside them are kept what groups
/// learned, and why runs failed.
class SweepPlan {
 public:
  /// `source`: the scenario, which has passed the schema; `changes`: as Sweep's. Throws InputError.
  SweepPlan(const nlohmann::json& source, const std::filesystem::path& file, std::vector<nlohmann::json> changes = {});

  const scenario::Sweep& sweep() const { return sweep_; }
  const std::string& file() const { return file_; }
  const std::filesystem::path& data_folder() const { return folder_; }  ///< beside the scenario
  const std::vector<SweepGroup>& groups() const { return groups_; }
  std::size_t algorithms() const { return algorithms_; }
  std::string columns() const;  ///< of the trajectory: its header without the line break
  std::size_t runs() const { return sweep_.size() * algorithms_; }

  std::size_t index(const RunName& run) const { return run.point * algorithms_ + run.algorithm; }
  RunName run(std::size_t index) const { return {index / algorithms_, index % algorithms_}; }
  const RunSize& size_of(const RunName& run) const { return sizes_[index(run)]; }
  /// A digest of all that its tables depend on.
  std::string digest() const;

  /// Leaves all runs but these, by index(), to others.
  void take(std::vector<bool> share) { share_ = std::move(share); }
  /// Keeps finished runs in that folder from now on, which is made, and looks for what is there of them.
  void keep_in(const std::filesystem::path& folder, const ShardName& shard = {});
  /// Looks for what other processes have added since; unless `all`, but for what can be no business of this shard.
  void look(bool all = true);
  /// How many of this sweep's runs were there, of those that were taken.
  std::size_t kept() const { return kept_; }
  /// How many finished runs are there that are none of this sweep's: of other data, or another scenario or version.
  std::size_t others() const { return finished_->size() - known_; }
  /// This process and those that it forks from here on may keep runs, until it ends that. Throws RunError.
  void begin();
  void end();
  /// Removes the folder. Whatever this process may keep is over.
  void remove_finished();
  /// Whether it was there when this last looked.
  bool finished(const RunName& run) const { return finished_->has(name_of(run)); }
  /// Whether there is nothing left to do here: it was finished, or is none of those that were taken.
  bool done(const RunName& run) const { return (!share_.empty() && !share_[index(run)]) || finished(run); }
  bool done(const SweepGroup& group) const;

  /// What an algorithm of the group learned: a section of a trace file; nothing where it was not there.
  std::optional<std::string> learned(const SweepGroup& group, std::size_t algorithm) const;
  void keep_learned(const SweepGroup& group, std::size_t algorithm, const std::string& section) const;
  /// A mark; what was kept since it was taken, by processes that this one has forked, is found by the other.
  std::size_t learned_by_now() const { return learned_->written(); }
  void look_for_learned(std::size_t since) const { learned_->look_since(since); }
  /// Why a run that is not finished failed, when it was last tried; nothing if it did not.
  std::optional<std::string> failure(const RunName& run) const;
  void keep_failure(const RunName& run, const std::string& why) const;

  /// These throw RunError if a file that the point's data, or its network, are in is not as it was when this was made.
  void check_data(std::size_t point) const;
  void check_network(std::size_t point) const;

  /// Does `work`, which writes rows, and keeps the run, unless it was interrupted. Returns whether it did.
  bool keep_run(const scenario::Scenario& s, const RunName& run,
                const std::function<run::JobResult(std::FILE* rows, const std::string& columns)>& work) const;
  /// Reads a finished run: its line of summary.csv, and its rows. Returns false if it is not there.
  bool read_run(const RunName& run, std::string& summary, results::TablePiece& rows) const;

 private:
  std::string name_of(const RunName& run) const;
  std::string arrangement(const nlohmann::json& at) const;

  scenario::Sweep sweep_;
  std::string file_;
  std::filesystem::path folder_, finished_folder_;
  scenario::NamedFiles files_;
  std::unique_ptr<FinishedRuns> finished_, learned_, failed_;
  std::vector<bool> share_;  // by index(); empty: all
  std::size_t kept_ = 0, known_ = 0;
  std::size_t algorithms_;
  std::vector<std::string> digests_;  // a digest a point
  struct PointFiles {
    scenario::NamedFiles::Numbers data, network;
  };
  std::vector<PointFiles> named_;  // by each point
  std::vector<RunSize> sizes_;     // by index()
  std::vector<SweepGroup> groups_;
};

}  // namespace laconic::sweep
