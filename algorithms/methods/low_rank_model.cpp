#include "algorithms/methods/low_rank_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace laconic::methods {
namespace {

using Matrix = LowRankModel::Matrix;
using Factor = Eigen::Map<Eigen::MatrixXd>;
using ConstFactor = Eigen::Map<const Eigen::MatrixXd>;

// Calls visit(matrix, where its P begins, where its Q begins).
template <class Visit>
void for_each_matrix(const LowRankModel& layers, const Visit& visit) {
  Index at_P = 0, at_Q = 0;
  for (const Matrix& matrix : layers.matrices) {
    visit(matrix, at_P, at_Q);
    at_P += matrix.rows * matrix.rank;
    at_Q += matrix.cols * matrix.rank;
  }
}

template <class Part, class Size>
Index total(const std::vector<Part>& parts, const Size& size) {
  Index out = 0;
  for (const Part& part : parts) out += size(part);
  return out;
}

// Takes from column j what the columns before it have in it, twice, for the digits that the first time loses. Returns
// the length of what is left.
double take_away(Factor& A, Index j) {
  for (int turn = 0; turn < 2; ++turn)
    for (Index i = 0; i < j; ++i) A.col(j) -= A.col(i).dot(A.col(j)) * A.col(i);
  return A.col(j).norm();
}

void make_orthonormal(Factor A) {
  constexpr double rounding = 1e-12;  // what is left of a column that depends on others is less, relative to it
  for (Index j = 0; j < A.cols(); ++j) {
    double before = A.col(j).norm(), after = take_away(A, j);
    for (Index i = 0; after <= rounding * before && i < A.rows(); ++i) {
      A.col(j).setZero();
      A(i, j) = before = 1;
      after = take_away(A, j);
    }
    A.col(j) /= after;
  }
}

Index most_rank(const Matrix& matrix) { return std::min(matrix.rows, matrix.cols); }

LowRankModel layers_of(const std::vector<ParameterBlock>& blocks) {
  LowRankModel out;
  for (const auto& block : blocks) {
    if (block.rows == 1 || block.cols == 1)
      out.plain.push_back({block.offset, block.rows * block.cols});
    else
      out.matrices.push_back({block.offset, block.rows, block.cols, 0});
  }
  return out;
}

// The largest divisor of d whose square is at most d.
Index squarest_rows(Index d) {
  auto rows = static_cast<Index>(std::sqrt(static_cast<double>(d)));
  while (d % rows != 0) --rows;
  return rows;
}

}  // namespace

Index LowRankModel::size_of_P() const {
  return total(matrices, [](const Matrix& matrix) { return matrix.rows * matrix.rank; });
}
Index LowRankModel::size_of_Q() const {
  return total(matrices, [](const Matrix& matrix) { return matrix.cols * matrix.rank; });
}
Index LowRankModel::entries_of_matrices() const {
  return total(matrices, [](const Matrix& matrix) { return matrix.rows * matrix.cols; });
}
Index LowRankModel::size_of_plain() const {
  return total(plain, [](const Plain& part) { return part.size; });
}

// The products go through V once, row by row, for r is small. Eigen's would add up in an order that depends on the
// caches it finds.

void LowRankModel::multiply(const Vector& V, const Vector& Q, Vector& P) const {
  for_each_matrix(*this, [&](const Matrix& one, Index at_P, Index at_Q) {
    const ConstFactor from(Q.data() + at_Q, one.cols, one.rank);
    Factor to(P.data() + at_P, one.rows, one.rank);
    for (Index i = 0; i < one.rows; ++i)
      for (Index j = 0; j < one.rank; ++j) to(i, j) = V.segment(one.offset + i * one.cols, one.cols).dot(from.col(j));
  });
}

void LowRankModel::multiply_transposed(const Vector& V, const Vector& P, Vector& Q) const {
  for_each_matrix(*this, [&](const Matrix& one, Index at_P, Index at_Q) {
    const ConstFactor from(P.data() + at_P, one.rows, one.rank);
    Factor to(Q.data() + at_Q, one.cols, one.rank);
    to.setZero();
    for (Index i = 0; i < one.rows; ++i)
      for (Index j = 0; j < one.rank; ++j) to.col(j) += from(i, j) * V.segment(one.offset + i * one.cols, one.cols);
  });
}

void LowRankModel::multiply_back(const Vector& P, const Vector& Q, Vector& V) const {
  for_each_matrix(*this, [&](const Matrix& one, Index at_P, Index at_Q) {
    const ConstFactor left(P.data() + at_P, one.rows, one.rank), right(Q.data() + at_Q, one.cols, one.rank);
    for (Index i = 0; i < one.rows; ++i) {
      auto row = V.segment(one.offset + i * one.cols, one.cols);
      row = left(i, 0) * right.col(0);
      for (Index j = 1; j < one.rank; ++j) row += left(i, j) * right.col(j);
    }
  });
}

void LowRankModel::orthonormalise(Vector& P) const {
  for_each_matrix(*this, [&](const Matrix& one, Index at_P, Index) {
    make_orthonormal(Factor(P.data() + at_P, one.rows, one.rank));
  });
}

LowRankModel read_low_rank_model(const Setup& s, Params& in) {
  const Index rank = in.count("rank", 1, 1, "r, of the approximation of each matrix", 1'000'000);
  const bool whole =
      in.look("rows", "the layers', or the divisor of d next below its root", "a whole number that divides d",
              "of the one matrix that the gradient is read as, row by row");
  LowRankModel out = whole ? LowRankModel{} : layers_of(s.problem.blocks);
  if (!whole && !s.problem.blocks.empty()) {
    if (out.matrices.empty()) in.refuse("method", "the model's layers are vectors: \"rows\" reads them as one matrix");
  } else {
    const Index rows =
        whole ? in.count("rows", {}, 1, "of the one matrix that the gradient is read as, row by row", s.d())
              : squarest_rows(s.d());
    if (s.d() % rows != 0) in.fail("rows", fmt::format("a whole number that divides d = {}", s.d()));
    out.matrices = {{0, rows, s.d() / rows, 0}};
  }
  Index most = 0;
  for (Matrix& matrix : out.matrices) {
    matrix.rank = std::min(rank, most_rank(matrix));
    most = std::max(most, most_rank(matrix));
  }
  if (rank > most) in.fail("rank", fmt::format("at most {}, the largest rank of a matrix of this model", most));
  return out;
}

Vector read_first_Q(const Setup& s, Params& in, const LowRankModel& layers) {
  const bool coordinates =
      in.choice("init", "normal", {"normal", "coordinates"},
                "Q^0: drawn from N(0, 1), the same for all workers, or the first r columns of the identity") ==
      "coordinates";
  Vector out = Vector::Zero(layers.size_of_Q());
  Rng rng(s.round.seed, Purpose::start);
  if (!coordinates)
    for (double& entry : out) entry = rng.normal();
  for_each_matrix(layers, [&](const Matrix& one, Index, Index at_Q) {
    if (coordinates) Factor(out.data() + at_Q, one.cols, one.rank).setIdentity();
  });
  return out;
}

}  // namespace laconic::methods
