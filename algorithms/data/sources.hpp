#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "algorithms/base/params.hpp"
#include "algorithms/data/dataset.hpp"

namespace laconic::data {

/// What a source of data may know of the rest of the scenario.
struct DataContext {
  int M = 1;
  std::uint64_t seed = 1;
  SmoothnessLaw law;
  std::filesystem::path folder;           ///< where relative paths are looked up first
  std::vector<std::string> classes = {};  ///< the only ones that will be kept, where they are words; none: all
};

/// Data whose parameters have been read and checked, to be read or generated. A test set is to be `like` the training
/// samples: of the same features and classes.
using LoadData = std::function<Dataset(const Dataset* like)>;

struct DataEntry {
  const char* name;
  LoadData (*read)(Params& in, const DataContext& context);
  std::vector<const char*> files;  ///< keys that name its files; none: it generates
  const char* summary;
};

/// Where a scenario's samples may come from.
std::span<const DataEntry> data_sources();

}  // namespace laconic::data
