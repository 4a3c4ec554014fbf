#pragma once

#include "algorithms/problems/registry.hpp"

namespace laconic::problems {

/// Objectives written down rather than learnt from data, on which papers derive orbits and counterexamples. Every
/// worker has the same one, f_m = f.
struct ToyOptions {
  enum class Function {
    quadratic,    ///< (curvature / 2) ||x||^2
    square_sine,  ///< x^2 + 3 sin^2 x, d = 1: not convex, but with the one minimum 0 and no other stationary point
  };
  Function function = Function::quadratic;
  double curvature = 1;
  Index d = 1;
  /// Standard deviation of the noise on the first component of a sample's gradient. A full batch has none.
  double noise = 0;
  Reduction objective = Reduction::mean;
};

Problem make_toy(int M, const ToyOptions& options, std::uint64_t seed);

/// Reads "function", "curvature", "dimension", "noise" and "objective".
ProblemPlan toy(Params& in, const ProblemContext&);

}  // namespace laconic::problems
