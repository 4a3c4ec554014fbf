#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "algorithms/data/dataset.hpp"

namespace laconic::data {

struct CsvOptions {
  /// The label's column: its name, or its number from 1; 0: the last one.
  std::variant<std::int64_t, std::string> label = std::int64_t{0};
  std::vector<std::string> ignore = {};  ///< names of columns that are no features
  std::optional<bool> header = {};       ///< default: the first line is one if none of its fields is a number
  char separator = 0;                    ///< default: the first of tab, semicolon and comma that the first line holds
  std::int64_t skip_lines = 0;           ///< lines before all that
  const Dataset* like = nullptr;         ///< has the features, and the classes if labels are words, of this one
};

/// Comma-separated values, a sample a line: features are numbers; labels are numbers, or words if the first one is
/// none, and words are numbered 0, 1, ... in alphabetical order. Fields may stand in double quotes; blanks around a
/// field do not count; blank lines are skipped. Reads plain, .gz, .bz2 and .xz. Throws InputError "path:line:column:
/// expected ..., got ..." at the first malformed place (columns are bytes, from 1), or "path: ..." about the file as a
/// whole; nothing half-read is returned.
Dataset read_csv(const std::filesystem::path& path, const CsvOptions& options = {});

/// Reads what read_csv does from text in memory; `name` stands for the path in messages.
Dataset parse_csv(std::string_view text, const std::string& name, const CsvOptions& options = {});

}  // namespace laconic::data
