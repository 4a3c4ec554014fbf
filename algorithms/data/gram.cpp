#include "algorithms/data/gram.hpp"

#include <Spectra/SymEigsSolver.h>
#include <Eigen/Eigenvalues>

#include <cmath>

#include "algorithms/base/error.hpp"

namespace laconic::data {
namespace {

constexpr Index dense_limit = 300;  // a dense eigenproblem of this order takes some milliseconds

// B'B, or with as many eigenvalues BB', where B stacks the blocks' rows, each times the root of its weight.
struct GramOperator {
  using Scalar = double;
  std::span<const WeightedRows> blocks;
  Index n, d;
  double unit;  // what the product is divided by
  Index rows() const { return std::min(n, d); }
  Index cols() const { return rows(); }
  void perform_op(const double* in, double* out) const {
    Vector y;
    const Eigen::Map<const Vector> v(in, rows());
    if (d <= n)
      gram_product(blocks, v, y);
    else
      outer_product(v, y);
    Eigen::Map<Vector>(out, rows()) = y / unit;
  }

 private:
  void outer_product(const Eigen::Ref<const Vector>& v, Vector& y) const {
    Vector together = Vector::Zero(d);
    Index first = 0;
    for (const auto& block : blocks) {
      const Vector part = std::sqrt(block.weight) * v.segment(first, samples(block));
      std::visit([&](const auto& x) { together.noalias() += x.transpose() * part; }, *block.x);
      first += part.size();
    }
    y.resize(n);
    first = 0;
    for (const auto& block : blocks) {
      auto part = y.segment(first, samples(block));
      std::visit([&](const auto& x) { part.noalias() = x * together; }, *block.x);
      part *= std::sqrt(block.weight);
      first += part.size();
    }
  }
};

// Makes 0 what row i has anything at; a sparse one has little.
void clear(Vector& row, const Rows& x, Index i) {
  if (const auto* sparse = std::get_if<SparseRows>(&x))
    for (SparseRows::InnerIterator entry(*sparse, i); entry; ++entry) row[entry.col()] = 0;
  else
    row.setZero();
}

// BB', lower triangle.
Eigen::MatrixXd outer_gram(std::span<const WeightedRows> blocks, Index n, Index d) {
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(n, n);
  Vector row = Vector::Zero(d);  // one row at a time, dense
  Index i = 0;
  for (auto block = blocks.begin(); block != blocks.end(); ++block) {
    for (Index own = 0; own < samples(*block); ++own, ++i) {
      std::visit([&](const auto& x) { row += x.row(own); }, *block->x);
      Index first = i - own;
      for (auto other = block; other != blocks.end(); first += samples(*other), ++other) {
        const double weight = std::sqrt(block->weight * other->weight);
        std::visit([&](const auto& x) { out.col(i).segment(first, x.rows()) = weight * (x * row); }, *other->x);
      }
      clear(row, *block->x, own);
    }
  }
  return out;
}

// Rounding may take 0 below it; what is no number stays so.
double not_negative(double x) { return x < 0 ? 0 : x; }

double largest(const Eigen::MatrixXd& symmetric) {
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(symmetric, Eigen::EigenvaluesOnly);
  return not_negative(solver.eigenvalues()[symmetric.rows() - 1]);
}

double squares(std::span<const WeightedRows> blocks) {
  double sum = 0;
  for (const auto& block : blocks)
    sum += block.weight * std::visit([](const auto& x) { return x.squaredNorm(); }, *block.x);
  return sum;
}

double power_of_two_above(double x) { return x > 0 ? std::exp2(std::ceil(std::log2(x))) : 1; }

// Where the others are nothing beside it, which Lanczos' method does not bear.
double largest_by_powers(const GramOperator& gram) {
  Vector v = Vector::Ones(gram.rows()), next(gram.rows());
  double value = 0;
  for (int i = 0; i < 100'000; ++i) {
    v.normalize();
    gram.perform_op(v.data(), next.data());
    const double now = next.norm();
    if (std::abs(now - value) <= 1e-15 * now) return now * gram.unit;
    value = now;
    v.swap(next);
  }
  throw RunError("the smoothness constant (an eigenvalue of X'X) did not converge");
}

double largest_by_lanczos(GramOperator gram) {
  Spectra::SymEigsSolver<GramOperator> solver(gram, 1, std::min<Index>(gram.rows(), 40));
  try {
    solver.init();
    solver.compute(Spectra::SortRule::LargestAlge, 2000, 1e-13);
    if (solver.info() == Spectra::CompInfo::Successful) return not_negative(solver.eigenvalues()[0]) * gram.unit;
  } catch (const std::runtime_error&) {  // A factorisation inside it failed.
  }
  return largest_by_powers(gram);
}

}  // namespace

Index features(const WeightedRows& block) {
  return std::visit([](const auto& x) -> Index { return x.cols(); }, *block.x);
}
Index samples(const WeightedRows& block) {
  return std::visit([](const auto& x) -> Index { return x.rows(); }, *block.x);
}

void gram_product(std::span<const WeightedRows> blocks, const Eigen::Ref<const Vector>& v, Vector& y) {
  y.setZero(v.size());
  for (const auto& block : blocks) {
    std::visit(
        [&](const auto& x) {
          const Vector z = block.weight * (x * v);
          y.noalias() += x.transpose() * z;
        },
        *block.x);
  }
}

double largest_gram_eigenvalue(std::span<const WeightedRows> blocks) {
  const Index d = features(blocks.front());
  Index n = 0;
  for (const auto& block : blocks) n += samples(block);

  if (d <= dense_limit) {
    Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(d, d);
    for (const auto& block : blocks) {
      if (const auto* x = std::get_if<RowMatrix>(block.x))
        gram.selfadjointView<Eigen::Lower>().rankUpdate(x->transpose(), block.weight);
      else
        gram +=
            block.weight * Eigen::MatrixXd(std::get<SparseRows>(*block.x).transpose() * std::get<SparseRows>(*block.x));
    }
    return largest(gram);
  }
  if (n <= dense_limit) return largest(outer_gram(blocks, n, d));
  return largest_by_lanczos({blocks, n, d, power_of_two_above(squares(blocks))});
}

}  // namespace laconic::data
