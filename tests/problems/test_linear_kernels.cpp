#include "algorithms/problems/linear_kernels.hpp"

#include <numeric>

#include "algorithms/base/names.hpp"
#include "algorithms/methods/registry.hpp"
#include "algorithms/problems/registry.hpp"
#include "tests/catch.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

Dataset normal_data(Index n, Index d, double density, std::uint64_t seed) {
  Rng rng(seed, Purpose::data);
  Dataset data{RowMatrix::Zero(n, d), Vector(n), "random"};
  for (double& x : std::get<RowMatrix>(data.x).reshaped())
    if (rng.uniform() < density) x = rng.normal();
  for (Index i = 0; i < n; ++i) data.y[i] = static_cast<double>(i % 3 == 0);
  return data;
}

Problem problem_of(const json& block, Dataset data, bool sparse, bool optimum = false) {
  Params in(block, "s.json", "/problem");
  in.ignore("type");
  const ProblemPlan plan = find(problems::problems(), block["type"].get<std::string>())->read(in, {});
  in.finish("the problem");
  plan.prepare(data, nullptr);
  if (sparse) data.x = SparseRows(std::get<RowMatrix>(data.x).sparseView());
  return plan.make({{std::move(data)}, {}}, optimum);
}

Vector normal_vector(Index d) {
  Rng rng(5, Purpose::noise);
  Vector v(d);
  for (double& x : v) x = 0.3 * rng.normal();
  return v;
}

const char* const of_rows[] = {"logistic", "least-squares", "smooth-svm", "softmax"};

}  // namespace

TEMPLATE_TEST_CASE("products by blocks are products, at every width and every number of rows", "", double, float) {
  const double tolerance = sizeof(TestType) == 8 ? 1e-13 : 1e-5;
  for (const Index d : {1, 2, 7, 8, 15, 16, 17, 40, 131}) {
    for (const Index n : {1, 3, 8, 9, 20, 70}) {
      const Dataset data = normal_data(n, d, 0.7, static_cast<std::uint64_t>(100 * d + n));
      const DenseRowsOf<TestType> x = std::get<RowMatrix>(data.x).cast<TestType>();
      const SparseRowsOf<TestType> sparse = x.sparseView();
      const Eigen::Matrix<TestType, Eigen::Dynamic, 1> theta = normal_vector(d).cast<TestType>();
      std::vector<std::int32_t> rows{0, static_cast<std::int32_t>(n) - 1, 0};
      for (const Batch& xi : {Batch{{}, n, true}, Batch{rows, 3, false}}) {
        const auto check = [&](const auto& product) {
          for (Index first = 0; first < xi.size; first += product.at_once()) {
            const Index count = std::min(product.at_once(), xi.size - first);
            const auto found = product.find(xi, first, count);
            std::vector<TestType> z(static_cast<std::size_t>(count));
            product.template scores<true>(found, count, theta.data(), z.data());
            Eigen::Matrix<TestType, Eigen::Dynamic, 1> g = theta, expected = theta;
            product.template add<true>(found, count, z.data(), g.data());
            for (Index i = 0; i < count; ++i) {
              const auto row = x.row(row_of(xi, first + i));
              const TestType score = z[static_cast<std::size_t>(i)];
              CHECK(std::abs(score - row.dot(theta)) <= tolerance * row.norm() * theta.norm());
              expected += score * row.transpose();
            }
            CHECK((g - expected).norm() <= tolerance * expected.norm());
          }
        };
        check(products(x));
        check(products(sparse));
      }
    }
  }
}

TEST_CASE("a batch of all samples is the whole, bit for bit") {
  for (const bool sparse : {false, true}) {
    for (const char* type : of_rows) {
      for (const char* precision : {"float64", "float32"}) {
        INFO(type << ", " << precision << (sparse ? ", sparse" : ", dense"));
        const Problem p = problem_of({{"type", type}, {"precision", precision}}, normal_data(150, 21, 0.6, 1), sparse);
        std::vector<std::int32_t> rows(150);
        std::iota(rows.begin(), rows.end(), 0);
        const Vector theta = normal_vector(p.d);
        Vector whole(p.d), batch(p.d);
        const double f = p.workers[0]->loss(theta, {{}, 150, true}, &whole);
        CHECK(p.workers[0]->loss(theta, {rows, 150, false}, &batch) == f);
        CHECK(batch == whole);
      }
    }
  }
}

TEST_CASE("processors with wide registers and without compute the same, bit for bit") {
  for (const bool sparse : {false, true}) {
    for (const char* type : of_rows) {
      for (const char* precision : {"float64", "float32"}) {
        INFO(type << ", " << precision << (sparse ? ", sparse" : ", dense"));
        const Problem p = problem_of({{"type", type}, {"precision", precision}}, normal_data(157, 43, 0.8, 1), sparse);
        const Vector theta = normal_vector(p.d);
        const auto learned = [&] {
          Vector g(p.d + 1);
          Vector of_loss;
          g[p.d] = p.loss(theta, &of_loss);
          g.head(p.d) = of_loss;
          return g;
        };
        for (const Vector& other : in_all_widths(learned)) CHECK(other == learned());
      }
    }
  }
}

TEST_CASE("float32 rounds the samples and their products, and nothing else") {
  for (const bool sparse : {false, true}) {
    for (const char* type : of_rows) {
      INFO(type << (sparse ? ", sparse" : ", dense"));
      const json block = {{"type", type}, {"precision", "float32"}};
      const Dataset data = normal_data(300, 21, 0.6, 2);
      Dataset as_stored = data;
      as_stored.x = std::get<RowMatrix>(data.x).cast<float>().cast<double>().eval();
      Problem narrow = problem_of(block, data, sparse), wide = problem_of({{"type", type}}, as_stored, sparse),
              given = problem_of({{"type", type}}, data, sparse);
      for (Problem* problem : {&narrow, &wide, &given}) problem->find_smoothness();
      CHECK(narrow.L == wide.L);
      CHECK(narrow.L_m == wide.L_m);
      CHECK(narrow.L != given.L);
      const Vector theta = normal_vector(wide.d);
      Vector g_narrow, g_wide;
      const double f_narrow = narrow.loss(theta, &g_narrow), f_wide = wide.loss(theta, &g_wide);
      CHECK(f_narrow == Approx(f_wide).epsilon(1e-6));
      CHECK(f_narrow != f_wide);
      CHECK((g_narrow - g_wide).norm() <= 1e-5 * g_wide.norm());
      CHECK(narrow.workers[0]->flops({{}, 300, true}) == wide.workers[0]->flops({{}, 300, true}));
      if (wide.accuracy) CHECK(narrow.accuracy(theta) == Approx(wide.accuracy(theta)).margin(0.01));
    }
  }
}

TEST_CASE("float32's optimum is that of the samples as they are stored") {
  const Dataset data = normal_data(200, 6, 1, 3);
  const Problem p = problem_of({{"type", "logistic"}, {"l2", 0.1}, {"precision", "float32"}}, data, false, true);
  Vector g;
  CHECK(p.loss(p.minimiser, &g) == Approx(*p.optimum).epsilon(1e-6));
  CHECK(g.norm() < 1e-4);
}

TEST_CASE("rounding in float32 does not grow with the number of samples") {
  constexpr Index n = 300000;  // one float32 sum over so many ones and tenths would be off by 1e-3
  Dataset data{RowMatrix::Constant(n, 1, 0.1f), Vector::Constant(n, -1), "ones"};
  for (Index i = 0; i < n; i += 1000) std::get<RowMatrix>(data.x)(i, 0) = 1;
  const Problem p = problem_of({{"type", "least-squares"}, {"precision", "float32"}}, data, false);
  Vector g;
  p.loss(Vector::Zero(1), &g);
  CHECK(g[0] == Approx(std::get<RowMatrix>(data.x).sum()).epsilon(1e-6));
}
