#pragma once

#include <functional>
#include <optional>

#include "algorithms/data/sources.hpp"

namespace laconic::data {

struct LoadedData {
  Dataset train;
  std::optional<Dataset> test;
};

/// Reads all of /data but its partition: the source, what is kept of it ("rows", "classes", "positive"), the test set
/// ("test": a share, or a file of the same kind), and what is done to the features ("scaling", "projection",
/// "intercept"), in that order. No file is opened before all keys are known.
std::function<LoadedData()> read_data(Params& in, const DataContext& context);

/// A data block, or what stands in for it: its "otherwise", where a file that it names is missing, or that block's, ...
struct ChosenData {
  const nlohmann::json* block;
  std::string pointer;               ///< "/data", "/data/otherwise", ...
  std::vector<std::string> missing;  ///< files that were not there
};

/// Throws InputError where an "otherwise" could never be taken.
ChosenData choose_data(const nlohmann::json& data, const std::string& file, const std::filesystem::path& folder);

}  // namespace laconic::data
