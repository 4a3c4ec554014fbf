#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "algorithms/core/types.hpp"

namespace laconic::data {

/// Samples, one a row, dense or sparse.
using Rows = std::variant<RowMatrix, SparseRows>;

/// What a table's header calls its columns; all empty where it has none.
struct ColumnNames {
  std::vector<std::string> features;  ///< in the order of x's columns
  std::string label;
  std::vector<std::string> ignored;
};

/// Labelled samples.
struct Dataset {
  Rows x;                                 ///< n x d
  Vector y;                               ///< n labels as given (class numbers, +-1, or real values)
  std::string name;                       ///< what to call it in reports: a path, or a generator's name
  std::vector<Index> shape = {};          ///< one sample's, e.g. {28, 28} for an image; empty: {d}
  std::vector<std::string> classes = {};  ///< where labels were words: what the labels 0, 1, ... stand for
  ColumnNames columns = {};               ///< as read: what is done to the features later does not change them

  /// A label as its file has it.
  std::string label_text(double label) const;

  Index samples() const { return y.size(); }
  Index features() const {
    return std::visit([](const auto& rows) -> Index { return rows.cols(); }, x);
  }
  /// Stored entries: n d when dense, the non-zeros when sparse.
  Index stored() const {
    const auto* sparse = std::get_if<SparseRows>(&x);
    return sparse ? sparse->nonZeros() : samples() * features();
  }
};

/// What a problem learns from.
struct Samples {
  std::vector<Dataset> shards;       ///< one a worker
  std::optional<Dataset> test = {};  ///< what accuracy is judged on; absent: the shards
};

/// What a generator must know of the problem to hit given smoothness constants:
/// L_m = bound * lambda_max(X_m' X_m) / (n_m if `mean`) + l2.
struct SmoothnessLaw {
  double bound = 0.25;  ///< 0: nothing is known
  bool mean = false;
  double l2 = 0;
};

}  // namespace laconic::data
