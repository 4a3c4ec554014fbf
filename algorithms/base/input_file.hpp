#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace laconic {

/// How much a compressed file may unpack to, and what has no size, such as a pipe, may hold: the process-wide `bytes`,
/// or where that is 0, as it is at the start, 256 MB or 100 times the file, whichever is more.
void set_unpack_limit(std::uint64_t bytes);
std::uint64_t given_unpack_limit();

/// That limit for what takes so many bytes packed.
std::size_t unpack_limit(std::size_t packed);

/// The whole content of a file, decompressed when its first bytes say gzip, bzip2 or xz (whatever its name says).
/// Concatenated streams, as pigz and pbzip2 write them, are read to their end.
/// UTF-8's byte order mark is left out.
/// Throws InputError "<path>: ..." if the file is missing, a directory, unreadable, truncated, corrupt, UTF-16,
/// or unpacks to more than the limit, which is held while it is unpacked.
std::string read_input(const std::filesystem::path& path);

}  // namespace laconic
