#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/data/dataset.hpp"

namespace laconic::data {

/// An array of numbers as MNIST's files hold it: the first size counts samples, the rest is a sample's shape.
struct IdxArray {
  std::vector<Index> sizes;
  RowMatrix values;    ///< a sample a row
  bool bytes = false;  ///< unsigned bytes: pixels from 0 to 255
};

/// IDX: 0, 0, a type (0x08 unsigned byte, 0x09 byte, 0x0B short, 0x0C int, 0x0D float, 0x0E double), the number of
/// sizes, the sizes as 32-bit and the numbers, all big-endian. Reads plain, .gz, .bz2 and .xz.
/// Throws InputError "path: expected ..., got ...".
IdxArray read_idx(const std::filesystem::path& path);

/// Reads what read_idx does from bytes in memory; `name` stands for the path in messages.
IdxArray parse_idx(std::string_view bytes, const std::string& name);

/// A file of images, or of anything with a shape, and one of labels. `unit`: bytes 0..255 become 0..1.
/// Throws InputError if the two do not count the same samples.
Dataset read_idx_pair(const std::filesystem::path& images, const std::filesystem::path& labels, bool unit);

}  // namespace laconic::data
