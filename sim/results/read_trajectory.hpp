#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/results/table_file.hpp"

namespace laconic::results {

/// One run's rows: an algorithm, a seed, a point of the sweep.
struct Curve {
  std::string algorithm;
  std::uint64_t seed = 0;
  std::vector<std::string> point;         ///< swept values but the seed's, as Results::swept
  std::vector<std::vector<double>> rows;  ///< as Results::columns; NaN where nothing was recorded
  bool diverged = false;                  ///< its last loss is no finite number
};

/// The trajectory of a run or a sweep.
struct Results {
  std::vector<std::string> swept;    ///< pointers but the seed's
  std::vector<std::string> columns;  ///< of numbers
  std::vector<Curve> curves;

  std::size_t column(const std::string& name) const;  ///< throws InputError if there is none
};

/// Throws InputError "<path>: ..." or "<path>:line: ..." for what is not such a file: cut short, with a row twice, with
/// another number of fields than names, with zero bytes, or not what was `promised` of it. Packed ones are unpacked as
/// they are read.
Results read_results(const std::filesystem::path& path, const std::optional<TableFacts>& promise = {});

/// Reads what is in memory as read_results reads a file; `name` stands for its path in messages.
Results results_of(std::string_view text, const std::string& name);

/// A table's rows, {"column": value}: text in the columns of text ("scenario", "algorithm", "stopped_by" and swept
/// pointers), numbers elsewhere, null where a field is empty or no number. Throws InputError.
nlohmann::ordered_json rows_of_table(const std::filesystem::path& path);

/// Calls `row` with a table's names and each row's fields, as text. Throws InputError.
void each_row(
    const std::filesystem::path& path,
    const std::function<void(const std::vector<std::string>& names, const std::vector<std::string>& fields)>& row);

/// The trajectory in a result's folder, packed or not. `told`: its run.json or sweep.json, which says whose the rows
/// are where both stand there; the other is left aside with a line on stderr. Throws InputError where that is unknown.
std::filesystem::path trajectory_in(const std::filesystem::path& folder, const nlohmann::json& told);

}  // namespace laconic::results
