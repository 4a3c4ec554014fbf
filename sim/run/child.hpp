#pragma once

#include <optional>
#include <string>

#include "algorithms/base/child_process.hpp"
#include "algorithms/base/temporary_file.hpp"
#include "sim/run/messages.hpp"
#include "sim/run/run.hpp"

namespace laconic::run {

/// One algorithm's process, seen from the one that started it. The files are the child's to open and write, and are
/// read back when it has ended, so that the number of algorithms is no number of open files.
struct Child {
  static constexpr int files = 16;  // that starting it and its own work need, roughly

  ChildProcess process;
  std::string said;                                    // not yet a whole frame
  std::optional<TemporaryFile> rows, trace, timeline;  // in the folder of the result
  std::optional<JobResult> result;
  std::string error;
  JobState state;
  bool ended = false;
};

/// Starts algorithm i. Throws RunError if there are too few processes, open files, or bytes on the disk.
void start(Child& child, const scenario::Scenario& scenario, const RunWork& work, std::size_t i,
           const std::filesystem::path& folder, const RunOptions& options);

/// Takes what the child says; true once it has ended. `told`: that it should, so that an end without a result is no
/// failure.
bool listen(Child& child, bool told);

}  // namespace laconic::run
