#include "algorithms/graphs/facts.hpp"

#include <Spectra/GenEigsSolver.h>
#include <Spectra/SymEigsSolver.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <stdexcept>

namespace laconic::graphs {
namespace {

constexpr int most_symmetric = 1000;                // a second of dense eigenvalues
constexpr int most_unsymmetric = 300;               // likewise
constexpr std::int64_t most_steps = 1'000'000'000;  // of a search from every node: some seconds

std::size_t at(int i) { return static_cast<std::size_t>(i); }

template <class Lists>
Degrees degrees(const Graph& graph, Lists lists) {
  Degrees out{std::numeric_limits<int>::max(), 0, 0};
  for (const auto& phase : graph.phases)
    for (const auto& list : lists(phase)) {
      const auto degree = static_cast<int>(list.size());
      out.least = std::min(out.least, degree);
      out.most = std::max(out.most, degree);
      out.mean += degree;
    }
  out.mean /= static_cast<double>(graph.phases.size()) * graph.nodes();
  return out;
}

// Nodes that `lists` lead to from node 0, in all phases together.
template <class Visit>
std::optional<int> unreached(const Graph& graph, Visit visit) {
  std::vector<bool> reached(at(graph.nodes()));
  std::vector<int> waiting{0};
  reached[0] = true;
  const auto reach = [&](int j) {
    if (reached[at(j)]) return;
    reached[at(j)] = true;
    waiting.push_back(j);
  };
  while (!waiting.empty()) {
    const int i = waiting.back();
    waiting.pop_back();
    for (const auto& phase : graph.phases) visit(phase, i, reach);
  }
  const auto first = std::find(reached.begin(), reached.end(), false);
  if (first == reached.end()) return {};
  return static_cast<int>(first - reached.begin());
}

// Rounds until the word of one node has reached all.
class Spreading {
 public:
  explicit Spreading(const Graph& graph) : graph_(graph), heard_(at(graph.nodes())) {}

  int rounds_from(int source) {
    std::fill(heard_.begin(), heard_.end(), 0);
    heard_[at(source)] = 1;
    know_.assign(1, source);
    int rounds = 0;
    std::size_t first = 0;  // on a fixed graph, those who have passed it on once need not again
    for (; know_.size() < heard_.size(); ++rounds) {
      const std::size_t end = know_.size();
      for (std::size_t n = first; n < end; ++n)
        for (const int j : graph_.at(rounds).out[at(know_[n])]) tell(j);
      if (graph_.fixed()) first = end;
    }
    return rounds;
  }

  std::int64_t steps() const { return steps_; }

 private:
  void tell(int j) {
    ++steps_;
    if (heard_[at(j)]) return;
    heard_[at(j)] = 1;
    know_.push_back(j);
  }

  const Graph& graph_;
  std::vector<char> heard_;  // faster than packed bits
  std::vector<int> know_;
  std::int64_t steps_ = 0;
};

// x -> (W_{T-1} ... W_0 - 11'/M) x: the eigenvalue 1, whose vector is 1, becomes 0, and the others stay, whatever the
// left vector is (Brauer).
class Deflated {
 public:
  using Scalar = double;
  explicit Deflated(const Graph& graph) : graph_(graph), next_(graph.nodes()) {}
  Eigen::Index rows() const { return next_.size(); }
  Eigen::Index cols() const { return next_.size(); }

  void perform_op(const double* x, double* y) const {
    const Eigen::Map<const Vector> in(x, rows());
    Eigen::Map<Vector> out(y, rows());
    out = in;
    for (const auto& phase : graph_.phases) {
      for (std::size_t i = 0; i < phase.own.size(); ++i) {
        double sum = phase.own[i] * out[static_cast<Eigen::Index>(i)];
        for (const auto& n : phase.in[i]) sum += n.weight * out[n.node];
        next_[static_cast<Eigen::Index>(i)] = sum;
      }
      out = next_;
    }
    out.array() -= in.mean();
  }

  Eigen::MatrixXd dense() const {
    Eigen::MatrixXd out(rows(), rows());
    Vector unit = Vector::Zero(rows());
    for (Eigen::Index j = 0; j < rows(); ++j) {
      unit[j] = 1;
      perform_op(unit.data(), out.col(j).data());
      unit[j] = 0;
    }
    return out;
  }

 private:
  const Graph& graph_;
  mutable Vector next_;
};

// As many restarts of a space of `lanczos_vectors` as take some seconds.
constexpr Eigen::Index lanczos_vectors = 40;
Eigen::Index most_restarts(Eigen::Index M) { return std::clamp<Eigen::Index>(1'000'000 / M, 10, 1000); }

// Solvers can break down and not notice: what they found is tried.
template <class Solver>
std::optional<double> greatest_modulus(Solver solver, Deflated& W) {
  try {
    solver.init();
    solver.compute(Spectra::SortRule::LargestMagn, most_restarts(W.rows()), 1e-12);
    if (solver.info() != Spectra::CompInfo::Successful || solver.eigenvalues().size() == 0) return {};
    const std::complex<double> value = solver.eigenvalues()[0];
    const Eigen::VectorXcd v = solver.eigenvectors().col(0);
    const Vector real = v.real(), imaginary = v.imag();
    Eigen::VectorXcd image(v.size());
    Vector part(v.size());
    W.perform_op(real.data(), part.data());
    image.real() = part;
    W.perform_op(imaginary.data(), part.data());
    image.imag() = part;
    if ((image - value * v).norm() <= 1e-8 * v.norm()) return std::abs(value);
  } catch (const std::exception&) {  // A factorisation inside it failed.
  }
  return {};
}

// Powers of W^2, W symmetric: where few eigenvalues are different, as those of a star, Lanczos' spaces break down.
std::optional<double> modulus_by_powers(const Deflated& W, Vector v) {
  Vector once(v.size()), twice(v.size());
  for (int i = 0; i < 100; ++i) {
    v.normalize();
    W.perform_op(v.data(), once.data());
    W.perform_op(once.data(), twice.data());
    const double square = v.dot(twice);
    if ((twice - square * v).norm() <= 1e-12 * square) return std::sqrt(square);
    v.swap(twice);
  }
  return {};
}

std::optional<double> radius_of_large(Deflated& W, bool same) {
  Vector any(W.rows()), image(W.rows());
  for (Eigen::Index i = 0; i < any.size(); ++i) any[i] = std::sin(static_cast<double>(i * i + 1));
  W.perform_op(any.data(), image.data());
  if (image.norm() <= 1e-13 * any.norm()) return 0;  // all eigenvalues are 0 but for rounding
  if (!same) return greatest_modulus(Spectra::GenEigsSolver<Deflated>(W, 2, lanczos_vectors), W);
  const auto by_powers = modulus_by_powers(W, any);
  return by_powers ? by_powers : greatest_modulus(Spectra::SymEigsSolver<Deflated>(W, 1, lanczos_vectors), W);
}

}  // namespace

bool symmetric(const Graph& graph) {
  for (const auto& phase : graph.phases)
    for (std::size_t i = 0; i < phase.in.size(); ++i)
      for (const auto& n : phase.in[i]) {
        const auto& back = phase.in[at(n.node)];
        const auto found = std::lower_bound(back.begin(), back.end(), static_cast<int>(i),
                                            [](const Phase::Neighbour& a, int node) { return a.node < node; });
        if (found == back.end() || found->node != static_cast<int>(i) ||
            !(std::abs(found->weight - n.weight) <= weights_tolerance))
          return false;
      }
  return true;
}

bool doubly_stochastic(const Graph& graph) {
  for (const auto& phase : graph.phases) {
    std::vector<double> sums = phase.own;
    for (const auto& in : phase.in)
      for (const auto& n : in) sums[at(n.node)] += n.weight;
    for (const double sum : sums)
      if (!(std::abs(sum - 1) <= weights_tolerance)) return false;
  }
  return true;
}

std::optional<Cut> parted(const Graph& graph) {
  const auto never_hears = unreached(graph, [](const Phase& phase, int i, auto reach) {
    for (const int j : phase.out[at(i)]) reach(j);
  });
  if (never_hears) return Cut{*never_hears, 0};
  const auto never_heard = unreached(graph, [](const Phase& phase, int i, auto reach) {
    for (const auto& n : phase.in[at(i)]) reach(n.node);
  });
  if (never_heard) return Cut{0, *never_heard};
  return {};
}

Degrees out_degrees(const Graph& graph) {
  return degrees(
      graph, [](const Phase& phase) -> const auto& { return phase.out; });
}

Degrees in_degrees(const Graph& graph) {
  return degrees(
      graph, [](const Phase& phase) -> const auto& { return phase.in; });
}

std::optional<int> diameter(const Graph& graph) {
  Spreading spreading(graph);
  int most = 0;
  for (int i = 0; i < graph.nodes(); ++i) {
    most = std::max(most, spreading.rounds_from(i));
    if (spreading.steps() > most_steps) return {};
  }
  return most;
}

std::optional<double> spectral_gap(const Graph& graph) {
  Deflated W(graph);
  const bool same = symmetric(graph) && graph.fixed();  // a product of symmetric matrices need not be symmetric
  std::optional<double> radius;
  if (same && graph.nodes() <= most_symmetric)
    radius = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(W.dense(), Eigen::EigenvaluesOnly)
                 .eigenvalues()
                 .cwiseAbs()
                 .maxCoeff();
  else if (graph.nodes() <= most_unsymmetric)
    radius = Eigen::EigenSolver<Eigen::MatrixXd>(W.dense(), false).eigenvalues().cwiseAbs().maxCoeff();
  else
    radius = radius_of_large(W, same);
  if (!radius || !std::isfinite(*radius)) return {};
  return 1 - *radius;
}

}  // namespace laconic::graphs
