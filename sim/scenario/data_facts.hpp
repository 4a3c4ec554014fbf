#pragma once

#include <string>
#include <vector>

#include "algorithms/core/types.hpp"

namespace laconic::scenario {

/// A worker's samples.
struct WorkerShare {
  Index samples = 0;
  std::vector<Index> counts;  ///< of each class
  double mean_label = 0;      ///< where labels are no classes
};

/// What the data were, for the record of a run.
struct DataFacts {
  std::string name;
  Index samples = 0, features = 0, stored = 0;
  Index test_samples = 0;  ///< 0: no test set
  bool sparse = false;
  std::vector<std::string> classes;  ///< as the data name them; empty: too many values to be classes
  std::vector<WorkerShare> shares;   ///< of each worker
  std::string digest;                ///< XXH3-128 over shape, entries and labels as trained on
  std::string stand_in;              ///< "<these> in place of <those>, which ...": a sentence; empty: none was needed
};

}  // namespace laconic::scenario
