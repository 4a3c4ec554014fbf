#pragma once

#include <map>

#include "algorithms/methods/blocks.hpp"

namespace laconic::methods {

/// The orthonormal discrete cosine transform (DCT-II) of each block of a vector, along its rows and its columns: n
/// numbers x_j become c_k sum_j x_j cos(pi (2 j + 1) k / (2 n)), c_0 = sqrt(1/n), c_k = sqrt(2/n). Its transpose leads
/// back.
class CosineTransform {
 public:
  static constexpr Index most = 1024;  ///< rows or columns of a block
  /// For the sizes of these blocks.
  explicit CosineTransform(const BlockModel& blocks);
  /// Both vectors have d entries, and are two.
  void forward(const BlockModel& blocks, const Vector& v, Vector& coefficients) const;
  void back(const BlockModel& blocks, const Vector& coefficients, Vector& v) const;

 private:
  template <class Visit>
  void for_each_block(const BlockModel& blocks, const Visit& visit) const;

  std::map<Index, RowMatrix> of_size_;  // row k: the k-th cosine
};

}  // namespace laconic::methods
