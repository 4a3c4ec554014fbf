#include "sim/sweep/finished_runs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

#include "algorithms/base/digest.hpp"
#include "algorithms/base/error.hpp"

namespace laconic::sweep {
namespace {

namespace fs = std::filesystem;

constexpr const char* extension = ".runs";

}  // namespace

FinishedRuns::~FinishedRuns() { close_own(); }

void FinishedRuns::look() {
  files_.clear();
  places_.clear();
  reading_.close();
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error))
    if (at->path().extension() == extension && fs::is_regular_file(at->symlink_status(error)))
      files_.push_back(at->path());
  for (std::size_t i = 0; i < files_.size(); ++i) look_into(i);
}

void FinishedRuns::look_into(std::size_t file) {
  std::error_code error;
  const std::size_t size_of_file = fs::file_size(files_[file], error);
  std::ifstream in(files_[file], std::ios::binary);
  std::string head, name, digest, text;
  for (std::size_t first = 0; !error && std::getline(in, head);) {
    first += head.size() + 1;
    std::size_t size = 0;
    std::istringstream words(head);
    if (!(words >> name >> size >> digest) || first > size_of_file || size > size_of_file - first) return;
    text.resize(size);
    if (!in.read(text.data(), static_cast<std::streamsize>(size))) return;
    if (digest_of(text) == digest) places_[name] = {file, first, size};
    first += size;
  }
}

std::optional<std::string> FinishedRuns::read(const std::string& name) {
  const auto found = places_.find(name);
  if (found == places_.end()) return {};
  const auto [file, first, size] = found->second;
  if (!reading_.is_open() || being_read_ != file) {
    reading_ = std::ifstream(files_[file], std::ios::binary);
    being_read_ = file;
  }
  std::string text(size, '\0');
  reading_.clear();
  reading_.seekg(static_cast<std::streamoff>(first));
  if (!reading_.read(text.data(), static_cast<std::streamsize>(size))) return {};
  return text;
}

void FinishedRuns::add(const std::string& name, std::string_view text) {
  if (own_ < 0 || owner_ != getpid()) open_own();
  const std::string all = fmt::format("{} {} {}\n{}", name, text.size(), digest_of(text), text);
  const off_t start = lseek(own_, 0, SEEK_CUR);
  for (std::size_t sent = 0; sent < all.size();) {
    const ssize_t n = write(own_, all.data() + sent, all.size() - sent);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int why = errno;
      // Nothing could be found behind a torn run.
      if (start < 0 || ftruncate(own_, start) != 0 || lseek(own_, start, SEEK_SET) < 0) close_own();
      throw RunError(fmt::format("{}: cannot write: {}", folder_.string(), std::strerror(why)));
    }
    sent += static_cast<std::size_t>(n);
  }
}

void FinishedRuns::remove() {
  reading_.close();  // a network's file system keeps the names of files that are open
  close_own();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void FinishedRuns::open_own() {
  close_own();
  owner_ = getpid();
  for (int i = 0; own_ < 0; ++i) {
    const fs::path path = folder_ / fmt::format("{}-{}{}", owner_, i, extension);
    own_ = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (own_ < 0 && errno != EEXIST && errno != EINTR)
      throw RunError(fmt::format("{}: cannot write: {}", path.string(), std::strerror(errno)));
  }
}

void FinishedRuns::close_own() {
  if (own_ >= 0) close(own_);
  own_ = -1;
}

}  // namespace laconic::sweep
