#include "algorithms/problems/logistic.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>

#include "algorithms/base/error.hpp"
#include "algorithms/base/random.hpp"
#include "algorithms/data/gram.hpp"
#include "tests/catch.hpp"

using namespace laconic::tests;

namespace {

Dataset normal_data(Index n, Index d, std::uint64_t seed, double density = 1) {
  Rng rng(seed, Purpose::data);
  Dataset data{RowMatrix::Zero(n, d), Vector(n), "random"};
  auto& x = std::get<RowMatrix>(data.x);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < d; ++j)
      if (rng.uniform() < density) x(i, j) = rng.normal();
    data.y[i] = rng.uniform() < 0.5 ? 1 : -1;
  }
  return data;
}

Dataset sparse_copy(const Dataset& data) {
  return {SparseRows(std::get<RowMatrix>(data.x).sparseView()), data.y, data.name};
}

Problem problem_of(const std::vector<Dataset>& shards, const LinearOptions& options) {
  return make_logistic(shards, options);
}

Vector random_vector(Index d, std::uint64_t seed) {
  Rng rng(seed, Purpose::labels);
  Vector v(d);
  for (double& x : v) x = rng.normal();
  return v;
}

}  // namespace

TEST_CASE("gradients agree with finite differences: dense and sparse, sums and means, full and mini-batch") {
  const Dataset dense = normal_data(300, 7, 1, 0.5);
  const Vector theta = random_vector(7, 2);
  const std::vector<std::int32_t> rows{3, 3, 250, 0, 17};
  for (const Dataset& data : {dense, sparse_copy(dense)}) {
    for (const Reduction reduction : {Reduction::sum, Reduction::mean}) {
      const Problem p = problem_of({data}, {.l2 = 0.3, .reduction = reduction});
      for (const Batch& xi : {Batch{{}, 300, true}, Batch{rows, 5, false}}) {
        Vector g(7), g_alone(7);
        p.workers[0]->loss(theta, xi, &g);
        p.workers[0]->gradient(theta, xi, g_alone);
        CHECK((g - g_alone).norm() <= 1e-13 * g.norm());
        for (Index j = 0; j < 7; ++j) {
          const double h = 1e-5;
          Vector up = theta, down = theta;
          up[j] += h;
          down[j] -= h;
          CHECK(
              g[j] ==
              Approx((p.workers[0]->loss(up, xi) - p.workers[0]->loss(down, xi)) / (2 * h)).epsilon(1e-7).margin(1e-8));
        }
      }
    }
  }
}

TEST_CASE("dense and sparse storage give the same problem") {
  const Dataset dense = normal_data(120, 9, 3, 0.3);
  const Problem a = problem_of({dense}, {.l2 = 0.1, .optimum = true}),
                b = problem_of({sparse_copy(dense)}, {.l2 = 0.1, .optimum = true});
  const Vector theta = random_vector(9, 4);
  CHECK(a.loss(theta) == Approx(b.loss(theta)).epsilon(1e-14));
  CHECK(a.L == Approx(b.L).epsilon(1e-12));
  CHECK(*a.optimum == Approx(*b.optimum).epsilon(1e-14));
  CHECK(a.accuracy(theta) == b.accuracy(theta));
  // Flops: 4 n d when dense, 4 for each stored entry when sparse.
  const std::vector<std::int32_t> rows{1, 5};
  const Vector stored = (std::get<RowMatrix>(dense.x).array() != 0).cast<double>().rowwise().sum();
  CHECK(a.workers[0]->flops({{}, 120, true}) == 4 * 120 * 9);
  CHECK(a.workers[0]->flops({rows, 2, false}) == 4 * 2 * 9);
  CHECK(b.workers[0]->flops({{}, 120, true}) == 4 * stored.sum());
  CHECK(b.workers[0]->flops({rows, 2, false}) == 4 * (stored[1] + stored[5]));
}

TEST_CASE("a mini-batch estimates a sum over n samples by n/b times its own") {
  const Dataset data = normal_data(50, 4, 5);
  const Problem p = problem_of({data}, {.l2 = 0.2, .reduction = Reduction::sum});
  const Vector theta = random_vector(4, 6);
  Vector full(4), mean = Vector::Zero(4), g(4);
  p.workers[0]->gradient(theta, {{}, 50, true}, full);
  for (std::int32_t i = 0; i < 50; i += 5) {
    const std::vector<std::int32_t> rows{i, i + 1, i + 2, i + 3, i + 4};
    p.workers[0]->gradient(theta, {rows, 5, false}, g);
    mean += g / 10;
  }
  CHECK((mean - full).norm() <= 1e-12 * full.norm());
}

TEST_CASE("the loss neither overflows nor loses its tail") {
  Dataset data{RowMatrix::Ones(2, 1), Vector(2), "two"};
  data.y << 1, -1;
  const Problem p = problem_of({data}, {});
  Vector theta(1), g(1);
  for (const double t : {0.0, 1e-8, 40.0, 800.0, -800.0, 1e300}) {
    theta[0] = t;
    const double f = p.loss(theta, &g);
    CHECK(f == Approx(std::abs(t) + 2 * std::log1p(std::exp(-std::abs(t)))).epsilon(1e-14));
    CHECK(std::abs(g[0]) == Approx(std::tanh(std::abs(t) / 2)).epsilon(1e-12).margin(1e-15));
  }
}

TEST_CASE("objective: the sum of the workers' f_m, or their mean, smoothness to match") {
  const std::vector<Dataset> shards{normal_data(30, 5, 7), normal_data(20, 5, 8), normal_data(10, 5, 9)};
  const Problem sum = problem_of(shards, {.l2 = 0.1, .objective = Reduction::sum, .reduction = Reduction::mean});
  const Problem mean = problem_of(shards, {.l2 = 0.1, .objective = Reduction::mean, .reduction = Reduction::mean});
  const Vector theta = random_vector(5, 10);
  Vector gs, gm;
  CHECK(sum.loss(theta, &gs) == Approx(3 * mean.loss(theta, &gm)).epsilon(1e-14));
  CHECK((gs - 3 * gm).norm() <= 1e-13 * gs.norm());
  CHECK(sum.L == Approx(3 * mean.L).epsilon(1e-13));
  // lambda_max(sum_m X_m' X_m / n_m) / 4 + l2 M, from the definition
  Eigen::MatrixXd h = Eigen::MatrixXd::Zero(5, 5);
  for (const auto& shard : shards) {
    const auto& x = std::get<RowMatrix>(shard.x);
    h += x.transpose() * x / static_cast<double>(x.rows());
  }
  CHECK(sum.L == Approx(h.selfadjointView<Eigen::Lower>().eigenvalues().maxCoeff() / 4 + 0.3).epsilon(1e-12));
  CHECK(sum.L_max() == *std::max_element(sum.L_m.begin(), sum.L_m.end()));
}

TEST_CASE("the largest eigenvalue: dense, by X X' and by Lanczos, to 1e-12") {
  for (const auto& [n, d] :
       std::vector<std::pair<Index, Index>>{{40, 20}, {40, 400}, {500, 400}, {700, 350}, {1, 1}, {3, 1000}}) {
    const Rows dense = normal_data(n, d, 11).x, sparse = SparseRows(std::get<RowMatrix>(dense).sparseView());
    const auto& x = std::get<RowMatrix>(dense);
    const Eigen::MatrixXd small = n < d ? Eigen::MatrixXd(x * x.transpose()) : Eigen::MatrixXd(x.transpose() * x);
    const double expected = 0.5 * small.selfadjointView<Eigen::Lower>().eigenvalues().maxCoeff();
    for (const Rows* rows : {&dense, &sparse}) {
      const WeightedRows block{rows, 0.5};
      CHECK(largest_gram_eigenvalue({&block, 1}) == Approx(expected).epsilon(1e-12));
      const WeightedRows twice[] = {{rows, 0.25}, {rows, 0.25}};
      CHECK(largest_gram_eigenvalue(twice) == Approx(expected).epsilon(1e-12));
    }
  }
  const Rows zero = RowMatrix(RowMatrix::Zero(4, 3));
  const WeightedRows block{&zero, 1};
  CHECK(largest_gram_eigenvalue({&block, 1}) == 0);
}

TEST_CASE("the optimum is one: no gradient step finds less, and convexity bounds what is left") {
  for (const double l2 : {1e-6, 1e-2, 10.0}) {
    for (const Index d : {3, 40, 600}) {  // 600: conjugate gradients instead of Cholesky
      const std::vector<Dataset> shards{normal_data(60, d, 12), normal_data(50, d, 13)};
      const Problem p = problem_of(shards, {.l2 = l2, .optimum = true});
      Vector theta = Vector::Zero(d), g(d);
      double f = 0;
      for (int k = 0; k < 300; ++k) {
        f = p.loss(theta, &g);
        theta -= g / p.L;
      }
      CHECK(f >= *p.optimum - 1e-14 * std::abs(f));
      // f - f* >= ||grad||^2 / (2 L) and <= ||grad||^2 / (2 mu), mu = M l2
      CHECK(f - *p.optimum <= g.squaredNorm() / (4 * l2) + 1e-13 * std::abs(f));
      CHECK(f - *p.optimum >= g.squaredNorm() / (2 * p.L) - 1e-13 * std::abs(f));
    }
  }
}

TEST_CASE("the optimum survives features of very different scale") {
  Dataset data = normal_data(200, 6, 14);
  auto& x = std::get<RowMatrix>(data.x);
  for (Index j = 0; j < 6; ++j) x.col(j) *= std::pow(10.0, static_cast<double>(j) - 2);
  const Problem p = problem_of({data}, {.l2 = 1e-3, .optimum = true});
  CHECK(std::isfinite(*p.optimum));
  CHECK(*p.optimum < p.loss(Vector::Zero(6)));
}

TEST_CASE("labels of any two values become -1 and +1, anything else is refused") {
  Dataset data{RowMatrix::Zero(3, 1), Vector(3), "x.svm"};
  data.y << 1, 2, 1;
  make_binary_labels(data);
  CHECK(data.y == Eigen::Vector3d(-1, 1, -1));
  data.y << 1, 1, 1;
  CHECK_THROWS_WITH(make_binary_labels(data), "x.svm: expected labels of exactly two classes, got 1: 1");
  data.y << 1, 2, 3;
  CHECK_THROWS_WITH(make_binary_labels(data), "x.svm: expected labels of exactly two classes, got 3: 1, 2, 3");
  Dataset many{RowMatrix::Zero(5, 1), Vector::LinSpaced(5, 0, 4), "y"};
  CHECK_THROWS_WITH(make_binary_labels(many), "y: expected labels of exactly two classes, got more than 3: 0, 1, 2, 3");
}
