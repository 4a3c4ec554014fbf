#pragma once

#include <sys/types.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace laconic::sweep {

/// Finished runs of a sweep, in a folder. Each process writes those it finishes into a file of its own, one after the
/// other, each with its size and digest: the hundreds that one process finishes are one file, and a process that is
/// killed damages its last run at most.
class FinishedRuns {
 public:
  explicit FinishedRuns(std::filesystem::path folder) : folder_(std::move(folder)) { look(); }
  ~FinishedRuns();
  FinishedRuns(const FinishedRuns&) = delete;
  FinishedRuns& operator=(const FinishedRuns&) = delete;

  /// Finds what is there and whole.
  void look();
  /// Whether it was there when this looked.
  bool has(const std::string& name) const { return places_.contains(name); }
  std::size_t size() const { return places_.size(); }
  /// Nothing if it was not there, or cannot be read.
  std::optional<std::string> read(const std::string& name);
  /// `name`: without a blank. Throws RunError.
  void add(const std::string& name, std::string_view text);
  /// The folder and all that is in it.
  void remove();

 private:
  struct Place {
    std::size_t file, first, size;
  };

  void look_into(std::size_t file);
  void open_own();
  void close_own();

  std::filesystem::path folder_;
  std::vector<std::filesystem::path> files_;
  std::unordered_map<std::string, Place> places_;
  std::ifstream reading_;
  std::size_t being_read_ = 0;  // index into files_
  int own_ = -1;                // this process's file
  pid_t owner_ = -1;            // or that of the one it was forked from
};

}  // namespace laconic::sweep
