#include "sim/results/result_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "algorithms/base/error.hpp"

namespace laconic::results {

ResultFile::ResultFile(std::filesystem::path path) : path_(std::move(path)), file_(path_) {}

void ResultFile::reserve(std::size_t bytes) {
  const int why = posix_fallocate(file_.descriptor(), 0, static_cast<off_t>(bytes));
  if (why == 0) reserved_ = bytes;
  if (why != ENOSPC && why != EDQUOT && why != EFBIG) return;  // else the file system cannot do it
  errno = why;
  fail();
}

void ResultFile::write(std::string_view text) {
  constexpr std::size_t enough = 1 << 16;
  waiting_ += text;
  if (waiting_.size() >= enough) flush();
}

void ResultFile::flush() {
  std::size_t sent = 0;
  int why = 0;
  while (waiting_.size() > sent) {
    const std::string_view rest = std::string_view(waiting_).substr(sent);
    const ssize_t n = pwrite(file_.descriptor(), rest.data(), rest.size(), static_cast<off_t>(size_));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      why = n < 0 ? errno : ENOSPC;
      break;
    }
    const std::string_view written = rest.substr(0, static_cast<std::size_t>(n));
    if (const auto end = written.rfind('\n'); end != written.npos) lines_ = size_ + end + 1;
    size_ += written.size();
    sent += written.size();
  }
  waiting_.erase(0, sent);
  if (why == 0) return;
  errno = why;
  fail();
}

void ResultFile::cut(std::size_t size) {
  waiting_.clear();
  size_ = std::min(size_, size);
  lines_ = std::min(lines_, size_);
  if (ftruncate(file_.descriptor(), static_cast<off_t>(size_)) != 0) fail();
  reserved_ = 0;
}

void ResultFile::commit() {
  flush();
  if (reserved_ > 0) cut(size_);
  file_.rename();
}

void ResultFile::fail() const {
  throw RunError(fmt::format("{}: cannot write: {}", path_.string(), std::strerror(errno)));
}

}  // namespace laconic::results
