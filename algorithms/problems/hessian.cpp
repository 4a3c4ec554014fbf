#include "algorithms/problems/hessian.hpp"

#include <algorithm>

namespace laconic::problems {

Index rows_at_once(Index d) { return std::clamp<Index>(4'000'000 / std::max<Index>(d, 1), 1, 2000); }

RowMatrix dense_rows(const data::Rows& x, Index first, Index count) {
  return std::visit([&](const auto& rows) -> RowMatrix { return rows.middleRows(first, count); }, x);
}

Vector GramHessian::times(const Vector& v) const {
  Vector y = diagonal_part * v;
  for (const auto& block : blocks) {
    std::visit(
        [&](const auto& x) {
          const Vector z = block.s.cwiseProduct(x * v);
          y.noalias() += x.transpose() * z;
        },
        *block.x);
  }
  return y;
}

Vector GramHessian::diagonal() const {
  const Index d = std::visit([](const auto& x) -> Index { return x.cols(); }, *blocks.front().x);
  Vector out = Vector::Constant(d, diagonal_part);
  for (const auto& block : blocks)
    std::visit([&](const auto& x) { out.noalias() += x.cwiseAbs2().transpose() * block.s; }, *block.x);
  return out;
}

Index GramHessian::rows() const {
  Index n = 0;
  for (const auto& block : blocks) n += block.s.size();
  return n;
}

void GramHessian::each_rows(const Vector& scale, const std::function<void(const RowMatrix&)>& take) const {
  const Index some = rows_at_once(scale.size());
  for (const auto& block : blocks) {
    for (Index first = 0; first < block.s.size(); first += some) {
      const Index count = std::min(some, block.s.size() - first);
      const RowMatrix x = dense_rows(*block.x, first, count);
      take(block.s.segment(first, count).cwiseSqrt().asDiagonal() * x * scale.asDiagonal());
    }
  }
}

}  // namespace laconic::problems
