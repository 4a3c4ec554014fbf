#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "algorithms/base/temporary_file.hpp"

namespace laconic::results {

/// A file under a temporary name beside its own, renamed when done, so that no reader ever sees half a result.
class ResultFile {
 public:
  /// Throws RunError with the system's words if the file cannot be made.
  explicit ResultFile(std::filesystem::path path);
  /// Sees to it now that so many bytes will find room on the disk. Throws RunError.
  void reserve(std::size_t bytes);
  /// Throws RunError if the file cannot be written; the text is kept, and tried again with the next.
  void write(std::string_view text);
  /// Throws RunError as write() does.
  void flush();
  /// How much was given to it.
  std::size_t size() const { return size_ + waiting_.size(); }
  /// Where the last whole line ends of what is in the file by now.
  std::size_t lines() const { return lines_; }
  /// Forgets all but so many of the bytes that are in the file. Throws RunError.
  void cut(std::size_t size);
  /// Flushes, closes and renames. Throws RunError.
  void commit();

 private:
  [[noreturn]] void fail() const;

  std::filesystem::path path_;
  TemporaryFile file_;
  std::string waiting_;
  std::size_t size_ = 0, lines_ = 0, reserved_ = 0;
};

}  // namespace laconic::results
