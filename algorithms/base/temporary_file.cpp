#include "algorithms/base/temporary_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>
#include <utility>

#include "algorithms/base/error.hpp"

namespace laconic {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view before = ".laconic-", behind = ".partial";

// The process that made a file of that name; 0: it is no temporary file.
pid_t maker_of(const std::string& name) {
  if (!name.starts_with(before) || !name.ends_with(behind)) return 0;
  pid_t maker = 0;
  const auto [end, error] = std::from_chars(name.data() + before.size(), name.data() + name.size(), maker);
  return error == std::errc{} && *end == '-' ? maker : 0;
}

}  // namespace

TemporaryFile::TemporaryFile(fs::path path) : path_(std::move(path)) {
  for (int i = 0; descriptor_ < 0; ++i) {
    own_ = path_.parent_path() /
           fmt::format("{}{}-{}-{}{}", before, getpid(), i, path_.filename().string().substr(0, 200), behind);
    descriptor_ = open(own_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && errno != EEXIST && errno != EINTR) fail(errno);
  }
}

TemporaryFile::~TemporaryFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!own_.empty()) unlink(own_.c_str());
}

void TemporaryFile::close() {
  if (descriptor_ >= 0 && ::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) fail(errno);
}

void TemporaryFile::rename() {
  close();
  if (std::rename(own_.c_str(), path_.c_str()) != 0) fail(errno);
  own_.clear();
}

void TemporaryFile::fail(int why) const {
  throw RunError(fmt::format("{}: cannot write: {}", path_.string(), std::strerror(why)));
}

void remove_abandoned(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const pid_t maker = maker_of(at->path().filename().string());
    if (maker > 0 && kill(maker, 0) != 0 && errno == ESRCH) unlink(at->path().c_str());
  }
}

}  // namespace laconic
