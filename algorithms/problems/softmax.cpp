#include "algorithms/problems/softmax.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>

namespace laconic {
namespace {

using Matrix = RowMatrix;
using Weights = Eigen::Map<const RowMatrix>;

// Scores of samples (rows) for classes (columns) become probabilities; the sum of log sum exp is returned.
double to_probabilities(Eigen::Ref<Matrix> scores) {
  double f = 0;
  for (Index i = 0; i < scores.rows(); ++i) {
    auto z = scores.row(i);
    const double top = z.maxCoeff();
    z = (z.array() - top).exp();
    const double sum = z.sum();
    z /= sum;
    f += top + std::log(sum);
  }
  return f;
}

class SoftmaxOracle final : public Oracle {
 public:
  SoftmaxOracle(Dataset data, const LinearOptions& options, Index classes)
      : x_(std::move(data.x)),
        y_(std::move(data.y)),
        classes_(classes),
        reduction_(options.reduction),
        regulariser_(options.regulariser()),
        slope_(block_rows(features()), classes) {}

  Index samples() const override { return y_.size(); }
  void gradient(const Vector& theta, const Batch& xi, Vector& g) const override { loss(theta, xi, &g); }
  double flops(const Batch& xi) const override { return static_cast<double>(classes_) * product_flops(x_, xi); }

  double loss(const Vector& theta, const Batch& xi, Vector* g) const override {
    if (g) g->setZero(theta.size());
    double f = 0;
    if (const auto* dense = std::get_if<RowMatrix>(&x_); dense && xi.full)
      f = blocked(*dense, theta, g);
    else
      f = std::visit([&](const auto& x) { return by_row(x, theta, xi, g); }, x_);
    const double weight = sample_weight(reduction_, xi, samples());
    if (g) {
      *g *= weight;
      regulariser_.add_gradient(theta, *g);
    }
    return weight * f + regulariser_.value(theta);
  }

  Index features() const {
    return std::visit([](const auto& x) -> Index { return x.cols(); }, x_);
  }
  const Rows& rows() const { return x_; }
  const Vector& labels() const { return y_; }

 private:
  double blocked(const RowMatrix& x, const Vector& theta, Vector* g) const {
    const Weights W(theta.data(), features(), classes_);
    double f = 0;
    for (Index first = 0; first < x.rows(); first += slope_.rows()) {
      const Index count = std::min(slope_.rows(), x.rows() - first);
      const auto rows = x.middleRows(first, count);
      auto slope = slope_.topRows(count);
      slope.noalias() = rows * W;
      for (Index i = 0; i < count; ++i) f -= slope(i, label(first + i));
      f += to_probabilities(slope);
      if (!g) continue;
      for (Index i = 0; i < count; ++i) slope(i, label(first + i)) -= 1;
      Eigen::Map<RowMatrix>(g->data(), features(), classes_).noalias() += rows.transpose() * slope;
    }
    return f;
  }

  template <class X>
  double by_row(const X& x, const Vector& theta, const Batch& xi, Vector* g) const {
    const Weights W(theta.data(), features(), classes_);
    auto slope = slope_.topRows(1);
    double f = 0;
    for (Index j = 0; j < xi.size; ++j) {
      const Index i = xi.full ? j : xi.rows[static_cast<std::size_t>(j)];
      slope.setZero();
      for (typename X::InnerIterator entry(x, i); entry; ++entry) slope += entry.value() * W.row(entry.col());
      f -= slope(0, label(i));
      f += to_probabilities(slope);
      if (!g) continue;
      slope(0, label(i)) -= 1;
      Eigen::Map<RowMatrix> G(g->data(), features(), classes_);
      for (typename X::InnerIterator entry(x, i); entry; ++entry) G.row(entry.col()) += entry.value() * slope;
    }
    return f;
  }

  Index label(Index i) const { return static_cast<Index>(y_[i]); }

  Rows x_;
  Vector y_;
  Index classes_;
  Reduction reduction_;
  Regulariser regulariser_;
  mutable Matrix slope_;  // scratch: an oracle belongs to one worker, and a worker to one thread
};

// sum_i weight (diag(p_i) - p_i p_i') (x) x_i x_i' + diagonal I
class SoftmaxHessian final : public Hessian {
 public:
  struct Block {
    const Rows* x;
    Matrix p;  ///< probabilities, a sample a row
    double weight;
  };
  std::vector<Block> blocks;
  double diagonal_part = 0;

  Vector times(const Vector& v) const override {
    Vector out = diagonal_part * v;
    for (const auto& b : blocks) {
      std::visit(
          [&](const auto& x) {
            const Weights V(v.data(), x.cols(), b.p.cols());
            Matrix z = x * V;
            const Vector mean = z.cwiseProduct(b.p).rowwise().sum();
            z = b.weight * b.p.cwiseProduct(z.colwise() - mean);
            Eigen::Map<RowMatrix>(out.data(), x.cols(), b.p.cols()) += x.transpose() * z;
          },
          *b.x);
    }
    return out;
  }

  Vector diagonal() const override {
    Vector out;
    for (const auto& b : blocks) {
      std::visit(
          [&](const auto& x) {
            if (out.size() == 0) out = Vector::Constant(x.cols() * b.p.cols(), diagonal_part);
            const Matrix variance = b.weight * b.p.array() * (1 - b.p.array());
            Eigen::Map<RowMatrix>(out.data(), x.cols(), b.p.cols()) += x.cwiseAbs2().transpose() * variance;
          },
          *b.x);
    }
    return out;
  }
};

double softmax_accuracy(const Rows& x, const Vector& y, Index classes, const Vector& theta) {
  const Matrix score =
      std::visit([&](const auto& rows) -> Matrix { return rows * Weights(theta.data(), rows.cols(), classes); }, x);
  Index right = 0;
  for (Index i = 0; i < score.rows(); ++i) {
    Index best = 0;
    score.row(i).maxCoeff(&best);
    right += best == static_cast<Index>(y[i]);
  }
  return static_cast<double>(right) / static_cast<double>(y.size());
}

}  // namespace

Index make_class_labels(Dataset& data, Dataset* test) {
  constexpr std::size_t most = 10000;
  std::map<double, Index> classes;
  for (Index i = 0; i < data.y.size() && classes.size() <= most; ++i) classes.emplace(data.y[i], 0);
  if (classes.size() < 2 || classes.size() > most)
    throw InputError(fmt::format("{}: expected labels of 2 to {} classes, got {}", data.name, most,
                                 classes.size() > most ? "more" : fmt::format("only {}", data.y[0])));
  Index next = 0;
  for (auto& [value, number] : classes) number = next++;
  for (double& y : data.y) y = static_cast<double>(classes[y]);
  if (!test) return next;
  for (double& y : test->y) {
    const auto found = classes.find(y);
    if (found == classes.end())
      throw InputError(fmt::format("{}: expected a class of the training labels, got {}", test->name, y));
    y = static_cast<double>(found->second);
  }
  return next;
}

Problem make_softmax(std::vector<Dataset> shards, const LinearOptions& options, Index classes,
                     std::optional<Dataset> test) {
  Problem p;
  const Index features = shards.front().features();
  p.d = features * classes;
  p.blocks = {{"weights", 0, features, classes}};
  p.objective = options.objective;
  const auto M = static_cast<double>(shards.size());
  const bool mean = options.objective == Reduction::mean;

  std::vector<const SoftmaxOracle*> oracles;
  for (auto& shard : shards) {
    auto oracle = std::make_unique<SoftmaxOracle>(std::move(shard), options, classes);
    oracles.push_back(oracle.get());
    p.workers.push_back(std::move(oracle));
  }
  std::vector<WeightedRows> blocks;
  for (const auto* f_m : oracles)
    blocks.push_back({&f_m->rows(), sample_weight(options.reduction, Batch{{}, f_m->samples(), true}, f_m->samples())});
  set_smoothness(p, blocks, 0.5, options.regulariser().smoothness());

  if (test) {
    p.accuracy = [held = std::make_shared<const Dataset>(std::move(*test)), classes](const Vector& theta) {
      return softmax_accuracy(held->x, held->y, classes, theta);
    };
  } else {
    p.accuracy = mean_accuracy(oracles, [classes](const SoftmaxOracle& f_m, const Vector& theta) {
      return softmax_accuracy(f_m.rows(), f_m.labels(), classes, theta);
    });
  }
  if (options.optimum) {
    p.set_minimum(minimum_by_newton(p, [&](const Vector& theta) {
      auto h = std::make_unique<SoftmaxHessian>();
      h->diagonal_part = options.l2 * (mean ? 1 : M);
      for (std::size_t m = 0; m < oracles.size(); ++m) {
        Matrix probability = std::visit(
            [&](const auto& x) -> Matrix { return x * Weights(theta.data(), x.cols(), classes); }, oracles[m]->rows());
        to_probabilities(probability);
        h->blocks.push_back({blocks[m].x, std::move(probability), blocks[m].weight / (mean ? M : 1)});
      }
      return h;
    }));
  }
  return p;
}

ProblemPlan softmax(Params& in, const ProblemContext&) {
  LinearOptions options = read_linear_options(in);
  ProblemPlan plan = linear_plan(options, 0.5);
  plan.cheap_features = 50;  // ten digits of 784 pixels take minutes
  const auto classes = std::make_shared<Index>(0);
  plan.prepare = [classes](Dataset& data, Dataset* test) { *classes = make_class_labels(data, test); };
  plan.make = [options, classes](Samples samples, bool optimum) mutable {
    options.optimum = optimum;
    return make_softmax(std::move(samples.shards), options, *classes, std::move(samples.test));
  };
  return plan;
}

}  // namespace laconic
