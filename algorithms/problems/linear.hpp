#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "algorithms/core/error.hpp"
#include "algorithms/data/dataset.hpp"
#include "algorithms/problems/newton.hpp"
#include "algorithms/problems/registry.hpp"
#include "algorithms/problems/regulariser.hpp"
#include "algorithms/problems/smoothness.hpp"

// Objectives of a linear score: f_m(theta) = reduce_i phi(x_i' theta, y_i) + regulariser, over worker m's samples;
// reduce is a sum or a mean. (algorithms.md section 1) A problem is its phi:
//
//   struct Loss {
//     template <bool with_loss> double slope(double z, double y, double& f) const;  // d phi/dz; adds phi to f
//     double curvature(double z, double y) const;                                   // d^2 phi/dz^2
//     double bound() const;                                                         // of the curvature
//     static constexpr bool classifies;  // y is -1 or +1, and the sign of z says which
//   };

namespace laconic {

/// How the objectives of samples and workers are put together.
struct LinearOptions {
  double l2 = 0;
  Reduction objective = Reduction::sum;
  Reduction reduction = Reduction::sum;
  bool optimum = false;  ///< compute min f to machine precision
  double nonconvex = 0;

  Regulariser regulariser() const { return {l2, nonconvex}; }
};

enum class L2 { none, optional, required };

/// Reads "l2", if any, "nonconvex", "objective" and "reduction".
LinearOptions read_linear_options(Params& in, L2 l2 = L2::optional);

/// A plan whose smoothness law and known optimum follow from the options; `bound` is the loss's.
ProblemPlan linear_plan(const LinearOptions& options, double bound);

/// Flops of a forward and a backward product with the rows of a batch: 4 an entry.
double product_flops(const Rows& x, const Batch& xi);

/// Rows a block of a dense pass: forward and backward products of a block meet in the cache. The number depends on d
/// alone: results must not depend on the machine.
Index block_rows(Index d);

/// Sets L and L_m where `bound` bounds the loss's curvature: bound times the largest eigenvalue of X'X, to 1e-12
/// relative, plus the regulariser's part `own`.
void set_smoothness(Problem& p, std::span<const WeightedRows> blocks, double bound, double own);

/// The share of all workers' samples that is classified rightly, from each worker's own share.
template <class WorkersOracle, class Accuracy>
std::function<double(const Vector& theta)> mean_accuracy(std::vector<const WorkersOracle*> oracles, Accuracy accuracy) {
  return [oracles = std::move(oracles), accuracy](const Vector& theta) {
    double right = 0, all = 0;
    for (const auto* f_m : oracles) {
      const auto n = static_cast<double>(f_m->samples());
      right += std::round(n * accuracy(*f_m, theta));
      all += n;
    }
    return right / all;
  };
}

template <class Loss>
class LinearOracle final : public Oracle {
 public:
  LinearOracle(Dataset data, const LinearOptions& options, const Loss& loss)
      : x_(std::move(data.x)),
        y_(std::move(data.y)),
        reduction_(options.reduction),
        regulariser_(options.regulariser()),
        loss_(loss),
        slope_(block_rows(std::visit([](const auto& x) { return x.cols(); }, x_))) {}

  Index samples() const override { return y_.size(); }
  void gradient(const Vector& theta, const Batch& xi, Vector& g) const override { pass<false>(theta, xi, &g); }
  double loss(const Vector& theta, const Batch& xi, Vector* g) const override { return pass<true>(theta, xi, g); }
  double flops(const Batch& xi) const override { return product_flops(x_, xi); }

  const Rows& rows() const { return x_; }
  const Vector& labels() const { return y_; }

 private:
  template <bool with_loss>
  double pass(const Vector& theta, const Batch& xi, Vector* g) const {
    if (g) g->setZero(theta.size());
    double f = 0;
    if (const auto* dense = std::get_if<RowMatrix>(&x_); dense && xi.full)
      f = blocked<with_loss>(*dense, theta, g);
    else
      f = std::visit([&](const auto& x) { return by_row<with_loss>(x, theta, xi, g); }, x_);
    const double weight = sample_weight(reduction_, xi, samples());
    if (g) {
      *g *= weight;
      regulariser_.add_gradient(theta, *g);
    }
    return with_loss ? weight * f + regulariser_.value(theta) : 0;
  }

  template <bool with_loss>
  double blocked(const RowMatrix& x, const Vector& theta, Vector* g) const {
    double f = 0;
    for (Index first = 0; first < x.rows(); first += slope_.size()) {
      const Index count = std::min(slope_.size(), x.rows() - first);
      const auto rows = x.middleRows(first, count);
      auto slope = slope_.head(count);
      slope.noalias() = rows * theta;
      for (Index i = 0; i < count; ++i) slope[i] = loss_.template slope<with_loss>(slope[i], y_[first + i], f);
      if (g) g->noalias() += rows.transpose() * slope;
    }
    return f;
  }

  template <bool with_loss, class X>
  double by_row(const X& x, const Vector& theta, const Batch& xi, Vector* g) const {
    double f = 0;
    for (Index j = 0; j < xi.size; ++j) {
      const Index i = xi.full ? j : xi.rows[static_cast<std::size_t>(j)];
      const auto row = x.row(i);
      const double slope = loss_.template slope<with_loss>(row.dot(theta), y_[i], f);
      if (g) *g += slope * row.transpose();
    }
    return f;
  }

  Rows x_;
  Vector y_;
  Reduction reduction_;
  Regulariser regulariser_;
  Loss loss_;
  mutable Vector slope_;  // scratch: an oracle belongs to one worker, and a worker to one thread
};

/// The share of labels, -1 or +1, whose sign x' theta has.
inline double linear_accuracy(const Rows& x, const Vector& y, const Vector& theta) {
  const Vector score = std::visit([&](const auto& rows) -> Vector { return rows * theta; }, x);
  Index right = 0;
  for (Index i = 0; i < score.size(); ++i) right += (score[i] >= 0) == (y[i] > 0);
  return static_cast<double>(right) / static_cast<double>(y.size());
}

/// Throws RunError if the optimum was asked for and machine precision cannot be reached.
template <class Loss>
Problem make_linear(std::vector<Dataset> shards, std::optional<Dataset> test, const LinearOptions& options,
                    const Loss& loss) {
  Problem p;
  p.d = shards.front().features();
  p.objective = options.objective;
  const auto M = static_cast<double>(shards.size());
  const bool mean = options.objective == Reduction::mean;

  std::vector<const LinearOracle<Loss>*> oracles;
  for (auto& shard : shards) {
    auto oracle = std::make_unique<LinearOracle<Loss>>(std::move(shard), options, loss);
    oracles.push_back(oracle.get());
    p.workers.push_back(std::move(oracle));
  }

  std::vector<WeightedRows> blocks;
  for (const auto* f_m : oracles)
    blocks.push_back({&f_m->rows(), sample_weight(options.reduction, Batch{{}, f_m->samples(), true}, f_m->samples())});
  set_smoothness(p, blocks, loss.bound(), options.regulariser().smoothness());

  if constexpr (Loss::classifies) {
    if (test) {
      p.accuracy = [held = std::make_shared<const Dataset>(std::move(*test))](const Vector& theta) {
        return linear_accuracy(held->x, held->y, theta);
      };
    } else {
      p.accuracy = mean_accuracy(oracles, [](const LinearOracle<Loss>& f_m, const Vector& theta) {
        return linear_accuracy(f_m.rows(), f_m.labels(), theta);
      });
    }
  }

  if (options.optimum) {
    const auto hessian = [&](const Vector& theta) {
      GramHessian h;
      h.diagonal_part = options.l2 * (mean ? 1 : M);
      for (std::size_t m = 0; m < oracles.size(); ++m) {
        Vector s = std::visit([&](const auto& x) -> Vector { return x * theta; }, oracles[m]->rows());
        for (Index i = 0; i < s.size(); ++i)
          s[i] = loss.curvature(s[i], oracles[m]->labels()[i]) * blocks[m].weight / (mean ? M : 1);
        h.blocks.push_back({blocks[m].x, std::move(s)});
      }
      return std::make_unique<GramHessian>(std::move(h));
    };
    p.set_minimum(minimum_by_newton(p, hessian));
  }
  return p;
}

}  // namespace laconic
