#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "sim/results/columns.hpp"
#include "sim/results/result_file.hpp"

namespace laconic::results {

/// What run.json and sweep.json promise of a table's text, for whoever reads it. Packing the table changes none of it.
struct TableFacts {
  std::uint64_t lines = 0;  ///< the header among them
  std::uint64_t bytes = 0;
  std::uint32_t crc = 0;  ///< CRC-32 as gzip has it

  void add(const TableFacts& next);
  bool operator==(const TableFacts&) const = default;
};
TableFacts facts_of(std::string_view text);

/// A part of a table as it lies in the file, of which parts in a row make a whole, and what its text is.
struct TablePiece {
  std::string stored;
  TableFacts facts;
};
TablePiece piece_of(std::string_view text, TableFormat format);

/// A table of results, "<name>.csv" or "<name>.csv.gz", under a temporary name until commit(). A packed one is a single
/// gzip member without time and name; its bytes depend on the text alone, and on how it is cut into pieces. Neither
/// form is ever whole in memory.
class TableFile {
 public:
  /// Throws RunError, as all members do, if the file cannot be written.
  TableFile(const std::filesystem::path& folder, const std::string& name, TableFormat format);
  /// Adds text, which is cut into pieces of one size.
  void write(std::string_view text);
  /// Adds a piece of this file's format.
  void append(const TablePiece& piece);
  /// Writes what waits for more. After an error this may be tried again.
  void flush();
  /// After an error that stays: keeps the whole rows that are in the file (of a packed one, its whole pieces) and
  /// forgets the rest.
  void keep_whole_rows();
  /// Sees to it now that so many bytes will find room on the disk.
  void reserve(std::size_t bytes) { file_.reserve(bytes); }
  /// Takes its name, and removes the table in the other format that an earlier run has left.
  void commit();
  /// After commit(): {"trajectory.csv": {"rows": 25, "bytes": 4711, "crc32": "00c0ffee"}}, which promised() reads.
  nlohmann::ordered_json told() const;

 private:
  void cut(std::string_view text);
  void store(const TablePiece& piece);
  void mark();

  std::filesystem::path folder_;
  std::string name_;
  TableFormat format_;
  ResultFile file_;
  std::string pending_;  // written, and shorter than a piece
  TableFacts facts_;
  // The last piece, and what there was before it.
  std::string last_;
  std::size_t size_before_ = 0;
  TableFacts facts_before_;
};

/// What `told`, a run.json or sweep.json, promises of that file ("trajectory.csv"), whether it was packed or unpacked
/// since; nothing where it says nothing, as before 0.2.0. Throws InputError "/files/...: ..." for what is no promise.
std::optional<TableFacts> promised(const nlohmann::json& told, const std::string& file);

}  // namespace laconic::results
