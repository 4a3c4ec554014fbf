#pragma once

#include <filesystem>
#include <functional>
#include <memory>
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

/// Points that learn the same.
struct SweepGroup {
  std::string digest;  ///< of what is learned
  std::vector<std::size_t> points;
};

/// What a sweep is to do, and which of its runs are finished.
///
/// A finished run is kept under a name made of the digest of all that its rows depend on, data files and this program's
/// version among them: a line of four numbers, the bytes of its line of summary.csv and its rows' lines, bytes and
/// CRC-32; that line; and its rows as they will lie in the trajectory, packed or not.
class SweepPlan {
 public:
  /// `source`: the scenario, which has passed the schema; `changes`: as Sweep's. Throws InputError.
  SweepPlan(const nlohmann::json& source, const std::filesystem::path& file,
            std::vector<nlohmann::json> changes = {});

  const scenario::Sweep& sweep() const { return sweep_; }
  const std::string& file() const { return file_; }
  const std::filesystem::path& data_folder() const { return folder_; }  ///< beside the scenario
  const std::vector<SweepGroup>& groups() const { return groups_; }
  std::size_t algorithms() const { return algorithms_; }
  std::string columns() const;  ///< of the trajectory: its header without the line break
  std::size_t runs() const { return sweep_.size() * algorithms_; }

  /// Keeps finished runs in that folder from now on, which is made. Returns how many of this sweep's are there.
  std::size_t keep_in(const std::filesystem::path& folder);
  /// Looks for finished runs that other processes have added since.
  void look() { finished_->look(); }
  /// How many finished runs are there that are none of this sweep's: of other data, or another scenario or version.
  std::size_t others() const { return finished_->size() - kept_; }
  /// Removes the folder.
  void remove_finished() { finished_->remove(); }
  /// When this last looked.
  bool done(const RunName& run) const { return finished_->has(name_of(run)); }
  /// Whether the group has nothing left to do.
  bool done(const SweepGroup& group) const;
  /// Where what an algorithm of the group learned is kept.
  std::filesystem::path trace(const SweepGroup& group, std::size_t algorithm) const;

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
  std::unique_ptr<FinishedRuns> finished_;
  std::size_t kept_ = 0;
  std::size_t algorithms_;
  std::vector<std::string> digests_;  // a digest a point
  struct PointFiles {
    scenario::NamedFiles::Numbers data, network;
  };
  std::vector<PointFiles> named_;  // by each point
  std::vector<SweepGroup> groups_;
};

}  // namespace laconic::sweep
