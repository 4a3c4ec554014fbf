#include "sim/results/result_folder.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <system_error>

#include "algorithms/base/error.hpp"

namespace laconic::results {
namespace {

namespace fs = std::filesystem;

constexpr const char* result_names[] = {"trajectory.csv", "trajectory.csv.gz", "summary.csv", "run.json", "run.trace"};

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

}  // namespace

ResultFolder ResultFolder::choose(const fs::path& out, const std::string& name, Kind kind, bool force) {
  if (!out.empty()) return {out, kind};
  ResultFolder folder(fs::path("results") / name, kind);
  for (int i = 2; !force && folder.holds_result(); ++i)
    folder.path_ = fs::path("results") / fmt::format("{}-{}", name, i);
  return folder;
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

void ResultFolder::make_points(bool anew) const {
  std::error_code error;
  if (anew) fs::remove_all(points(), error);
  fs::create_directory(points(), error);
  if (error) throw InputError(fmt::format("--out: cannot write into {}: {}", path_.string(), error.message()));
  check_writable(points());
}

void ResultFolder::check_writable(const fs::path& inner) const {
  if (access(inner.c_str(), W_OK | X_OK) != 0)
    throw InputError(fmt::format("--out: cannot write into {}: {}", path_.string(), std::strerror(errno)));
}

}  // namespace laconic::results
