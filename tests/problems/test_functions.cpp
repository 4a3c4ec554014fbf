#include "algorithms/problems/functions.hpp"

#include <cmath>

#include "tests/catch.hpp"

using namespace laconic::tests;

namespace {

constexpr Batch full{{}, 1, true};

Problem problem_of(const nlohmann::json& block, int M = 2) {
  Params in(block, "s.json", "/problem");
  const ProblemPlan plan = toy(in, {});
  in.finish("the test");
  return plan.make_alone(M, 1);
}

}  // namespace

TEST_CASE("toy functions have the gradients, constants and minimum they state") {
  for (const nlohmann::json& block : {nlohmann::json{{"function", "quadratic"}, {"curvature", 2}, {"dimension", 2}},
                                      {{"function", "quadratic"}},
                                      {{"function", "square-sine"}},
                                      {{"function", "square-sine"}, {"objective", "sum"}}}) {
    INFO(block.dump());
    const Problem p = problem_of(block);
    CHECK(p.optimum == 0.0);
    CHECK(p.loss(Vector::Zero(p.d)) == 0);
    const double M = p.objective == Reduction::sum ? 2 : 1;
    CHECK(p.L == M * p.L_max());
    double steepest = 0;
    for (double t = -4; t < 4; t += 0.01) {
      const Vector x = Vector::Constant(p.d, t), ahead = Vector::Constant(p.d, t + 1e-6);
      Vector g, g_ahead;
      const double f = p.loss(x, &g);
      CHECK((p.loss(ahead, &g_ahead) - f) / 1e-6 == Approx(g.sum()).margin(1e-4));
      steepest = std::max(steepest, (g_ahead - g).norm() / (ahead - x).norm());
    }
    CHECK(steepest == Approx(p.L).epsilon(1e-3));
  }
}

TEST_CASE("a sample's noise is on the first component alone, averages over a batch, and has its deviation") {
  const Problem p = problem_of({{"function", "quadratic"}, {"dimension", 3}, {"noise", 100}}, 1);
  const Oracle& f = *p.workers[0];
  const Vector x = Vector::Constant(3, 5);
  Vector g;
  f.gradient(x, full, g);
  CHECK(g == x);
  std::vector<std::int32_t> rows(20000);
  double mean = 0, square = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = static_cast<std::int32_t>(i) + 1'000'000'000;
    f.gradient(x, Batch{{&rows[i], 1}, 1, false}, g);
    CHECK(g.tail(2) == x.tail(2));
    mean += (g[0] - 5) / 20000;
    square += (g[0] - 5) * (g[0] - 5) / 20000;
  }
  CHECK(std::abs(mean) < 6 * 100 / std::sqrt(20000));  // the draws are fixed: this never flickers
  CHECK(std::sqrt(square) == Approx(100).epsilon(0.03));
  f.gradient(x, Batch{rows, 20000, false}, g);
  CHECK(g[0] - 5 == Approx(mean).epsilon(1e-9));
}
