#pragma once

#include <filesystem>
#include <string_view>

#include "algorithms/base/temporary_file.hpp"

struct gzFile_s;

namespace laconic::network {

/// A JSON file of trace events (timeline.hpp), under a temporary name until commit(); compressed if its name ends with
/// .gz. Throws RunError with the system's reason.
class TimelineFile {
 public:
  explicit TimelineFile(std::filesystem::path path);
  ~TimelineFile();
  TimelineFile(const TimelineFile&) = delete;
  TimelineFile& operator=(const TimelineFile&) = delete;
  /// Writes events, each of which begins with a comma.
  void write(std::string_view events);
  void commit();

 private:
  void put(std::string_view text);
  [[noreturn]] void fail() const;

  std::filesystem::path path_;
  TemporaryFile partial_;
  gzFile_s* file_;
  bool first_ = true;
};

}  // namespace laconic::network
