#pragma once

#include <filesystem>
#include <string>

namespace laconic::results {

class HeldFolder;

/// The folder that a run or a sweep writes its results into.
class ResultFolder {
 public:
  /// What is to be written: an unfinished sweep's folder is free for a sweep, which goes on there, and for no run.
  /// `trials`: what a sweep that is tuned does first, in the same folder.
  enum class Kind { run, sweep, trials };

  ResultFolder(std::filesystem::path path, Kind kind) : path_(std::move(path)), kind_(kind) {}
  /// `out`; if that is empty, results/<name> or, unless `force`, the first free one of it and results/<name>-2, ...
  static ResultFolder choose(const std::filesystem::path& out, const std::string& name, Kind kind, bool force);
  /// As choose(), and makes it and holds it: where another process is writing is not free. Throws InputError if `out`
  /// is not free, or unless `force` holds a result, or if nothing can be written into it; RunError if the disk is full.
  static HeldFolder hold(const std::filesystem::path& out, const std::string& name, Kind kind, bool force);

  const std::filesystem::path& path() const { return path_; }
  Kind kind() const { return kind_; }
  /// Where a sweep, or its trials, keep finished runs until all are done.
  std::filesystem::path points() const { return kind_ == Kind::trials ? trials() : path_ / "points"; }
  bool holds_result() const;
  /// Throws InputError if it holds a result.
  void refuse_result() const;
  /// Makes the folder itself. Throws InputError.
  void make() const;
  /// Where the trials are kept of a scenario that is tuned, until its result is there.
  std::filesystem::path trials() const { return path_ / "tuning"; }
  /// Removes what a tuned result that stood here has left: its tables of trials, and the trials.
  void remove_tuning() const;
  /// Makes the folder of points, empty if `anew`. Throws InputError.
  void make_points(bool anew) const;

 private:
  friend HeldFolder;
  [[noreturn]] void fail(int why) const;

  std::filesystem::path path_;
  Kind kind_;
};

/// A folder of results that is this process's alone to write into: not its children's, and free at once when it dies.
class HeldFolder {
 public:
  /// Makes the folder and tries to hold it.
  explicit HeldFolder(ResultFolder folder);
  ~HeldFolder();
  HeldFolder(HeldFolder&& other) noexcept;
  HeldFolder& operator=(HeldFolder&&) = delete;

  const ResultFolder& folder() const { return folder_; }
  const std::filesystem::path& path() const { return folder_.path(); }
  /// Whether another process holds it.
  bool taken() const { return !holder_.empty(); }
  /// Throws InputError if another process holds it.
  void refuse_taken() const;

 private:
  std::filesystem::path lock() const { return path() / ".lock"; }
  bool try_lock();

  ResultFolder folder_;
  bool made_;           // whether there was none before
  std::string holder_;  // "process 123", if that holds it
  int descriptor_ = -1;
};

}  // namespace laconic::results
