#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "algorithms/base/error.hpp"
#include "algorithms/data/dataset.hpp"
#include "algorithms/data/gram.hpp"
#include "algorithms/problems/linear_kernels.hpp"
#include "algorithms/problems/newton.hpp"
#include "algorithms/problems/registry.hpp"
#include "algorithms/problems/regulariser.hpp"

// Objectives of a linear score: f_m(theta) = reduce_i phi(x_i' theta, y_i) + regulariser, over worker m's samples;
// reduce is a sum or a mean. A problem is its phi:
//
//   struct Loss {
//     using Real = Simd<double>;                                             // some samples at a time
//     template <bool with_loss>
//     LACONIC_INLINE Real slope(Real z, Real y, Real& f) const;               // d phi/dz; adds phi to f
//     double curvature(double z, double y) const;                             // d^2 phi/dz^2
//     double bound() const;                                                   // the largest curvature
//     static constexpr bool classifies;  // y is -1 or +1, and the sign of z says which
//   };

namespace laconic::problems {

/// In which the data are stored and multiplied.
enum class Precision { float64, float32 };

/// How the objectives of samples and workers are put together.
struct LinearOptions {
  double l2 = 0;
  Reduction objective = Reduction::sum;
  Reduction reduction = Reduction::sum;
  bool optimum = false;    ///< compute min f, or why it is not certain
  bool smoothness = true;  ///< find L and L_m at once
  double nonconvex = 0;
  Precision precision = Precision::float64;

  Regulariser regulariser() const { return {l2, nonconvex}; }
};

enum class L2 { none, optional, required };

/// Reads "l2", if any, "nonconvex", "objective", "reduction" and "precision".
LinearOptions read_linear_options(Params& in, L2 l2 = L2::optional);

/// Checks labels of the whole data and of the test set, and translates them.
using PrepareLabels = std::function<void(data::Dataset& data, data::Dataset* test)>;

/// A plan whose smoothness law and known optimum follow from the options; `bound` is the loss's. It checks the features
/// before the labels.
ProblemPlan linear_plan(const LinearOptions& options, double bound, PrepareLabels labels);

/// The samples as float32 has them.
RowsOf<float> in_float32(const data::Rows& x);
void round_to_float32(data::Rows& x);

/// The samples as float64 has them, for which `wider` may be used.
inline const data::Rows* in_float64(const data::Rows& x, data::Rows&) { return &x; }
const data::Rows* in_float64(const RowsOf<float>& x, data::Rows& wider);

/// Sets L and L_m where `bound` bounds the loss's curvature: bound times the largest eigenvalue of X'X, to 1e-12
/// relative, plus the regulariser's part.
void set_smoothness(Problem& p, std::span<const data::WeightedRows> blocks, double bound, const LinearOptions& options);

/// Has find_smoothness() set L and L_m from the samples of the oracles, in whichever precision they have them.
template <class WorkersOracle>
void set_smoothness(Problem& p, const std::vector<const WorkersOracle*>& oracles, double bound,
                    const LinearOptions& options) {
  p.smoothness = [oracles, bound, options](Problem& problem) {
    std::vector<data::Rows> wider(oracles.size());  // float64, where the oracles have float32
    std::vector<data::WeightedRows> blocks;
    for (std::size_t m = 0; m < oracles.size(); ++m) {
      const Index n = oracles[m]->samples();
      blocks.push_back({in_float64(oracles[m]->rows(), wider[m]), sample_weight(options.reduction, {{}, n, true}, n)});
    }
    set_smoothness(problem, blocks, bound, options);
  };
  if (options.smoothness) p.find_smoothness();
}

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

template <class Loss, class Real>
class LinearOracle final : public Oracle {
 public:
  LinearOracle(RowsOf<Real> x, Vector y, const LinearOptions& options, const Loss& loss)
      : x_(std::move(x)),
        y_(std::move(y)),
        reduction_(options.reduction),
        regulariser_(options.regulariser()),
        loss_(loss) {}

  Index samples() const override { return y_.size(); }
  void gradient(const Vector& theta, const Batch& xi, Vector& g) const override { pass<false>(theta, xi, &g); }
  double loss(const Vector& theta, const Batch& xi, Vector* g) const override { return pass<true>(theta, xi, g); }
  double flops(const Batch& xi) const override { return product_flops(x_, xi); }

  const RowsOf<Real>& rows() const { return x_; }
  const Vector& labels() const { return y_; }

 private:
  template <bool with_loss>
  double pass(const Vector& theta, const Batch& xi, Vector* g) const {
    if (g) g->setZero(theta.size());
    const double f = std::visit(
        [&](const auto& x) {
          const auto rows = products(x);
          return for_widest_cpu([&](auto wide)
                                    LACONIC_INLINE { return over_blocks<with_loss, wide>(rows, theta, xi, g); });
        },
        x_);
    const double weight = sample_weight(reduction_, xi, samples());
    if (g) {
      *g *= weight;
      regulariser_.add_gradient(theta, *g);
    }
    return with_loss ? weight * f + regulariser_.value(theta) : 0;
  }

  template <bool with_loss, bool wide, class Products>
  LACONIC_INLINE double over_blocks(const Products& x, const Vector& theta, const Batch& xi, Vector* g) const {
    constexpr Index block = Products::block;
    std::array<Real, block> z, slope;  // not cleared: that would take as long as some rows
    std::array<double, block> y;
    const Real* narrow_theta = narrow_.theta(theta);
    Real* sum = g ? narrow_.sum(*g) : nullptr;
    double f = 0;
    const Index at_once = x.at_once();
    for (Index first = 0; first < xi.size; first += at_once) {
      const Index count = std::min(at_once, xi.size - first);
      const auto rows = x.find(xi, first, count);
      x.template scores<wide>(rows, count, narrow_theta, z.data());
      for (Index i = 0; i < count; ++i) y[static_cast<std::size_t>(i)] = y_[row_of(xi, first + i)];
      for (auto i = static_cast<std::size_t>(count); i % lanes<double> != 0; ++i) z[i] = 0, y[i] = 0;
      slopes<with_loss>(z, y, count, slope, f);
      if (!g) continue;
      x.template add<wide>(rows, count, slope.data(), sum);
      narrow_.added(count, *g);
    }
    if (g) narrow_.join(*g);
    return f;
  }

  template <bool with_loss, std::size_t block>
  LACONIC_INLINE void slopes(const std::array<Real, block>& z, const std::array<double, block>& y, Index count,
                             std::array<Real, block>& slope, double& f) const {
    constexpr std::size_t width = lanes<double>;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); i += width) {
      Simd<double> scores, phi{};
      if constexpr (std::is_same_v<Real, double>)
        scores = load(&z[i]);
      else
        for (std::size_t l = 0; l < width; ++l) scores[l] = z[i + l];
      const Simd<double> s = loss_.template slope<with_loss>(scores, load(&y[i]), phi);
      if constexpr (std::is_same_v<Real, double>)
        store<double>(&slope[i], s);
      else
        for (std::size_t l = 0; l < width; ++l) slope[i + l] = static_cast<Real>(s[l]);
      if (!with_loss) continue;
      for (std::size_t l = 0; l < width && i + l < static_cast<std::size_t>(count); ++l) f += phi[l];
    }
  }

  RowsOf<Real> x_;
  Vector y_;
  Reduction reduction_;
  Regulariser regulariser_;
  Loss loss_;
  mutable Narrow<Real> narrow_;  // scratch: an oracle belongs to one worker, and a worker to one thread
};

/// The share of labels, -1 or +1, whose sign x' theta has.
template <class Real>
double linear_accuracy(const RowsOf<Real>& x, const Vector& y, const Vector& theta) {
  using Scores = Eigen::Matrix<Real, Eigen::Dynamic, 1>;
  const Scores score = std::visit([&](const auto& rows) -> Scores { return rows * theta.cast<Real>(); }, x);
  Index right = 0;
  for (Index i = 0; i < score.size(); ++i) right += (score[i] >= 0) == (y[i] > 0);
  return static_cast<double>(right) / static_cast<double>(y.size());
}

template <class Loss, class Real>
void set_accuracy(Problem& p, const std::vector<const LinearOracle<Loss, Real>*>& oracles,
                  const std::shared_ptr<const data::Dataset>& test) {
  if (test)
    p.accuracy = [test](const Vector& theta) { return linear_accuracy(test->x, test->y, theta); };
  else
    p.accuracy = mean_accuracy(oracles, [](const LinearOracle<Loss, Real>& f_m, const Vector& theta) {
      return linear_accuracy(f_m.rows(), f_m.labels(), theta);
    });
}

/// Replaces the oracles by the same in float32.
template <class Loss>
std::vector<const LinearOracle<Loss, float>*> narrow_oracles(
    Problem& p, const std::vector<const LinearOracle<Loss, double>*>& oracles, const LinearOptions& options,
    const Loss& loss) {
  std::vector<const LinearOracle<Loss, float>*> narrow;
  for (std::size_t m = 0; m < oracles.size(); ++m) {
    auto oracle = std::make_unique<LinearOracle<Loss, float>>(in_float32(oracles[m]->rows()), oracles[m]->labels(),
                                                              options, loss);
    narrow.push_back(oracle.get());
    p.workers[m] = std::move(oracle);
  }
  return narrow;
}

/// L, L_m and the optimum are of the data as they are stored, in float64 arithmetic.
template <class Loss>
Problem make_linear(std::vector<data::Dataset> shards, std::optional<data::Dataset> test, const LinearOptions& options,
                    const Loss& loss) {
  Problem p;
  p.d = shards.front().features();
  p.objective = options.objective;
  const auto M = static_cast<double>(shards.size());
  const bool mean = options.objective == Reduction::mean;

  std::vector<const LinearOracle<Loss, double>*> oracles;
  for (auto& shard : shards) {
    if (options.precision == Precision::float32) round_to_float32(shard.x);
    auto oracle = std::make_unique<LinearOracle<Loss, double>>(std::move(shard.x), std::move(shard.y), options, loss);
    oracles.push_back(oracle.get());
    p.workers.push_back(std::move(oracle));
  }

  std::vector<data::WeightedRows> blocks;
  for (const auto* f_m : oracles)
    blocks.push_back({&f_m->rows(), sample_weight(options.reduction, Batch{{}, f_m->samples(), true}, f_m->samples())});

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
    auto steepest = std::make_shared<GramHessian>();
    steepest->diagonal_part = options.l2 * (mean ? 1 : M);
    for (const auto& block : blocks)
      steepest->blocks.push_back(
          {block.x, Vector::Constant(data::samples(block), loss.bound() * block.weight / (mean ? M : 1))});
    Vector curvature = steepest->diagonal().array() - steepest->diagonal_part;
    find_minimum(p, {.hessian = hessian,
                     .steepest = steepest,
                     .curvature = curvature.cwiseMax(0),
                     .shift = steepest->diagonal_part,
                     .float32 = options.precision == Precision::float32});
  }

  const auto held = test ? std::make_shared<const data::Dataset>(std::move(*test)) : nullptr;
  const auto finish = [&](const auto& last) {
    set_smoothness(p, last, loss.bound(), options);
    if constexpr (Loss::classifies) set_accuracy(p, last, held);
  };
  if (options.precision == Precision::float32)
    finish(narrow_oracles(p, oracles, options, loss));
  else
    finish(oracles);
  return p;
}

}  // namespace laconic::problems
