#pragma once

#include <span>

#include "algorithms/data/dataset.hpp"

namespace laconic::data {

struct WeightedRows {
  const Rows* x;
  double weight;
};

/// Rows and columns of a block.
Index samples(const WeightedRows& block);
Index features(const WeightedRows& block);

/// y = sum_m weight_m X_m' X_m v
void gram_product(std::span<const WeightedRows> blocks, const Eigen::Ref<const Vector>& v, Vector& y);

/// The largest eigenvalue of sum_m weight_m X_m' X_m, weight_m >= 0, to 1e-12 relative.
/// Small problems are solved densely, large ones by Lanczos' method (Spectra) without forming the matrix, both on the
/// smaller side: of as many rows and columns as there are features, or samples.
double largest_gram_eigenvalue(std::span<const WeightedRows> blocks);

}  // namespace laconic::data
