#include <Eigen/Eigenvalues>
#include <cmath>
#include <set>

#include "algorithms/base/error.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/base/random.hpp"
#include "algorithms/methods/registry.hpp"
#include "algorithms/problems/registry.hpp"
#include "tests/catch.hpp"

// What every problem promises, whatever its loss: gradients that are gradients, batches that estimate, constants that
// bound, minima that nothing undercuts.

using namespace laconic::tests;
using nlohmann::json;

namespace {

// Two or more settings of every registered problem; a new one is missed by the first test below.
const std::vector<json>& settings() {
  static const std::vector<json> all{
      {{"type", "least-squares"}},
      {{"type", "least-squares"}, {"reduction", "mean"}, {"objective", "mean"}},
      {{"type", "logistic"}, {"l2", 0.1}},
      {{"type", "logistic"}, {"l2", 0.02}, {"nonconvex", 0.3}, {"reduction", "mean"}},
      {{"type", "quadratic"}, {"spectrum", {0.5, 3, 7}}, {"spread", 2}},
      {{"type", "quadratic"},
       {"spectrum", {{"type", "geometric"}, {"min", 0.01}, {"max", 10}}},
       {"dimension", 6},
       {"rotate", false},
       {"objective", "sum"}},
      {{"type", "quadratic"}, {"spectrum", {{"type", "tridiagonal"}}}, {"dimension", 5}},
      {{"type", "ridge"}, {"l2", 0.5}, {"reduction", "mean"}},
      {{"type", "ridge"}, {"l2", 0.5}, {"nonconvex", 1}},
      {{"type", "smooth-svm"}, {"l2", 0.1}},
      {{"type", "smooth-svm"}, {"l2", 0.1}, {"smoothing", 0.25}, {"objective", "mean"}, {"reduction", "mean"}},
      {{"type", "softmax"}, {"l2", 0.1}},
      {{"type", "softmax"}, {"l2", 0.05}, {"objective", "mean"}, {"reduction", "mean"}},
      {{"type", "softmax"}, {"nonconvex", 0.1}},
      {{"type", "toy"}, {"function", "quadratic"}, {"dimension", 3}},
      {{"type", "toy"}, {"function", "square-sine"}}};
  return all;
}

Vector normal_vector(Index d, std::uint64_t seed) {
  Rng rng(seed, Purpose::noise);
  Vector v(d);
  for (double& x : v) x = rng.normal();
  return v;
}

Dataset normal_data(Index n, Index d, int classes, std::uint64_t seed, double shift = 0) {
  Rng rng(seed, Purpose::data);
  Dataset data{RowMatrix::Zero(n, d), Vector(n), "random"};
  for (double& x : std::get<RowMatrix>(data.x).reshaped())
    if (rng.uniform() < 0.6) x = rng.normal();
  for (Index i = 0; i < n; ++i) data.y[i] = shift + static_cast<double>(rng.below(static_cast<std::uint64_t>(classes)));
  return data;
}

ProblemPlan plan_of(const json& block) {
  Params in(block, "s.json", "/problem");
  in.ignore("type");
  ProblemPlan plan = find(problems::problems(), block["type"].get<std::string>())->read(in, {});
  in.finish("the problem");
  return plan;
}

// Three workers of different size.
Problem problem_of(const json& block, bool sparse = false, bool optimum = false) {
  const ProblemPlan plan = plan_of(block);
  if (plan.make_alone) return plan.make_alone(3, 7);
  const int classes = block["type"] == "softmax" ? 4 : 2;
  std::vector<Dataset> shards;
  for (Index n : {40, 25, 60}) shards.push_back(normal_data(n, 5, classes, static_cast<std::uint64_t>(n), 3));
  for (auto& shard : shards) plan.prepare(shard, nullptr);
  if (sparse)
    for (auto& shard : shards) shard.x = SparseRows(std::get<RowMatrix>(shard.x).sparseView());
  Problem p = plan.make({std::move(shards), {}}, optimum);
  p.find_smoothness();
  return p;
}

bool convex(const json& block) { return !block.contains("nonconvex") && block.value("function", "") != "square-sine"; }

double gap_of(double a, double b) { return std::abs(a - b) / std::max({1e-300, std::abs(a), std::abs(b)}); }

}  // namespace

TEST_CASE("law: the gradient that comes with a loss is the gradient, bit for bit") {
  for (const auto& block : settings()) {
    for (const bool sparse : {false, true}) {
      for (const char* precision : {"float64", "float32"}) {
        INFO(block << (sparse ? ", sparse, " : ", ") << precision);
        json with = block;
        if (precision == std::string("float32")) with["precision"] = precision;
        try {
          plan_of(with);
        } catch (const InputError&) {
          continue;  // has no precision
        }
        const Problem p = problem_of(with, sparse);
        const Vector theta = normal_vector(p.d, 5);
        for (const auto& f_m : p.workers) {
          const Batch all{{}, f_m->samples(), true};
          Vector alone(p.d), with_loss(p.d);
          f_m->gradient(theta, all, alone);
          f_m->loss(theta, all, &with_loss);
          CHECK(alone == with_loss);
        }
      }
    }
  }
}

TEST_CASE("a gradient that a row has measured is not computed again, but that of any other model or batch is") {
  Problem p = problem_of({{"type", "logistic"}, {"l2", 0.1}}), plain = problem_of({{"type", "logistic"}, {"l2", 0.1}});
  struct Counting final : Oracle {
    Counting(std::unique_ptr<Oracle> inner, int& count) : oracle(std::move(inner)), calls(count) {}
    Index samples() const override { return oracle->samples(); }
    void gradient(const Vector& theta, const Batch& xi, Vector& g) const override {
      ++calls;
      oracle->gradient(theta, xi, g);
    }
    double loss(const Vector& theta, const Batch& xi, Vector* g) const override { return oracle->loss(theta, xi, g); }
    double flops(const Batch& xi) const override { return oracle->flops(xi); }
    std::unique_ptr<Oracle> oracle;
    int& calls;
  };
  int calls = 0;
  p.workers[0] = std::make_unique<Counting>(std::move(p.workers[0]), calls);
  remember_gradients(p);
  const std::vector<std::int32_t> some{0, 3, 4};
  const Batch all{{}, p.workers[0]->samples(), true}, few{some, 3, false};
  const Vector theta = normal_vector(p.d, 5), other = normal_vector(p.d, 6);
  Vector g(p.d), expected(p.d);
  const auto check = [&](const Vector& at, const Batch& xi, int calls_then) {
    p.workers[0]->gradient(at, xi, g);
    plain.workers[0]->gradient(at, xi, expected);
    CHECK(g == expected);
    CHECK(calls == calls_then);
  };
  check(theta, all, 1);
  p.loss(theta);  // without a gradient
  check(theta, all, 2);
  Vector measured;
  p.loss(theta, &measured);
  check(theta, all, 2);
  check(theta, few, 3);
  check(other, all, 4);
  check(theta, all, 4);
}

TEST_CASE("every problem has settings here") {
  std::set<std::string> seen;
  for (const auto& block : settings()) seen.insert(block["type"].get<std::string>());
  seen.insert("neural");    // libtorch may be absent: tests/problems/test_neural.cpp
  seen.insert("workload");  // has neither loss nor gradient
  for (const auto& entry : problems::problems()) CHECK(seen.contains(entry.name));
}

TEST_CASE("gradients agree with finite differences, with and without the loss, full and mini-batch") {
  for (const auto& block : settings()) {
    for (const bool sparse : {false, true}) {
      INFO(block.dump() << (sparse ? " sparse" : " dense"));
      const Problem p = problem_of(block, sparse);
      const Oracle& f = *p.workers[1];
      const Vector theta = 0.7 * normal_vector(p.d, 2);
      const std::vector<std::int32_t> rows{3, 3, 20, 0, 17};
      for (const Batch& xi : {Batch{{}, f.samples(), true}, Batch{rows, 5, false}}) {
        if (!xi.full && f.samples() < 25) continue;
        Vector g(p.d), alone(p.d);
        f.loss(theta, xi, &g);
        f.gradient(theta, xi, alone);
        CHECK((g - alone).norm() <= 1e-13 * g.norm());
        for (Index j = 0; j < p.d; ++j) {
          const double h = 1e-5;
          Vector up = theta, down = theta;
          up[j] += h;
          down[j] -= h;
          CHECK(g[j] == Approx((f.loss(up, xi) - f.loss(down, xi)) / (2 * h)).epsilon(1e-6).margin(1e-6));
        }
      }
    }
  }
}

TEST_CASE("dense and sparse storage are one problem") {
  for (const auto& block : settings()) {
    const Problem a = problem_of(block), b = problem_of(block, true);
    if (block["type"] == "toy" || block["type"] == "quadratic") continue;
    INFO(block.dump());
    const Vector theta = normal_vector(a.d, 3);
    Vector ga, gb;
    CHECK(gap_of(a.loss(theta, &ga), b.loss(theta, &gb)) < 1e-13);
    CHECK((ga - gb).norm() < 1e-13 * ga.norm());
    CHECK(gap_of(a.L, b.L) < 1e-12);
    if (a.accuracy) CHECK(a.accuracy(theta) == b.accuracy(theta));
  }
}

TEST_CASE("batches that go through all samples average to the full gradient") {
  for (const auto& block : settings()) {
    INFO(block.dump());
    const Problem p = problem_of(block);
    const Oracle& f = *p.workers[0];
    if (f.samples() != 40) continue;
    const Vector theta = normal_vector(p.d, 4);
    Vector full(p.d), mean = Vector::Zero(p.d), g(p.d);
    f.gradient(theta, {{}, 40, true}, full);
    for (std::int32_t i = 0; i < 40; i += 4) {
      const std::vector<std::int32_t> rows{i, i + 1, i + 2, i + 3};
      f.gradient(theta, {rows, 4, false}, g);
      mean += g / 10;
    }
    CHECK((mean - full).norm() <= 1e-12 * full.norm());
  }
}

TEST_CASE("L and L_m bound how fast gradients turn, tightly where they are exact") {
  for (const auto& block : settings()) {
    INFO(block.dump());
    const Problem p = problem_of(block);
    REQUIRE(p.smooth());
    REQUIRE(p.L_m.size() == 3);
    const auto steepest = [&](auto&& gradient) {  // a power iteration with differences of gradients
      Vector v = normal_vector(p.d, 5).normalized();
      const Vector base = 0.1 * normal_vector(p.d, 6);
      double rate = 0;
      for (int i = 0; i < 200; ++i) {
        const Vector turn = (gradient(base + 1e-4 * v) - gradient(base)) / 1e-4;
        rate = turn.norm();
        if (rate == 0) break;
        v = turn / rate;
      }
      return rate;
    };
    const auto whole = [&](const Vector& theta) {
      Vector g;
      p.loss(theta, &g);
      return g;
    };
    const double L = steepest(whole);
    CHECK(L <= p.L * (1 + 1e-6));
    const bool exact = convex(block) && (block["type"] == "least-squares" || block["type"] == "ridge" ||
                                         block["type"] == "quadratic" || block["type"] == "toy");
    if (exact) CHECK(L == Approx(p.L).epsilon(1e-6));
    for (std::size_t m = 0; m < 3; ++m) {
      const double L_m = steepest([&](const Vector& theta) {
        Vector g(p.d);
        p.workers[m]->gradient(theta, {{}, p.workers[m]->samples(), true}, g);
        return g;
      });
      CHECK(L_m <= p.L_m[m] * (1 + 1e-6));
      if (exact) CHECK(L_m == Approx(p.L_m[m]).epsilon(1e-6));
    }
  }
}

TEST_CASE("the optimum: its gradient is next to nothing, and no step finds less") {
  for (const auto& block : settings()) {
    if (!plan_of(block).no_optimum.empty()) continue;
    for (const bool sparse : {false, true}) {
      INFO(block.dump());
      const Problem p = problem_of(block, sparse, true);
      REQUIRE(p.optimum);
      REQUIRE(p.minimiser.size() == p.d);
      Vector g, at_start;
      p.loss(Vector::Constant(p.d, 1.0), &at_start);
      CHECK(p.loss(p.minimiser, &g) == *p.optimum);
      CHECK(g.norm() < 1e-10 * at_start.norm());
      for (std::uint64_t i = 0; i < 20; ++i) {
        const Vector away = p.minimiser + 1e-3 * normal_vector(p.d, i);
        CHECK(p.loss(away) >= *p.optimum - 1e-14 * std::abs(*p.optimum));
      }
    }
  }
}

TEST_CASE("problems whose minimum is not certain say why") {
  const auto reason = [](const json& block) { return plan_of(block).no_optimum; };
  CHECK(reason({{"type", "logistic"}}) ==
        "/problem/l2: expected a positive number, as loss_gap needs a unique optimum, got 0");
  CHECK(reason({{"type", "smooth-svm"}, {"l2", 1}, {"nonconvex", 0.5}}) ==
        "/problem/nonconvex: expected 0, as loss_gap needs a convex problem, whose minimum can be certain, got 0.5");
  CHECK(reason({{"type", "least-squares"}}).empty());
}

TEST_CASE("least squares that many models solve, or all of them exactly, still have a minimum") {
  const ProblemPlan plan = plan_of({{"type", "least-squares"}});
  for (const Index d : {30, 700}) {  // a null space: Cholesky fails; conjugate gradients stay out of it
    std::vector<Dataset> shards{normal_data(10, d, 5, 1), normal_data(10, d, 5, 2)};
    std::get<RowMatrix>(shards[0].x).col(3).setZero();
    std::get<RowMatrix>(shards[1].x).col(3).setZero();
    const Problem p = plan.make({std::move(shards), {}}, true);
    CHECK(*p.optimum <= 1e-14 * p.loss(Vector::Zero(d)));
  }
}

TEST_CASE("flops: 4 an entry and class") {
  const std::vector<std::int32_t> rows{1, 5};
  for (const auto& [type, classes] : std::vector<std::pair<std::string, int>>{{"ridge", 1}, {"softmax", 4}}) {
    json block{{"type", type}, {"l2", 1}};
    const Problem p = problem_of(block), q = problem_of(block, true);
    CHECK(p.workers[0]->flops({{}, 40, true}) == 4 * 40 * 5 * classes);
    CHECK(p.workers[0]->flops({rows, 2, false}) == 4 * 2 * 5 * classes);
    CHECK(q.workers[0]->flops({{}, 40, true}) < p.workers[0]->flops({{}, 40, true}));
  }
}

TEST_CASE("accuracy is of the test set where there is one") {
  for (const char* type : {"logistic", "smooth-svm", "softmax"}) {
    INFO(type);
    const json block{{"type", type}, {"l2", 0.1}};
    const ProblemPlan plan = plan_of(block);
    Dataset train = normal_data(50, 4, 2, 1), test = normal_data(20, 4, 2, 2);
    for (Dataset* data : {&train, &test}) {  // feature 0 says the class
      auto& x = std::get<RowMatrix>(data->x);
      for (Index i = 0; i < data->samples(); ++i) x(i, 0) = data->y[i] == 0 ? -1 : 1;
    }
    std::get<RowMatrix>(test.x).col(0).head(5) *= -1;
    plan.prepare(train, &test);
    const bool softmax = std::string(type) == "softmax";
    Vector theta = Vector::Zero(softmax ? 8 : 4);
    theta[softmax ? 1 : 0] = 1;
    CHECK(plan.make({{train, train}, {}}, false).accuracy(theta) == 1);
    CHECK(plan.make({{train}, test}, false).accuracy(theta) == 0.75);
  }
  CHECK(!problem_of({{"type", "ridge"}, {"l2", 1}}).accuracy);
}

TEST_CASE("class labels: any numbers in ascending order, test labels by the same count") {
  const ProblemPlan plan = plan_of({{"type", "softmax"}});
  Dataset data{RowMatrix::Zero(4, 1), Vector(4), "train"}, test{RowMatrix::Zero(2, 1), Vector(2), "test"};
  data.y << 7, -1, 3.5, 7;
  test.y << 3.5, 7;
  plan.prepare(data, &test);
  CHECK(data.y == Eigen::Vector4d(2, 0, 1, 2));
  CHECK(test.y == Eigen::Vector2d(1, 2));
  test.y << 1, 9;
  CHECK_THROWS_WITH(plan.prepare(data, &test), "test: expected a class of the training labels, got 9");
  data.y.setConstant(4);
  CHECK_THROWS_WITH(plan.prepare(data, nullptr), "train: expected labels of 2 to 10000 classes, got only 4");
  Dataset many{RowMatrix::Zero(10001, 1), Vector::LinSpaced(10001, 0, 1), "many"};
  CHECK_THROWS_WITH(plan.prepare(many, nullptr), "many: expected labels of 2 to 10000 classes, got more");
}

TEST_CASE("quadratics have the spectrum they were given, and noise that averages out") {
  const Problem p = problem_of({{"type", "quadratic"}, {"spectrum", {1, 4, 9, 16}}});
  Eigen::MatrixXd A(4, 4);
  for (Index j = 0; j < 4; ++j) {
    Vector at, ahead;
    p.loss(Vector::Zero(4), &at);
    p.loss(Vector::Unit(4, j), &ahead);
    A.col(j) = ahead - at;
  }
  const Vector eigenvalues = A.selfadjointView<Eigen::Lower>().eigenvalues();
  CHECK((eigenvalues - Eigen::Vector4d(1, 4, 9, 16)).norm() < 1e-12);
  CHECK(std::abs(A(0, 1)) > 1e-3);  // rotated
  CHECK(p.loss(p.minimiser) == 0);

  const Problem noisy = problem_of({{"type", "quadratic"}, {"spectrum", {1, 1}}, {"noise", 3}});
  std::vector<std::int32_t> rows(20000);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int32_t>(i);
  Vector exact(2), g(2), square = Vector::Zero(2);
  noisy.workers[0]->gradient(Vector::Zero(2), {{}, 1, true}, exact);
  noisy.workers[0]->gradient(Vector::Zero(2), {rows, 20000, false}, g);
  CHECK((g - exact).norm() < 6 * 3 / std::sqrt(20000));  // the draws are fixed: this never flickers
  for (const auto& row : rows) {
    noisy.workers[0]->gradient(Vector::Zero(2), {{&row, 1}, 1, false}, g);
    square += (g - exact).cwiseAbs2() / 20000;
  }
  CHECK((square.cwiseSqrt() - Vector::Constant(2, 3)).norm() < 0.1);
}

TEST_CASE("what problems refuse") {
  CHECK_THROWS_WITH(plan_of({{"type", "least-squares"}, {"l2", 1}}),
                    "s.json: /problem/l2: least squares have no regulariser: the \"ridge\" problem has");
  CHECK_THROWS_WITH(plan_of({{"type", "ridge"}}), "s.json: /problem: missing \"l2\": expected a positive number");
  CHECK_THROWS_WITH(plan_of({{"type", "quadratic"}, {"spectrum", {1, 2}}, {"dimension", 2}}),
                    "s.json: /problem/dimension: the list of 2 eigenvalues already says what d is");
  CHECK_THROWS_WITH(plan_of({{"type", "quadratic"}, {"spectrum", {1, 0}}}),
                    "s.json: /problem/spectrum: expected positive numbers, got [1,0]");
  CHECK_THROWS_WITH(
      plan_of({{"type", "quadratic"}, {"spectrum", {{"type", "linear"}, {"min", 2}, {"max", 1}}}, {"dimension", 3}}),
      "s.json: /problem/spectrum/max: expected at least min = 2, got 1");
  CHECK_THROWS_WITH(
      plan_of({{"type", "quadratic"}, {"spectrum", {{"type", "tridiagonal"}, {"min", 2}}}, {"dimension", 3}}),
      "s.json: /problem/spectrum: that of the tridiagonal matrix (-1, 2, -1)/4 has neither \"min\" nor \"max\"");
  CHECK_THROWS_WITH(plan_of({{"type", "quadratic"}, {"spectrum", {{"type", "linear"}, {"min", 2}}}, {"dimension", 3}}),
                    Catch::Matchers::StartsWith("s.json: /problem/spectrum: expected a list of positive numbers, {"));
  CHECK_THROWS_WITH(plan_of({{"type", "quadratic"}, {"dimension", 3}}),
                    "s.json: /problem: missing \"spectrum\": expected a list of positive numbers, "
                    "{\"type\": \"linear\" | \"geometric\", \"min\", \"max\"}, or {\"type\": \"tridiagonal\"}");
}
