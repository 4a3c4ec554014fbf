#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/network/timeline/timeline_file.hpp"
#include "sim/results/result_file.hpp"
#include "sim/results/table_file.hpp"
#include "sim/run/child.hpp"

namespace laconic::run {

/// The columns of trajectory.csv.
std::string trajectory_header();

/// The files of a run, put together from those of its algorithms in the order of the scenario's entries. What cannot be
/// written any more, as on a full disk, is left out from there on; all that is complete gets its own name.
class Gathered {
 public:
  /// `more_columns`: ",name" for each column of trajectory.csv behind all others. Throws RunError if the files cannot
  /// be made.
  Gathered(const scenario::Scenario& scenario, const std::filesystem::path& folder, const RunOptions& options,
           const std::string& more_columns = {});

  /// Adds the next algorithm's, and removes its own. Those of one that was not started are none.
  void add(Child& child);
  /// Whether something could not be written.
  bool lacks() const { return !troubles_.empty(); }
  /// Writes the rest and gives all files their names. `told`: run.json, which gets its "files".
  void finish(const std::vector<Child>& children, nlohmann::ordered_json told);
  /// What could not be written, in a line.
  std::string told() const;

 private:
  void add_rows(const Child& child);
  void add_trace(const Child& child);
  template <class Work>
  bool attempt(const Work& work);

  const scenario::Scenario& scenario_;
  results::TableFile trajectory_, summary_;
  results::ResultFile provenance_, trace_;
  std::optional<network::TimelineFile> timeline_;
  std::size_t next_ = 0;
  bool rows_end_ = false, trace_ends_ = false;
  std::vector<std::string> troubles_;
};

}  // namespace laconic::run
