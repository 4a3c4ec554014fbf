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
  std::vector<std::variant<std::int64_t, std::string>> ignore = {};  ///< columns that are no features, likewise
  std::optional<bool> header = {};  ///< default: the first line is one if none of its fields is a number
  /// Default: the first of tab, semicolon, comma and blank that the first line holds. A blank stands for any run of
  /// blanks and tabs.
  char separator = 0;
  std::int64_t skip_lines = 0;  ///< lines before all that
  /// A test file's training samples, whose features and classes it has: columns are found by name where both have a
  /// header, whatever their order, and by position where neither has.
  const Dataset* like = nullptr;
  bool own_label = true;   ///< `label` was given for this very file, and not for the training samples
  bool own_ignore = true;  ///< so was `ignore`
};

/// Comma-separated values, a sample a line: features are numbers; labels are numbers, or words if the first one is
/// none, and words are numbered 0, 1, ... in alphabetical order. What stands for a missing value (NA, nan, null, ?,
/// ...) is no word unless it stands in quotes. Fields may stand in double quotes; blanks around a field do not count;
/// blank lines are skipped. A header names each column once. Reads plain, .gz, .bz2 and .xz. Throws InputError
/// "path:line:column: expected ..., got ..." at the first malformed place (columns are bytes, from 1), or "path: ..."
/// about the file as a whole; nothing half-read is returned.
Dataset read_csv(const std::filesystem::path& path, const CsvOptions& options = {});

/// Reads what read_csv does from text in memory; `name` stands for the path in messages.
Dataset parse_csv(std::string_view text, const std::string& name, const CsvOptions& options = {});

}  // namespace laconic::data
