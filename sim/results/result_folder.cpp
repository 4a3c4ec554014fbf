#include "sim/results/result_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <system_error>
#include <utility>

#include "algorithms/base/error.hpp"
#include "algorithms/base/temporary_file.hpp"

namespace laconic::results {
namespace {

namespace fs = std::filesystem;

constexpr const char* result_names[] = {"trajectory.csv", "trajectory.csv.gz", "summary.csv",
                                        "run.json",       "run.trace",         "tuned.json"};

// A link is there whatever it leads to.
bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

fs::path numbered(const std::string& name, int i) {
  return fs::path("results") / (i > 1 ? fmt::format("{}-{}", name, i) : name);
}

}  // namespace

ResultFolder ResultFolder::choose(const fs::path& out, const std::string& name, Kind kind, bool force) {
  if (!out.empty()) return {out, kind};
  ResultFolder folder(numbered(name, 1), kind);
  for (int i = 2; !force && folder.holds_result(); ++i) folder.path_ = numbered(name, i);
  return folder;
}

HeldFolder ResultFolder::hold(const fs::path& out, const std::string& name, Kind kind, bool force) {
  for (int i = 1;; ++i) {
    const ResultFolder folder(out.empty() ? numbered(name, i) : out, kind);
    const bool others = out.empty() && !force;  // may be chosen instead
    if (others && folder.holds_result()) continue;
    if (!force) folder.refuse_result();
    HeldFolder held(folder);
    // Two of a sweep's processes in two folders would do its work twice.
    if (held.taken() && others && !(kind == Kind::sweep && is_there(folder.points()))) continue;
    held.refuse_taken();
    if (others && folder.holds_result()) continue;  // it was finished in between
    if (!force) folder.refuse_result();
    return held;
  }
}

bool ResultFolder::holds_result() const {
  if (kind_ == Kind::sweep && is_there(points())) return false;
  return std::any_of(std::begin(result_names), std::end(result_names),
                     [&](const char* name) { return is_there(path_ / name); });
}

void ResultFolder::refuse_result() const {
  if (holds_result())
    throw InputError(fmt::format("--out: {} already holds a result; --force replaces it", path_.string()));
}

void ResultFolder::make() const {
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) throw InputError(fmt::format("--out: cannot make the folder {}: {}", path_.string(), error.message()));
}

void ResultFolder::remove_tuning() const {
  std::error_code ignored;
  for (const char* name : {"tuned.csv", "tuned.json"}) fs::remove(path_ / name, ignored);
  fs::remove_all(trials(), ignored);
}

void ResultFolder::make_points(bool anew) const {
  std::error_code error;
  if (anew) fs::remove_all(points(), error);
  if (fs::is_symlink(points(), error))
    throw InputError(fmt::format("--out: {} is a link: expected a folder of a sweep's own", points().string()));
  fs::create_directory(points(), error);
  if (error) fail(error.value());
  if (access(points().c_str(), W_OK | X_OK) != 0) fail(errno);
}

void ResultFolder::fail(int why) const {
  const std::string words = fmt::format("--out: cannot write into {}: {}", path_.string(), std::strerror(why));
  if (why == ENOSPC || why == EDQUOT || why == EMFILE || why == ENFILE) throw RunError(words);
  throw InputError(words);
}

HeldFolder::HeldFolder(ResultFolder folder) : folder_(std::move(folder)), made_(!is_there(path())) {
  folder_.make();
  while (!try_lock()) {
  }
  if (!taken()) remove_abandoned(path());
}

// POSIX's record locks are one process's, not inherited by those forked from it, and say whose they are.
bool HeldFolder::try_lock() {
  descriptor_ = open(lock().c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor_ < 0 && errno == ENOENT && !is_there(path())) {  // whoever made it has removed it
    folder_.make();
    return false;
  }
  if (descriptor_ < 0) folder_.fail(errno);
  struct flock all {};
  all.l_type = F_WRLCK;
  all.l_whence = SEEK_SET;
  struct stat mine {
  }, there{};
  const bool locked = fcntl(descriptor_, F_SETLK, &all) == 0;
  if (locked || (errno != EAGAIN && errno != EACCES)) {  // or this file system has no locks
    // Whoever held it may have removed the file since it was opened.
    if (fstat(descriptor_, &mine) == 0 && lstat(lock().c_str(), &there) == 0 && mine.st_ino == there.st_ino)
      return true;
  } else if (fcntl(descriptor_, F_GETLK, &all) == 0 && all.l_type != F_UNLCK) {
    holder_ = all.l_pid > 0 ? fmt::format("process {}", all.l_pid) : "another machine's process";
  }
  close(std::exchange(descriptor_, -1));
  return taken();
}

HeldFolder::~HeldFolder() {
  if (descriptor_ < 0) return;
  unlink(lock().c_str());
  if (made_) rmdir(path().c_str());  // if it is empty: nothing came of it
  close(descriptor_);
}

HeldFolder::HeldFolder(HeldFolder&& other) noexcept
    : folder_(std::move(other.folder_)),
      made_(other.made_),
      holder_(std::move(other.holder_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

void HeldFolder::refuse_taken() const {
  if (taken()) throw InputError(fmt::format("--out: {} is writing into {}", holder_, path().string()));
}

}  // namespace laconic::results
