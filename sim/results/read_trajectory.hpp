#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace laconic::results {

/// One run's rows: an algorithm, a seed, a point of the sweep.
struct Curve {
  std::string algorithm;
  std::uint64_t seed = 0;
  std::vector<std::string> point;         ///< swept values but the seed's, as Results::swept
  std::vector<std::vector<double>> rows;  ///< as Results::columns; NaN where nothing was recorded
  bool diverged = false;                  ///< its last loss is no finite number
};

/// trajectory.csv, of a run or a sweep.
struct Results {
  std::vector<std::string> swept;    ///< pointers but the seed's
  std::vector<std::string> columns;  ///< of numbers
  std::vector<Curve> curves;

  std::size_t column(const std::string& name) const;  ///< throws InputError if there is none
};

/// Throws InputError "<path>: ..." or "<path>:line: ..." for what is not such a file.
Results read_results(const std::filesystem::path& path);

}  // namespace laconic::results
