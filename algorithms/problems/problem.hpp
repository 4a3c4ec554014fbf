#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/core/parts.hpp"

namespace laconic {

/// sum: f = sum_m f_m; mean: f = (1/M) sum_m f_m. The same word says how a worker reduces its samples.
enum class Reduction { sum, mean };

/// What is minimised: the workers' local objectives and the constants methods ask for. (algorithms.md section 1)
struct Problem {
  Index d = 0;
  Reduction objective = Reduction::sum;
  std::vector<std::unique_ptr<Oracle>> workers;  ///< f_0, ..., f_{M-1}
  double L = 0;                                  ///< smoothness of f
  std::vector<double> L_m;                       ///< smoothness of each f_m
  std::optional<double> optimum;                 ///< min f, where it is unique and was asked for
  /// Share of training samples a model classifies rightly; empty where the word has no meaning.
  std::function<double(const Vector& theta)> accuracy;

  int M() const { return static_cast<int>(workers.size()); }
  double L_max() const;
  /// f(theta), and grad f if asked for, in worker order.
  double loss(const Vector& theta, Vector* gradient = nullptr) const;
};

}  // namespace laconic
