#pragma once

#include <vector>

#include "algorithms/core/setup.hpp"

namespace laconic::methods {

/// A vector of d entries as matrices, row by row, and what is no matrix: a neural network's layers, or all of it as one
/// matrix. For each matrix of p rows and q columns there are a P of p x r and a Q of q x r; those of all matrices stand
/// one behind the other, column by column.
struct LowRankModel {
  struct Matrix {
    Index offset, rows, cols, rank;
  };
  struct Plain {  ///< a layer of one dimension
    Index offset, size;
  };
  std::vector<Matrix> matrices;
  std::vector<Plain> plain;

  Index size_of_P() const;
  Index size_of_Q() const;
  Index size_of_plain() const;
  Index entries_of_matrices() const;

  /// P = V Q
  void multiply(const Vector& V, const Vector& Q, Vector& P) const;
  /// Q = V' P
  void multiply_transposed(const Vector& V, const Vector& P, Vector& Q) const;
  /// V = P Q', where it is a matrix; the rest of V stays as it is.
  void multiply_back(const Vector& P, const Vector& Q, Vector& V) const;
  /// Makes each matrix's P an orthonormal basis of its columns' span. A column that is zero, or depends on those before
  /// it, gives way to the first unit vector that does not.
  void orthonormalise(Vector& P) const;
};

/// The entries of a part.
inline std::span<double> all_of(Vector& v, const LowRankModel::Plain& part) {
  return {v.data() + part.offset, static_cast<std::size_t>(part.size)};
}

/// Reads "rank" and "rows".
LowRankModel read_low_rank_model(const Setup& s, Params& in);
/// Reads "init": the Q of the first round.
Vector read_first_Q(const Setup& s, Params& in, const LowRankModel& layers);

}  // namespace laconic::methods
