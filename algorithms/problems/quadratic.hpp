#pragma once

#include <vector>

#include "algorithms/problems/registry.hpp"

namespace laconic::problems {

/// Quadratics of a given spectrum: f_m(theta) = (theta - c_m)' A (theta - c_m) / 2, A = Q diag(eigenvalues) Q', Q the
/// product of three random reflections (dense, yet multiplied in O(d)) or the identity. c_m = c + spread n_m, with c
/// and n_m standard normal vectors: spread 0 gives all workers one minimum.
struct QuadraticOptions {
  std::vector<double> eigenvalues;  ///< A's, each positive
  bool rotate = true;
  double spread = 0;
  double noise = 0;  ///< standard deviation of each component of a sample's gradient; a full batch has none
  Reduction objective = Reduction::mean;
};

Problem make_quadratic(int M, const QuadraticOptions& options, std::uint64_t seed);

/// Reads "dimension", "spectrum", "rotate", "spread", "noise" and "objective".
ProblemPlan quadratic(Params& in, const ProblemContext&);

}  // namespace laconic::problems
