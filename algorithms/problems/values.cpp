#include "algorithms/problems/values.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "algorithms/base/error.hpp"

namespace laconic::problems {

using namespace data;

namespace {

constexpr double most = 1e300;  // of the squares together: what multiplies them later is no larger than 1e8

struct Place {
  double value = 0;
  Index row = 0, column = 0;
  void meet(double x, Index i, Index j) {
    if (!(std::abs(x) <= std::abs(value))) *this = {x, i, j};
  }
};

Place largest_of(const Rows& x) {
  Place out;
  if (const auto* dense = std::get_if<RowMatrix>(&x)) {
    for (Index i = 0; i < dense->rows(); ++i)
      for (Index j = 0; j < dense->cols(); ++j) out.meet((*dense)(i, j), i, j);
    return out;
  }
  const auto& sparse = std::get<SparseRows>(x);
  for (Index i = 0; i < sparse.rows(); ++i)
    for (SparseRows::InnerIterator entry(sparse, i); entry; ++entry) out.meet(entry.value(), i, entry.col());
  return out;
}

}  // namespace

void check_values(const Dataset& data, bool float32) {
  const double squares = std::visit([](const auto& x) { return x.squaredNorm(); }, data.x);
  if (squares <= (float32 ? 1e70 : most)) return;  // float32 ends at 3e38
  const Place at = largest_of(data.x);
  if (float32 && !(std::abs(at.value) <= std::numeric_limits<float>::max()))
    throw InputError(
        fmt::format("{}: sample {}, feature {}: {:g} is more than float32 holds: expected at most {:g}, or "
                    "\"precision\": \"float64\"",
                    data.name, at.row + 1, at.column + 1, at.value, std::numeric_limits<float>::max()));
  if (!(squares <= most))
    throw InputError(
        fmt::format("{}: sample {}, feature {}: {:g} is so large that squares overflow: expected values "
                    "whose squares add up to at most {:g}",
                    data.name, at.row + 1, at.column + 1, at.value, most));
}

void check_targets(const Dataset& data) {
  if (data.y.squaredNorm() <= most) return;
  Place at;
  for (Index i = 0; i < data.y.size(); ++i) at.meet(data.y[i], i, 0);
  throw InputError(
      fmt::format("{}: sample {}: the label {:g} is so large that its square overflows: expected labels "
                  "whose squares add up to at most {:g}",
                  data.name, at.row + 1, at.value, most));
}

}  // namespace laconic::problems
