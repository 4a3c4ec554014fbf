#pragma once

#include <filesystem>
#include <string_view>

namespace laconic {

/// A new file beside another, under a name that no other process gives: no link that stands there is followed, and no
/// file of others is written over. Unless it takes the other's name in the end, it vanishes with this.
class TemporaryFile {
 public:
  /// Makes an empty file beside `path` and opens it. Throws RunError "<path>: cannot write: <the system's reason>".
  explicit TemporaryFile(std::filesystem::path path);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  /// The name that it has for now.
  const std::filesystem::path& path() const { return own_; }
  /// -1 once it is closed.
  int descriptor() const { return descriptor_; }
  /// Closes the file, which stays. Throws RunError.
  void close();
  /// Closes it and gives it the name of the file that it was made for, whatever has that name. Throws RunError.
  void rename();

 private:
  [[noreturn]] void fail(int why) const;

  std::filesystem::path path_, own_;
  int descriptor_ = -1;
};

/// Removes the temporary files in a folder whose processes are dead.
void remove_abandoned(const std::filesystem::path& folder);

}  // namespace laconic
