#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "algorithms/data/dataset.hpp"

namespace laconic::data {

enum class Storage { automatic, dense, sparse };

struct LibsvmOptions {
  std::optional<Index> features;         ///< d; default: the largest index in the file
  int first_index = 1;                   ///< 1 as the format says, or 0
  Storage storage = Storage::automatic;  ///< automatic: dense when at least a quarter of the entries are non-zero
};

/// LIBSVM text, "label index:value index:value ... # comment" a line, indices ascending. Blank lines are skipped. Zeros
/// written out count towards d but are not stored; values too small for a double are zeros, too large ones errors.
/// Reads plain, .gz, .bz2 and .xz. Labels are kept as numbers; what they mean is the problem's business.
/// Throws InputError "path:line:column: expected ..., got ..." at the first malformed place (columns are bytes, from
/// 1), or "path: expected ..." about the file as a whole; nothing half-read is returned.
Dataset read_libsvm(const std::filesystem::path& path, const LibsvmOptions& options = {});

/// Reads what read_libsvm does from text in memory; `name` stands for the path in messages.
Dataset parse_libsvm(std::string_view text, const std::string& name, const LibsvmOptions& options = {});

}  // namespace laconic::data
