#include "algorithms/methods/cosine_transform.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace laconic::methods {
namespace {

RowMatrix cosines(Index n) {
  RowMatrix out(n, n);
  for (Index k = 0; k < n; ++k)
    for (Index j = 0; j < n; ++j)
      out(k, j) = std::sqrt((k == 0 ? 1.0 : 2.0) / static_cast<double>(n)) *
                  std::cos(std::numbers::pi * static_cast<double>((2 * j + 1) * k) / static_cast<double>(2 * n));
  return out;
}

}  // namespace

CosineTransform::CosineTransform(const BlockModel& blocks) {
  for (const auto& layer : blocks.layers())
    for (const Index size : {layer.rows_of_block, layer.cols_of_block})
      if (!of_size_.contains(size)) of_size_.emplace(size, cosines(size));
}

// Row by row, and not by Eigen's products, whose order of sums depends on the caches that it finds.
template <class Visit>
void CosineTransform::for_each_block(const BlockModel& blocks, const Visit& visit) const {
  for (const auto& layer : blocks.layers()) {
    const RowMatrix &of_rows = of_size_.at(layer.rows_of_block), &of_cols = of_size_.at(layer.cols_of_block);
    for (Index n = 0; n < layer.blocks(); ++n) visit(layer.block(n), of_rows, of_cols);
  }
}

void CosineTransform::forward(const BlockModel& blocks, const Vector& v, Vector& coefficients) const {
  for_each_block(blocks, [&](const BlockModel::Block& block, const RowMatrix& of_rows, const RowMatrix& of_cols) {
    const auto row = [&](Vector& x, Index i) { return x.segment(block.offset + i * block.stride, block.cols); };
    std::array<double, most> storage;
    Eigen::Map<Vector> along(storage.data(), block.cols);
    for (Index a = 0; a < block.rows; ++a) row(coefficients, a).setZero();
    for (Index i = 0; i < block.rows; ++i) {
      for (Index b = 0; b < block.cols; ++b)
        along[b] = of_cols.row(b).transpose().dot(v.segment(block.offset + i * block.stride, block.cols));
      for (Index a = 0; a < block.rows; ++a) row(coefficients, a) += of_rows(a, i) * along;
    }
  });
}

void CosineTransform::back(const BlockModel& blocks, const Vector& coefficients, Vector& v) const {
  for_each_block(blocks, [&](const BlockModel::Block& block, const RowMatrix& of_rows, const RowMatrix& of_cols) {
    std::array<double, most> storage;
    Eigen::Map<Vector> along(storage.data(), block.cols);
    for (Index i = 0; i < block.rows; ++i) {
      along.setZero();
      for (Index a = 0; a < block.rows; ++a)
        along += of_rows(a, i) * coefficients.segment(block.offset + a * block.stride, block.cols);
      auto to = v.segment(block.offset + i * block.stride, block.cols);
      to.setZero();
      for (Index b = 0; b < block.cols; ++b) to += along[b] * of_cols.row(b).transpose();
    }
  });
}

}  // namespace laconic::methods
