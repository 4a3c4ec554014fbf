#include "sim/network/timeline/timeline_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "algorithms/base/error.hpp"

namespace laconic::network {

TimelineFile::TimelineFile(std::filesystem::path path)
    : path_(std::move(path)),
      partial_(path_),
      file_(gzdopen(fcntl(partial_.descriptor(), F_DUPFD_CLOEXEC, 0), path_.extension() == ".gz" ? "wb" : "wbT")) {
  if (!file_) fail();
  put("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[");
}

TimelineFile::~TimelineFile() {
  if (file_) gzclose(file_);
}

void TimelineFile::fail() const {
  throw RunError(fmt::format("{}: cannot write: {}", path_.string(), std::strerror(errno)));
}

void TimelineFile::put(std::string_view text) {
  while (!text.empty()) {
    const auto size = static_cast<unsigned>(std::min<std::size_t>(text.size(), 1 << 20));
    if (gzwrite(file_, text.data(), size) != static_cast<int>(size)) fail();
    text.remove_prefix(size);
  }
}

void TimelineFile::write(std::string_view events) {
  if (std::exchange(first_, false) && !events.empty()) events.remove_prefix(1);
  put(events);
}

void TimelineFile::commit() {
  put("\n]}\n");
  if (gzclose(std::exchange(file_, nullptr)) != Z_OK) fail();
  partial_.rename();
}

}  // namespace laconic::network
