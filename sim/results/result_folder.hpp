#pragma once

#include <filesystem>
#include <string>

namespace laconic::results {

/// The folder that a run or a sweep writes its results into.
class ResultFolder {
 public:
  /// What is to be written: an unfinished sweep's folder is free for a sweep, which goes on there, and for no run.
  enum class Kind { run, sweep };

  ResultFolder(std::filesystem::path path, Kind kind) : path_(std::move(path)), kind_(kind) {}
  /// `out`; if that is empty, results/<name> or, unless `force`, the first free one of it and results/<name>-2, ...
  static ResultFolder choose(const std::filesystem::path& out, const std::string& name, Kind kind, bool force);

  const std::filesystem::path& path() const { return path_; }
  /// Where a sweep keeps its finished runs until all are done.
  std::filesystem::path points() const { return path_ / "points"; }
  bool holds_result() const;
  /// Throws InputError if it holds a result.
  void refuse_result() const;
  /// Makes the folder where there is none. Throws InputError.
  void make() const;
  /// Makes the folder of points, empty if `anew`. Throws InputError.
  void make_points(bool anew) const;
  /// Throws InputError if nothing can be written into the folder.
  void check_writable() const { check_writable(path_); }

 private:
  void check_writable(const std::filesystem::path& inner) const;

  std::filesystem::path path_;
  Kind kind_;
};

}  // namespace laconic::results
