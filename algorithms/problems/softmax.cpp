#include "algorithms/problems/softmax.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "algorithms/problems/linear_kernels.hpp"
#include "algorithms/problems/newton.hpp"

namespace laconic::problems {

using namespace data;

namespace {

using Matrix = RowMatrix;
template <class Real>
using WeightsOf = Eigen::Map<const DenseRowsOf<Real>>;
using Weights = WeightsOf<double>;

// Rows a block of a dense pass: the products of a block meet in the cache.
Index block_rows(Index d) { return std::clamp<Index>(16384 / std::max<Index>(d, 1), 4, 256); }

// Eigen blocks matrix products by the caches it finds; the order of its sums must not depend on them.
void fix_blocking() { Eigen::setCpuCacheSizes(32 << 10, 512 << 10, 4 << 20); }

// Scores of samples (rows) for classes (columns) become probabilities; the sum of log sum exp is returned.
double to_probabilities(Eigen::Ref<Matrix> scores) {
  double f = 0;
  for (Index i = 0; i < scores.rows(); ++i) {
    auto z = scores.row(i);
    const double top = z.maxCoeff();
    z.array() -= top;
    exp_of_negatives(std::span(z.data(), static_cast<std::size_t>(z.size())));
    double sum = 0;
    for (const double e : z) sum += e;
    z /= sum;
    f += top + log_of_large(sum);
  }
  return f;
}

template <class Real>
class SoftmaxOracle final : public Oracle {
 public:
  SoftmaxOracle(RowsOf<Real> x, Vector y, const LinearOptions& options, Index classes)
      : x_(std::move(x)),
        y_(std::move(y)),
        classes_(classes),
        reduction_(options.reduction),
        regulariser_(options.regulariser()),
        slope_(block_rows(features()), classes),
        narrow_slope_(slope_.rows(), classes) {}

  Index samples() const override { return y_.size(); }
  void gradient(const Vector& theta, const Batch& xi, Vector& g) const override { loss(theta, xi, &g); }
  double flops(const Batch& xi) const override { return static_cast<double>(classes_) * product_flops(x_, xi); }

  double loss(const Vector& theta, const Batch& xi, Vector* g) const override {
    if (g) g->setZero(theta.size());
    const WeightsOf<Real> W(narrow_.theta(theta), features(), classes_);
    Real* sum = g ? narrow_.sum(*g) : nullptr;
    double f = 0;
    for (Index first = 0; first < xi.size; first += slope_.rows()) {
      const Index count = std::min(slope_.rows(), xi.size - first);
      f += std::visit([&](const auto& x) { return block(x, W, xi, first, count, sum); }, x_);
      if (g) narrow_.added(count, *g);
    }
    const double weight = sample_weight(reduction_, xi, samples());
    if (g) {
      narrow_.join(*g);
      *g *= weight;
      regulariser_.add_gradient(theta, *g);
    }
    return weight * f + regulariser_.value(theta);
  }

  Index features() const {
    return std::visit([](const auto& x) -> Index { return x.cols(); }, x_);
  }
  const RowsOf<Real>& rows() const { return x_; }
  const Vector& labels() const { return y_; }

 private:
  using Dense = DenseRowsOf<Real>;
  using Sparse = SparseRowsOf<Real>;

  double block(const Dense& x, const WeightsOf<Real>& W, const Batch& xi, Index first, Index count, Real* sum) const {
    if (xi.full) return products(x.middleRows(first, count), W, xi, first, count, sum);
    gathered_.resize(slope_.rows(), x.cols());
    for (Index i = 0; i < count; ++i) gathered_.row(i) = x.row(row_of(xi, first + i));
    return products(gathered_.topRows(count), W, xi, first, count, sum);
  }

  template <class Block>
  double products(const Block& rows, const WeightsOf<Real>& W, const Batch& xi, Index first, Index count,
                  Real* sum) const {
    auto slope = narrow_slope_.topRows(count);
    slope.noalias() = rows * W;
    const double f = slopes(xi, first, count);
    if (sum) Eigen::Map<Dense>(sum, W.rows(), W.cols()).noalias() += rows.transpose() * slope;
    return f;
  }

  double block(const Sparse& x, const WeightsOf<Real>& W, const Batch& xi, Index first, Index count, Real* sum) const {
    auto slope = narrow_slope_.topRows(count);
    slope.setZero();
    for (Index i = 0; i < count; ++i)
      for (typename Sparse::InnerIterator e(x, row_of(xi, first + i)); e; ++e)
        slope.row(i) += e.value() * W.row(e.col());
    const double f = slopes(xi, first, count);
    if (!sum) return f;
    Eigen::Map<Dense> G(sum, W.rows(), W.cols());
    for (Index i = 0; i < count; ++i)
      for (typename Sparse::InnerIterator e(x, row_of(xi, first + i)); e; ++e)
        G.row(e.col()) += e.value() * slope.row(i);
    return f;
  }

  // Scores become the loss's derivatives by them; the losses' sum is returned.
  double slopes(const Batch& xi, Index first, Index count) const {
    auto slope = slope_.topRows(count);
    slope = narrow_slope_.topRows(count).template cast<double>();
    double f = 0;
    for (Index i = 0; i < count; ++i) f -= slope(i, label(xi, first + i));
    f += to_probabilities(slope);
    for (Index i = 0; i < count; ++i) slope(i, label(xi, first + i)) -= 1;
    narrow_slope_.topRows(count) = slope.template cast<Real>();
    return f;
  }

  Index label(const Batch& xi, Index j) const { return static_cast<Index>(y_[row_of(xi, j)]); }

  RowsOf<Real> x_;
  Vector y_;
  Index classes_;
  Reduction reduction_;
  Regulariser regulariser_;
  // Scratch: an oracle belongs to one worker, and a worker to one thread.
  mutable Matrix slope_;
  mutable Dense narrow_slope_, gathered_;
  mutable Narrow<Real> narrow_;
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

  double shift() const override { return diagonal_part; }
  Index rows() const override {
    Index n = 0;
    for (const auto& b : blocks) n += b.p.size();
    return n;
  }

  // With q the square roots of p, diag(p) - p p' = F F', F = diag(q) (I - q q'): a row for each sample and column of F.
  void each_rows(const Vector& scale, const std::function<void(const RowMatrix&)>& take) const override {
    for (const auto& b : blocks) {
      const Index classes = b.p.cols(), features = scale.size() / classes;
      const Index some = std::max<Index>(1, rows_at_once(scale.size()) / classes);
      for (Index first = 0; first < b.p.rows(); first += some) {
        const Index count = std::min(some, b.p.rows() - first);
        const RowMatrix x = dense_rows(*b.x, first, count);
        RowMatrix out(count * classes, scale.size());
        for (Index i = 0; i < count; ++i) {
          const Vector q = b.p.row(first + i).cwiseSqrt();
          const Matrix F = std::sqrt(b.weight) * (Matrix(q.asDiagonal()) - q.cwiseAbs2() * q.transpose());
          for (Index j = 0; j < features; ++j)
            out.block(i * classes, j * classes, classes, classes) = x(i, j) * F.transpose();
        }
        take(out * scale.asDiagonal());
      }
    }
  }
};

template <class Real>
double softmax_accuracy(const RowsOf<Real>& x, const Vector& y, Index classes, const Vector& theta) {
  using Scores = DenseRowsOf<Real>;
  const auto weights = theta.cast<Real>().eval();
  const Scores score = std::visit(
      [&](const auto& rows) -> Scores { return rows * WeightsOf<Real>(weights.data(), rows.cols(), classes); }, x);
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
                                 classes.size() > most ? "more" : fmt::format("only {}", data.label_text(data.y[0]))));
  Index next = 0;
  for (auto& [value, number] : classes) number = next++;
  for (double& y : data.y) y = static_cast<double>(classes[y]);
  if (!test) return next;
  for (double& y : test->y) {
    const auto found = classes.find(y);
    if (found == classes.end())
      throw InputError(
          fmt::format("{}: expected a class of the training labels, got {}", test->name, test->label_text(y)));
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

  fix_blocking();
  std::vector<const SoftmaxOracle<double>*> oracles;
  for (auto& shard : shards) {
    if (options.precision == Precision::float32) round_to_float32(shard.x);
    auto oracle = std::make_unique<SoftmaxOracle<double>>(std::move(shard.x), std::move(shard.y), options, classes);
    oracles.push_back(oracle.get());
    p.workers.push_back(std::move(oracle));
  }
  std::vector<WeightedRows> blocks;
  for (const auto* f_m : oracles)
    blocks.push_back({&f_m->rows(), sample_weight(options.reduction, Batch{{}, f_m->samples(), true}, f_m->samples())});

  if (options.optimum) {
    const auto hessian = [&](const Vector& theta) {
      auto h = std::make_unique<SoftmaxHessian>();
      h->diagonal_part = options.l2 * (mean ? 1 : M);
      for (std::size_t m = 0; m < oracles.size(); ++m) {
        Matrix probability = std::visit(
            [&](const auto& x) -> Matrix { return x * Weights(theta.data(), x.cols(), classes); }, oracles[m]->rows());
        to_probabilities(probability);
        h->blocks.push_back({blocks[m].x, std::move(probability), blocks[m].weight / (mean ? M : 1)});
      }
      return h;
    };
    const double share = mean ? 1 / M : 1;
    Vector curvature = Vector::Zero(p.d);  // p (1 - p) <= 1/4
    for (const auto& block : blocks) {
      GramHessian gram;
      gram.blocks.push_back({block.x, Vector::Constant(data::samples(block), block.weight * share)});
      Eigen::Map<Matrix>(curvature.data(), features, classes).colwise() += 0.25 * gram.diagonal();
    }
    find_minimum(p, {.hessian = hessian,
                     .steepest = nullptr,
                     .curvature = curvature,
                     .shift = options.l2 * (mean ? 1 : M),
                     .float32 = options.precision == Precision::float32});
  }
  const auto held = test ? std::make_shared<const Dataset>(std::move(*test)) : nullptr;
  const auto finish = [&](const auto& last) {
    set_smoothness(p, last, 0.5, options);
    using Last = typename std::decay_t<decltype(last)>::value_type;
    if (held)
      p.accuracy = [held, classes](const Vector& theta) { return softmax_accuracy(held->x, held->y, classes, theta); };
    else
      p.accuracy = mean_accuracy(last, [classes](decltype(*Last{}) f_m, const Vector& theta) {
        return softmax_accuracy(f_m.rows(), f_m.labels(), classes, theta);
      });
  };
  if (options.precision == Precision::float64) {
    finish(oracles);
    return p;
  }
  std::vector<const SoftmaxOracle<float>*> narrow;
  for (std::size_t m = 0; m < oracles.size(); ++m) {
    auto oracle =
        std::make_unique<SoftmaxOracle<float>>(in_float32(oracles[m]->rows()), oracles[m]->labels(), options, classes);
    narrow.push_back(oracle.get());
    p.workers[m] = std::move(oracle);
  }
  finish(narrow);
  return p;
}

ProblemPlan softmax(Params& in, const ProblemContext&) {
  LinearOptions options = read_linear_options(in);
  const auto classes = std::make_shared<Index>(0);
  ProblemPlan plan =
      linear_plan(options, 0.5, [classes](Dataset& data, Dataset* test) { *classes = make_class_labels(data, test); });
  plan.cheap_features = 50;  // ten digits of 784 pixels take minutes
  plan.make = [options, classes](Samples samples, bool optimum) mutable {
    options.optimum = optimum;
    options.smoothness = false;
    return make_softmax(std::move(samples.shards), options, *classes, std::move(samples.test));
  };
  return plan;
}

}  // namespace laconic::problems
