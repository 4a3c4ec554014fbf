#include "algorithms/problems/logistic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "algorithms/core/error.hpp"
#include "algorithms/problems/newton.hpp"
#include "algorithms/problems/smoothness.hpp"

namespace laconic {
namespace {

// With e = exp(-|t|) nothing overflows for any margin t = y x' theta.
double log1p_exp_minus(double t, double e) { return std::log1p(e) + std::max(-t, 0.0); }
double sigmoid_minus(double t, double e) { return t >= 0 ? e / (1 + e) : 1 / (1 + e); }

class LogisticOracle final : public Oracle {
 public:
  LogisticOracle(Dataset data, const LogisticOptions& options)
      : x_(std::move(data.x)), y_(std::move(data.y)), l2_(options.l2), reduction_(options.reduction) {
    const Index d = std::visit([](const auto& x) -> Index { return x.cols(); }, x_);
    // Forward and backward products of a block meet in the cache. The size depends on d alone: results must not
    // depend on the machine.
    block_ = std::clamp<Index>(16384 / std::max<Index>(d, 1), 4, 256);
    margin_.resize(block_);
  }

  Index samples() const override { return y_.size(); }

  void gradient(const Vector& theta, const Batch& xi, Vector& g) const override { pass<false>(theta, xi, &g); }

  double loss(const Vector& theta, const Batch& xi, Vector* g) const override { return pass<true>(theta, xi, g); }

  double flops(const Batch& xi) const override {
    if (const auto* x = std::get_if<SparseRows>(&x_)) {
      if (xi.full) return 4.0 * static_cast<double>(x->nonZeros());
      double stored = 0;
      for (auto i : xi.rows) stored += x->outerIndexPtr()[i + 1] - x->outerIndexPtr()[i];
      return 4 * stored;
    }
    return 4.0 * static_cast<double>(xi.size) * static_cast<double>(std::get<RowMatrix>(x_).cols());
  }

  const Rows& rows() const { return x_; }
  const Vector& labels() const { return y_; }
  double sample_weight(const Batch& xi) const {
    if (reduction_ == Reduction::mean) return 1.0 / static_cast<double>(xi.size);
    return xi.full ? 1.0 : static_cast<double>(samples()) / static_cast<double>(xi.size);
  }

 private:
  template <bool with_loss>
  double pass(const Vector& theta, const Batch& xi, Vector* g) const {
    if (g) g->setZero(theta.size());
    double f = 0;
    if (const auto* dense = std::get_if<RowMatrix>(&x_); dense && xi.full)
      f = blocked<with_loss>(*dense, theta, g);
    else
      f = std::visit([&](const auto& x) { return by_row<with_loss>(x, theta, xi, g); }, x_);
    const double weight = sample_weight(xi);
    if (g) *g = weight * *g + l2_ * theta;
    return with_loss ? weight * f + (l2_ > 0 ? 0.5 * l2_ * theta.squaredNorm() : 0) : 0;
  }

  template <bool with_loss>
  double blocked(const RowMatrix& x, const Vector& theta, Vector* g) const {
    double f = 0;
    for (Index first = 0; first < x.rows(); first += block_) {
      const Index count = std::min(block_, x.rows() - first);
      const auto rows = x.middleRows(first, count);
      auto slope = margin_.head(count);
      slope.noalias() = rows * theta;
      for (Index i = 0; i < count; ++i) {
        const double y = y_[first + i], t = y * slope[i], e = std::exp(-std::abs(t));
        if (with_loss) f += log1p_exp_minus(t, e);
        slope[i] = -y * sigmoid_minus(t, e);
      }
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
      const double t = y_[i] * row.dot(theta), e = std::exp(-std::abs(t));
      if (with_loss) f += log1p_exp_minus(t, e);
      if (g) *g += (-y_[i] * sigmoid_minus(t, e)) * row.transpose();
    }
    return f;
  }

  Rows x_;
  Vector y_;
  double l2_;
  Reduction reduction_;
  Index block_;
  mutable Vector margin_;  // scratch: an oracle belongs to one worker, and a worker to one thread
};

}  // namespace

void make_binary_labels(Dataset& data) {
  std::set<double> classes;
  for (Index i = 0; i < data.y.size() && classes.size() <= 3; ++i) classes.insert(data.y[i]);
  if (classes.size() != 2) {
    std::string seen;
    for (double c : classes) seen += (seen.empty() ? "" : ", ") + (seen.size() > 40 ? "..." : fmt::format("{}", c));
    throw InputError(fmt::format("{}: expected labels of exactly two classes, got {}: {}", data.name,
                                 classes.size() > 3 ? "more than 3" : fmt::format("{}", classes.size()), seen));
  }
  const double high = *classes.rbegin();
  for (double& y : data.y) y = y == high ? 1 : -1;
}

ProblemPlan logistic(Params& in) {
  LogisticOptions options;
  const auto reduction = [&](const char* key, const char* meaning) {
    return in.choice(key, "sum", {"sum", "mean"}, meaning) == "sum" ? Reduction::sum : Reduction::mean;
  };
  options.l2 = in.number("l2", 0, non_negative, "(l2/2) ||theta||^2 is part of each f_m");
  options.objective = reduction("objective", "how the workers' f_m make up f");
  options.reduction = reduction("reduction", "how a worker's samples make up f_m");
  ProblemPlan plan;
  plan.prepare = [](Dataset& data, Dataset*) { make_binary_labels(data); };
  plan.make = [options](Samples samples, bool optimum) mutable {
    options.optimum = optimum;
    return make_logistic(std::move(samples.shards), options);
  };
  plan.unique_optimum = options.l2 > 0;
  plan.law = {0.25, options.reduction == Reduction::mean, options.l2};
  return plan;
}

Problem make_logistic(std::vector<Dataset> shards, const LogisticOptions& options) {
  Problem p;
  p.d = shards.front().features();
  p.objective = options.objective;
  const auto M = static_cast<double>(shards.size());

  std::vector<const LogisticOracle*> oracles;
  for (auto& shard : shards) {
    auto oracle = std::make_unique<LogisticOracle>(std::move(shard), options);
    oracles.push_back(oracle.get());
    p.workers.push_back(std::move(oracle));
  }

  std::vector<WeightedRows> blocks;
  for (const auto* f_m : oracles) {
    const double weight = f_m->sample_weight(Batch{{}, f_m->samples(), true});
    blocks.push_back({&f_m->rows(), weight});
    p.L_m.push_back(largest_gram_eigenvalue({&blocks.back(), 1}) / 4 + options.l2);
  }
  const bool mean = options.objective == Reduction::mean;
  p.L = largest_gram_eigenvalue(blocks) / 4 / (mean ? M : 1) + options.l2 * (mean ? 1 : M);

  p.accuracy = [oracles](const Vector& theta) {
    Index right = 0, all = 0;
    for (const auto* f_m : oracles) {
      const Vector score = std::visit([&](const auto& x) -> Vector { return x * theta; }, f_m->rows());
      for (Index i = 0; i < score.size(); ++i) right += (score[i] >= 0) == (f_m->labels()[i] > 0);
      all += score.size();
    }
    return static_cast<double>(right) / static_cast<double>(all);
  };

  if (options.optimum) {
    const auto curvature = [&](const Vector& theta) {
      Curvature c;
      c.diagonal = options.l2 * (mean ? 1 : M);
      for (std::size_t m = 0; m < oracles.size(); ++m) {
        Vector s = std::visit([&](const auto& x) -> Vector { return x * theta; }, oracles[m]->rows());
        for (double& z : s) {
          const double e = std::exp(-std::abs(z));
          z = e / ((1 + e) * (1 + e)) * blocks[m].weight / (mean ? M : 1);
        }
        c.blocks.push_back({blocks[m].x, std::move(s)});
      }
      return c;
    };
    p.optimum = minimum_by_newton(p, curvature);
  }
  return p;
}

}  // namespace laconic
