#include "algorithms/data/transforms.hpp"

#include <fmt/format.h>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "algorithms/base/error.hpp"
#include "algorithms/base/random.hpp"

namespace laconic::data {
namespace {

void scale_rows(Rows& x) {
  std::visit(
      [](auto& rows) {
        for (Index i = 0; i < rows.rows(); ++i)
          if (const double norm = rows.row(i).norm(); norm > 0) rows.row(i) /= norm;
      },
      x);
}

void scale_columns(Rows& x, const Vector& factor) {
  if (auto* dense = std::get_if<RowMatrix>(&x))
    *dense *= factor.asDiagonal();
  else
    std::get<SparseRows>(x) = std::get<SparseRows>(x) * factor.asDiagonal();
}

Vector largest_magnitudes(const Rows& x) {
  if (const auto* dense = std::get_if<RowMatrix>(&x)) return dense->cwiseAbs().colwise().maxCoeff();
  const auto& sparse = std::get<SparseRows>(x);
  Vector out = Vector::Zero(sparse.cols());
  for (Index i = 0; i < sparse.rows(); ++i)
    for (SparseRows::InnerIterator entry(sparse, i); entry; ++entry)
      out[entry.col()] = std::max(out[entry.col()], std::abs(entry.value()));
  return out;
}

Vector inverse_or_one(const Vector& v) {
  return v.unaryExpr([](double x) { return x > 0 ? 1 / x : 1; });
}

void standardise(Dataset& train, Dataset* test) {
  auto* x = std::get_if<RowMatrix>(&train.x);
  if (!x)
    throw InputError(train.name +
                     ": \"standardise\" would fill sparse data with what zeros become: \"max-abs\" keeps zeros, or "
                     "\"storage\": \"dense\" where there is room");
  const Eigen::RowVectorXd mean = x->colwise().mean();
  x->rowwise() -= mean;
  const Vector deviation = (x->colwise().squaredNorm() / static_cast<double>(x->rows())).cwiseSqrt();
  // A constant feature is left at 0, and not at its rounding errors blown up.
  const Vector factor = (deviation.array() > 1e-13 * mean.transpose().array().abs())
                            .select(inverse_or_one(deviation), Vector::Zero(deviation.size()));
  *x *= factor.asDiagonal();
  if (!test) return;
  if (auto* sparse = std::get_if<SparseRows>(&test->x)) test->x = RowMatrix(*sparse);
  auto& held = std::get<RowMatrix>(test->x);
  held.rowwise() -= mean;
  held *= factor.asDiagonal();
}

void apply(Dataset* data, const Eigen::MatrixXd& axes, const Eigen::RowVectorXd& shift) {
  if (!data) return;
  RowMatrix projected = std::visit([&](const auto& x) -> RowMatrix { return x * axes; }, data->x);
  projected.rowwise() -= shift;
  data->x = std::move(projected);
  data->shape.clear();
}

void check_dimension(const Dataset& data, Index dimension) {
  if (dimension > data.features())
    throw InputError(fmt::format("{}: expected a projection to at most the {} features there are, got {}", data.name,
                                 data.features(), dimension));
}

}  // namespace

void scale(Dataset& train, Dataset* test, Scaling how) {
  if (how == Scaling::standardise) standardise(train, test);
  if (how == Scaling::unit_rows) {
    scale_rows(train.x);
    if (test) scale_rows(test->x);
  }
  if (how == Scaling::max_abs) {
    const Vector factor = inverse_or_one(largest_magnitudes(train.x));
    scale_columns(train.x, factor);
    if (test) scale_columns(test->x, factor);
  }
}

void project_on_principal_axes(Dataset& train, Dataset* test, Index dimension) {
  check_dimension(train, dimension);
  constexpr Index most = 8000;  // an eigenproblem of that order takes minutes
  const Index n = train.samples(), d = train.features();
  if (std::min(n, d) > most)
    throw InputError(
        fmt::format("{}: principal axes of more than {} samples and features take too long: "
                    "\"random\" projects any number",
                    train.name, most));
  if (static_cast<double>(n) * static_cast<double>(d) > 1e9)
    throw InputError(
        fmt::format("{}: principal axes want at most 1e9 numbers, got {} x {}: \"random\" projects sparse data as they "
                    "are",
                    train.name, n, d));
  RowMatrix x = std::visit([](const auto& rows) { return RowMatrix(rows); }, train.x);
  const Eigen::RowVectorXd mean = x.colwise().mean();
  x.rowwise() -= mean;
  // The axes are eigenvectors of X'X; where samples are fewer, those of XX' lead to them.
  const bool by_samples = n < d;
  const Eigen::MatrixXd gram = by_samples ? Eigen::MatrixXd(x * x.transpose()) : Eigen::MatrixXd(x.transpose() * x);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram);
  Eigen::MatrixXd axes = Eigen::MatrixXd::Zero(d, dimension);
  for (Index j = 0; j < std::min(dimension, gram.rows()); ++j) {
    Vector axis = solver.eigenvectors().col(gram.rows() - 1 - j);
    if (by_samples) axis = (x.transpose() * axis).eval();
    if (const double norm = axis.norm(); norm > 1e-12) axis /= norm;
    Index largest = 0;
    axis.cwiseAbs().maxCoeff(&largest);
    axes.col(j) = axis[largest] < 0 ? Vector(-axis) : axis;  // an axis has two directions: take one by a rule
  }
  const Eigen::RowVectorXd shift = mean * axes;
  apply(&train, axes, shift);
  apply(test, axes, shift);
}

void project_at_random(Dataset& train, Dataset* test, Index dimension, std::uint64_t seed) {
  if (static_cast<double>(train.features()) * static_cast<double>(dimension) > 1e9)
    throw InputError(fmt::format("{}: expected a projection of at most 1e9 numbers, got {} x {}", train.name,
                                 train.features(), dimension));
  Rng rng(seed, Purpose::projection);
  Eigen::MatrixXd axes(train.features(), dimension);
  for (double& r : axes.reshaped()) r = rng.normal() / std::sqrt(static_cast<double>(dimension));
  const Eigen::RowVectorXd nothing = Eigen::RowVectorXd::Zero(dimension);
  apply(&train, axes, nothing);
  apply(test, axes, nothing);
}

void add_intercept(Dataset& data) {
  const Index n = data.samples(), d = data.features();
  if (auto* dense = std::get_if<RowMatrix>(&data.x)) {
    RowMatrix wider(n, d + 1);
    wider.leftCols(d) = *dense;
    wider.col(d).setOnes();
    *dense = std::move(wider);
  } else {
    auto& sparse = std::get<SparseRows>(data.x);
    SparseRows wider(n, d + 1);
    Eigen::VectorXi stored(n);
    for (Index i = 0; i < n; ++i) stored[i] = sparse.outerIndexPtr()[i + 1] - sparse.outerIndexPtr()[i] + 1;
    wider.reserve(stored);
    for (Index i = 0; i < n; ++i) {
      for (SparseRows::InnerIterator entry(sparse, i); entry; ++entry) wider.insert(i, entry.col()) = entry.value();
      wider.insert(i, d) = 1;
    }
    wider.makeCompressed();
    sparse.swap(wider);  // Eigen's sparse matrices have no move
  }
  data.shape.clear();
}

Dataset select(const Dataset& data, const std::vector<std::int32_t>& rows) {
  Dataset out{RowMatrix(), data.y(rows), data.name, data.shape, data.classes, data.columns};
  if (const auto* dense = std::get_if<RowMatrix>(&data.x)) {
    out.x = RowMatrix((*dense)(rows, Eigen::all));
    return out;
  }
  const auto& x = std::get<SparseRows>(data.x);
  SparseRows taken(static_cast<Index>(rows.size()), x.cols());
  Eigen::VectorXi stored(static_cast<Index>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i)
    stored[static_cast<Index>(i)] = x.outerIndexPtr()[rows[i] + 1] - x.outerIndexPtr()[rows[i]];
  taken.reserve(stored);
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (SparseRows::InnerIterator entry(x, rows[i]); entry; ++entry)
      taken.insert(static_cast<Index>(i), entry.col()) = entry.value();
  taken.makeCompressed();
  out.x = std::move(taken);
  return out;
}

Dataset split_off(Dataset& data, double share, std::uint64_t seed) {
  const auto n = static_cast<std::size_t>(data.samples());
  const auto held = static_cast<std::size_t>(std::llround(share * static_cast<double>(n)));
  if (held == 0 || held == n)
    throw InputError(fmt::format("{}: a test share of {} leaves {} of {} samples to {}", data.name, share, 0, n,
                                 held == 0 ? "test on" : "learn from"));
  std::vector<std::int32_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  Rng rng(seed, Purpose::test_set);
  for (std::size_t i = 0; i < held; ++i) std::swap(order[i], order[i + rng.below(n - i)]);
  std::vector<std::int32_t> test(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(held)),
      train(order.begin() + static_cast<std::ptrdiff_t>(held), order.end());
  std::sort(test.begin(), test.end());
  std::sort(train.begin(), train.end());
  Dataset out = select(data, test);
  data = select(data, train);
  return out;
}

}  // namespace laconic::data
