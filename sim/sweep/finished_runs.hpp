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

/// Whose a file of finished runs is, where a sweep is cut into shards: file names say so. Shards of one cut have no run
/// in common, so that none need read what the others write.
struct ShardName {
  std::string cut;  ///< which cut it is, in letters and digits; empty: none
  std::size_t shard = 0;
};

/// Finished runs of a sweep, or what else has names and is text, in a folder that many processes on many machines write
/// into. Each of them, with all that it forks, adds to one file of its own, one run after the other, each with its
/// size and digest: hundreds of thousands of runs are one file, and a process that is killed damages nothing but what
/// it was writing. No locks of files are needed.
class FinishedRuns {
 public:
  /// `extension`: of all its files, such as ".runs".
  FinishedRuns(std::filesystem::path folder, std::string extension, ShardName name = {});
  ~FinishedRuns();
  FinishedRuns(const FinishedRuns&) = delete;
  FinishedRuns& operator=(const FinishedRuns&) = delete;

  /// Finds what is there and whole, in all files; unless `all`, but for those of the other shards of the cut.
  void look(bool all = true);
  /// Whether it was there when this looked.
  bool has(const std::string& name) const { return places_.contains(name); }
  std::size_t size() const { return places_.size(); }
  /// Nothing if it was not there, or cannot be read.
  std::optional<std::string> read(const std::string& name);
  /// Makes this process's file, for it and for all that it forks from here on. Throws RunError.
  void begin();
  /// `name`: without a blank. A process that is killed in here does not keep others from going on. Throws RunError.
  void add(const std::string& name, std::string_view text);
  /// How long this process's file is by now.
  std::size_t written() const;
  /// Finds what has been added to it since it was so long, beside what was found before.
  void look_since(std::size_t written);
  /// This process, which began, adds no more: its file is closed, which is when a network's file system shows it to
  /// other machines, and removed if it is empty.
  void end();

 private:
  struct Place {
    std::size_t file, first, size;
  };
  struct Shared;

  void look_into(std::size_t file, std::size_t first, std::size_t end);
  void write_whole(std::string_view text);

  std::filesystem::path folder_;
  std::string extension_;
  ShardName name_;
  std::vector<std::filesystem::path> files_;
  std::unordered_map<std::string, Place> places_;
  std::ifstream reading_;
  std::size_t being_read_ = 0;  // index into files_
  int own_ = -1;
  std::filesystem::path own_path_;
  pid_t owner_ = -1;  // the process that began
  Shared* shared_ = nullptr;
};

}  // namespace laconic::sweep
