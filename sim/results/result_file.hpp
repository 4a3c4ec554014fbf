#pragma once

#include <cstdio>
#include <filesystem>
#include <string_view>

namespace laconic::results {

/// A file under a temporary name beside its own, renamed when done, so that no reader ever sees half a result.
class ResultFile {
 public:
  /// Throws RunError with the system's words if the file cannot be made.
  explicit ResultFile(std::filesystem::path path);
  ~ResultFile();
  ResultFile(const ResultFile&) = delete;
  ResultFile& operator=(const ResultFile&) = delete;
  void write(std::string_view text);
  std::FILE* stream() { return file_; }
  /// Flushes, closes and renames. Throws RunError.
  void commit();

 private:
  std::filesystem::path path_, partial_;
  std::FILE* file_;
};

}  // namespace laconic::results
