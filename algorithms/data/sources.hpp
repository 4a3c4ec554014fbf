#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "algorithms/core/params.hpp"
#include "algorithms/data/dataset.hpp"

namespace laconic {

/// What a source of data may know of the rest of the scenario.
struct DataContext {
  int M = 1;
  std::uint64_t seed = 1;
  SmoothnessLaw law;
  std::filesystem::path folder;  ///< where relative paths are looked up first
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

/// The file that `key` names: `what` it is, in words. A relative path is looked up in `folder`, in $LACONIC_DATA, in
/// data/. Throws InputError that names the places if it is in none of them.
std::filesystem::path find_file(Params& in, const char* key, const char* what, const std::filesystem::path& folder);

/// Where a scenario's samples may come from.
std::span<const DataEntry> data_sources();

}  // namespace laconic
