#include "algorithms/data/gram.hpp"

#include <Spectra/SymEigsSolver.h>
#include <Eigen/Eigenvalues>

#include <cmath>

#include "algorithms/base/error.hpp"

namespace laconic::data {
namespace {

constexpr Index dense_limit = 300;  // a dense eigenproblem of this order takes some milliseconds

struct GramOperator {
  using Scalar = double;
  std::span<const WeightedRows> blocks;
  Index d;
  Index rows() const { return d; }
  Index cols() const { return d; }
  void perform_op(const double* in, double* out) const {
    Vector y(d);
    gram_product(blocks, Eigen::Map<const Vector>(in, d), y);
    Eigen::Map<Vector>(out, d) = y;
  }
};

Index features(const WeightedRows& block) {
  return std::visit([](const auto& x) -> Index { return x.cols(); }, *block.x);
}
Index samples(const WeightedRows& block) {
  return std::visit([](const auto& x) -> Index { return x.rows(); }, *block.x);
}

double largest(const Eigen::MatrixXd& symmetric) {
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(symmetric, Eigen::EigenvaluesOnly);
  return std::max(0.0, solver.eigenvalues().maxCoeff());
}

}  // namespace

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
  if (blocks.size() == 1 && n <= dense_limit) {  // X X' has the same largest eigenvalue as X' X
    return std::visit(
        [&](const auto& x) { return largest(blocks.front().weight * Eigen::MatrixXd(x * x.transpose())); },
        *blocks.front().x);
  }
  const Index krylov = std::min<Index>(d, 40);
  GramOperator gram{blocks, d};
  Spectra::SymEigsSolver<GramOperator> solver(gram, 1, krylov);
  solver.init();
  solver.compute(Spectra::SortRule::LargestAlge, 2000, 1e-13);
  if (solver.info() != Spectra::CompInfo::Successful)
    throw RunError("the smoothness constant (an eigenvalue of X'X) did not converge");
  return std::max(0.0, solver.eigenvalues()[0]);
}

}  // namespace laconic::data
