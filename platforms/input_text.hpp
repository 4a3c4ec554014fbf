#pragma once

#include <filesystem>
#include <string>

#include "algorithms/base/input_file.hpp"

namespace laconic::platforms {

/// The text of a file, plain or compressed, without the byte order mark of UTF-8 that some editors put before it.
inline std::string read_text(const std::filesystem::path& path) {
  std::string text = read_input(path);
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  return text;
}

}  // namespace laconic::platforms
