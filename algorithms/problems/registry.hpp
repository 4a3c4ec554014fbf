#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "algorithms/base/params.hpp"
#include "algorithms/core/problem.hpp"
#include "algorithms/data/dataset.hpp"

namespace laconic::problems {

/// A problem whose parameters have been read, waiting for its data if it learns from any.
struct ProblemPlan {
  /// Checks and translates the labels of the whole data set, before it is split, and those of the test set, if there is
  /// one, in the same way. Throws InputError.
  std::function<void(data::Dataset& data, data::Dataset* test)> prepare;
  /// `optimum`: compute min f, which a plan with a reason against it cannot. L and L_m wait for find_smoothness().
  std::function<Problem(data::Samples samples, bool optimum)> make;
  /// In place of both, for a problem without data.
  std::function<Problem(int M, std::uint64_t seed)> make_alone;
  /// What is known of a problem without data before it is made: d, and how many vectors of d numbers it consists of.
  Index d = 0;
  double vectors = 0, vectors_of_worker = 0;
  bool learns = true;  ///< else there are no vectors at all, not even the model (Problem::workload)
  /// Why min f is not known, as "/pointer: expected ..., got ..."; empty if it is.
  std::string no_optimum;
  Index cheap_features = 500;  ///< up to which min f takes seconds
  data::SmoothnessLaw law{0, false, 0};
};

/// What a problem may know of the rest of the scenario before it is made.
struct ProblemContext {
  std::uint64_t seed = 1;
  std::filesystem::path folder = {};  ///< where relative paths are looked up first
  /// Reads a time, "150ms" or a number of seconds, which is not negative; empty: numbers alone are read.
  std::function<std::optional<double>(const nlohmann::json& value)> seconds = {};
};

struct ProblemEntry {
  const char* name;
  ProblemPlan (*read)(Params& in, const ProblemContext& context);
  const char* summary;
};

std::span<const ProblemEntry> problems();

}  // namespace laconic::problems
