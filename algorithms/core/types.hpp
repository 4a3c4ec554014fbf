#pragma once

#include <Eigen/Core>
#include <Eigen/SparseCore>
#include <cstdint>

namespace laconic {

using Index = Eigen::Index;
using Vector = Eigen::VectorXd;                                                            // R^d, column
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;  // a sample a row
using SparseRows = Eigen::SparseMatrix<double, Eigen::RowMajor, std::int32_t>;             // a sample a row, CSR
using Round = std::int64_t;                                                                // k = 0, 1, 2, ...

}  // namespace laconic
