#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/run/job.hpp"
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

/// What a sweep is to do, and what of it is done: a finished run is a part.
///
/// A part is named after the digest of all that its rows depend on, data files and this program's version among them.
/// It holds the run's line of summary.csv, and its rows.
class SweepPlan {
 public:
  /// `source`: the scenario, which has passed the schema. Throws InputError.
  SweepPlan(const nlohmann::json& source, const std::filesystem::path& file);

  const scenario::Sweep& sweep() const { return sweep_; }
  const std::string& file() const { return file_; }
  const std::filesystem::path& data_folder() const { return folder_; }  ///< beside the scenario
  const std::vector<SweepGroup>& groups() const { return groups_; }
  std::size_t algorithms() const { return algorithms_; }
  std::size_t runs() const { return sweep_.size() * algorithms_; }

  /// Keeps parts in that folder from now on, which is made. Returns how many of this sweep's are there.
  std::size_t keep_in(const std::filesystem::path& folder);
  /// Looks for parts that other processes have added since.
  void look() { parts_->look(); }
  /// Removes the folder.
  void remove_parts() { parts_->remove(); }
  /// When this last looked.
  bool done(const RunName& run) const { return parts_->has(part(run)); }
  /// Whether the group has nothing left to do.
  bool done(const SweepGroup& group) const;
  /// Where what an algorithm of the group learned is kept.
  std::filesystem::path trace(const SweepGroup& group, std::size_t algorithm) const;

  /// Does `work`, which writes rows, and keeps its part, unless it was interrupted. Returns whether it did.
  bool write_part(const scenario::Scenario& s, const RunName& run,
                  const std::function<run::JobResult(std::FILE* rows, const std::string& columns)>& work) const;
  /// Of a finished run, the line of summary.csv and the rows.
  bool read_part(const RunName& run, std::string& summary, std::string& rows) const;

 private:
  std::string part(const RunName& run) const;
  std::string arrangement(const nlohmann::json& at) const;

  scenario::Sweep sweep_;
  std::string file_;
  std::filesystem::path folder_, parts_folder_;
  std::unique_ptr<FinishedRuns> parts_;
  std::size_t algorithms_;
  std::vector<std::string> digests_;  // of each point
  std::vector<SweepGroup> groups_;
};

}  // namespace laconic::sweep
