#pragma once

#include <functional>
#include <optional>

#include "algorithms/data/sources.hpp"

namespace laconic {

struct LoadedData {
  Dataset train;
  std::optional<Dataset> test;
};

/// Reads all of /data but its partition: the source, what is kept of it ("rows", "classes", "positive"), the test set
/// ("test": a share, or a file of the same kind), and what is done to the features ("scaling", "projection",
/// "intercept"), in that order. No file is opened before all keys are known.
std::function<LoadedData()> read_data(Params& in, const DataContext& context);

}  // namespace laconic
