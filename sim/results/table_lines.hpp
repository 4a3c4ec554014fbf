#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/results/table_file.hpp"

struct gzFile_s;

namespace laconic::results {

/// The fields of a line of CSV; those with commas in them stand in quotes.
std::vector<std::string> fields_of(const std::string& line);

/// A field's number; NaN where it is empty. Throws InputError "<where>: expected a number, got ...".
double number_of(const std::string& field, const std::string& where);

/// The lines of a table, which may be packed. All members throw InputError "<path>: ..." or "<path>:line: ..." for what
/// cannot be read, was cut short, or holds a zero byte.
class TableLines {
 public:
  explicit TableLines(const std::filesystem::path& path);
  /// Those of a text; `name` stands for a path.
  TableLines(std::string_view text, std::string name);

  const std::string& path() const { return path_; }
  std::size_t number() const { return number_; }
  std::string where() const;
  const TableFacts& facts() const { return facts_; }

  /// The next line without its break; false: there is none.
  bool next(std::string& line);

 private:
  bool fill();

  std::string path_;
  std::unique_ptr<gzFile_s, int (*)(gzFile_s*)> file_;
  std::vector<char> buffer_;
  std::size_t filled_ = 0, at_ = 0, number_ = 0;
  TableFacts facts_;
};

/// Throws InputError "<path>: ..." if a table's text is not what was promised of it.
void check_promise(const TableFacts& found, const std::optional<TableFacts>& promise, const std::string& path);

}  // namespace laconic::results
