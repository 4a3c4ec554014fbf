#pragma once

#include <filesystem>
#include <string>

namespace laconic {

/// The whole content of a file, decompressed when its first bytes say gzip, bzip2 or xz (whatever its name says).
/// Concatenated streams, as pigz and pbzip2 write them, are read to their end.
/// Throws InputError "<path>: ..." if the file is missing, a directory, unreadable, truncated or corrupt.
std::string read_input(const std::filesystem::path& path);

}  // namespace laconic
