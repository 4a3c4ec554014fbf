#include <cmath>
#include <numeric>
#include <set>

#include "algorithms/base/error.hpp"
#include "algorithms/data/partition.hpp"
#include "algorithms/data/sampler.hpp"
#include "algorithms/data/sources.hpp"
#include "algorithms/problems/logistic.hpp"
#include "tests/catch.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

Dataset load(const char* name, const json& block, const DataContext& context) {
  for (const auto& entry : data_sources()) {
    if (entry.name != std::string(name)) continue;
    Params in(block, "s.json", "/data");
    return entry.read(in, context)(nullptr);
  }
  throw std::logic_error(name);
}

Partition parts(const json& partition, const Vector& labels, int M, std::uint64_t seed = 1) {
  const json block = {{"partition", partition}};
  Params in(block, "s.json", "/data");
  Partition out = make_partition(in, labels, M, seed);
  read_after_split(in, M, {});
  in.finish("the test");
  return out;
}

Partition parts(const json& partition, Index n, int M, std::uint64_t seed = 1) {
  return parts(partition, Vector(Vector::Zero(n)), M, seed);
}

}  // namespace

TEST_CASE("contiguous shares differ by at most one row and cover the file in order") {
  for (const auto& [n, M] :
       std::vector<std::pair<Index, int>>{{10, 3}, {7, 7}, {2000, 10}, {49990, 10}, {1001, 1000}}) {
    const Partition p = parts("contiguous", n, M);
    REQUIRE(static_cast<int>(p.size()) == M);
    std::int32_t next = 0;
    for (const auto& rows : p) {
      CHECK(static_cast<Index>(rows.size()) >= n / M);
      CHECK(static_cast<Index>(rows.size()) <= n / M + 1);
      for (auto row : rows) REQUIRE(row == next++);
    }
    CHECK(next == n);
  }
}

TEST_CASE("shuffled shares are a permutation that depends on the seed alone") {
  std::set<std::int32_t> seen;
  const Partition a = parts("shuffled", 100, 3, 5);
  for (const auto& rows : a) seen.insert(rows.begin(), rows.end());
  CHECK(seen.size() == 100);
  CHECK(a == parts("shuffled", 100, 3, 5));
  CHECK(a != parts("shuffled", 100, 3, 6));
  CHECK(a == parts({{"type", "shuffled"}, {"seed", 5}}, 100, 3, 6));
  CHECK(a != parts("contiguous", 100, 3));
}

TEST_CASE("sizes give each worker the next rows, sizes that do not fit are refused") {
  const Partition p = parts({{"type", "sizes"}, {"sizes", {1, 3, 2}}}, 6, 3);
  CHECK(p == Partition{{0}, {1, 2, 3}, {4, 5}});
  CHECK_THROWS_WITH(parts({{"type", "sizes"}, {"sizes", {1, 3}}}, 4, 3),
                    "s.json: /data/partition/sizes: expected one size for each of the 3 workers, got 2");
  CHECK_THROWS_WITH(parts({{"type", "sizes"}, {"sizes", {1, 3}}}, 5, 2),
                    "s.json: /data/partition/sizes: the sizes add up to 4, but there are 5 samples");
  CHECK_THROWS_WITH(parts({{"type", "sizes"}, {"sizes", {1, 9}}}, 5, 2),
                    "s.json: /data/partition/sizes: expected sizes that add up to at most the 5 samples");
  CHECK_THROWS_WITH(parts("contiguous", 3, 4), "s.json: /workers: expected at most the number of samples, 3, got 4");
}

TEST_CASE("splitting moves rows, labels and sparsity to their worker") {
  Dataset dense{RowMatrix::Random(5, 3), Vector::LinSpaced(5, 0, 4), "x"};
  const RowMatrix x = std::get<RowMatrix>(dense.x);
  Dataset sparse{SparseRows(x.sparseView()), dense.y, "x"};
  const Partition p{{4, 0}, {2, 1, 3}};
  for (const Dataset& data : {dense, sparse}) {
    const auto shards = split(data, p);
    for (std::size_t m = 0; m < 2; ++m) {
      const RowMatrix rows = std::visit([](const auto& r) { return RowMatrix(r); }, shards[m].x);
      for (std::size_t i = 0; i < p[m].size(); ++i) {
        CHECK(rows.row(static_cast<Index>(i)) == x.row(p[m][i]));
        CHECK(shards[m].y[static_cast<Index>(i)] == p[m][i]);
      }
    }
  }
}

TEST_CASE("batches: uniform ones have no repeats and every sample its turn, cyclic ones go round") {
  const auto uniform = uniform_batches(20, 7, 3, 1), twin = uniform_batches(20, 7, 3, 1);
  std::vector<int> counts(20);
  for (Round k = 0; k < 3000; ++k) {
    const Batch xi = uniform->draw(k);
    const std::set<std::int32_t> rows(xi.rows.begin(), xi.rows.end());
    REQUIRE(rows.size() == 7);
    for (auto row : rows) ++counts.at(static_cast<std::size_t>(row));
  }
  for (int count : counts) CHECK(count == Approx(3000 * 7 / 20.0).epsilon(0.12));
  // Round 2999 alone, out of order, on another copy: the same draw.
  const Batch a = uniform->draw(2999), b = twin->draw(2999);
  CHECK(std::equal(a.rows.begin(), a.rows.end(), b.rows.begin()));
  const auto everything = uniform_batches(5, 5, 3, 1);
  CHECK(everything->draw(0).size == 5);

  const auto cyclic = cyclic_batches(5, 3);
  const auto drawn = [&](Round k) {
    const auto rows = cyclic->draw(k).rows;
    return std::vector<std::int32_t>(rows.begin(), rows.end());
  };
  CHECK(drawn(0) == std::vector<std::int32_t>{0, 1, 2});
  CHECK(drawn(1) == std::vector<std::int32_t>{3, 4, 0});
  CHECK(drawn(1'000'000'000'000) == drawn(1'000'000'000'000 % 5));
  CHECK(full_batches(9)->draw(4).full);
}

TEST_CASE("batches of very many samples are drawn like those of few, without a list of all") {
  const auto all = uniform_batches(2'000'000'000, 1000, 1, 0);
  const auto rows = all->draw(3).rows;
  const std::set<std::int32_t> distinct(rows.begin(), rows.end());
  CHECK(distinct.size() == 1000);
  CHECK(*distinct.begin() >= 0);
  CHECK(*distinct.rbegin() < 2'000'000'000);
  double mean = 0;
  for (const auto row : rows) mean += row / 1000.0;
  CHECK(mean == Approx(1e9).epsilon(0.1));
}

TEST_CASE("lag-synthetic hits L_m = (1.3^{m-1} + 1)^2 exactly, for sums and means, and grows by worker") {
  for (const Reduction reduction : {Reduction::sum, Reduction::mean}) {
    const SmoothnessLaw law{0.25, reduction == Reduction::mean, 0.01};
    Dataset data = load("lag-synthetic", {{"samples", 40}, {"features", 30}}, {6, 3, law, {}});
    REQUIRE(data.samples() == 240);
    REQUIRE(data.features() == 30);
    const json nothing = json::object();
    Params in(nothing, "", "");
    const Problem p = make_logistic(split(data, make_partition(in, data.y, 6, 1)),
                                    {.l2 = 0.01, .objective = Reduction::sum, .reduction = reduction});
    for (int m = 0; m < 6; ++m)
      CHECK(p.L_m[static_cast<std::size_t>(m)] == Approx(std::pow(std::pow(1.3, m) + 1, 2)).epsilon(1e-12));
  }
}

TEST_CASE("generated data depends on its seed, has two classes, and worker m's rows do not depend on M") {
  const DataContext context{3, 1, {}, {}};
  const auto rows = [](const Dataset& data) { return std::get<RowMatrix>(data.x); };
  const json block = {{"samples", 20}, {"features", 4}};
  for (const char* name : {"lag-synthetic", "gaussian"}) {
    const Dataset a = load(name, block, context), b = load(name, block, context),
                  c = load(name, {{"samples", 20}, {"features", 4}, {"seed", 2}}, context);
    CHECK(rows(a) == rows(b));
    CHECK(a.y == b.y);
    CHECK(rows(a) != rows(c));
    CHECK(a.y.minCoeff() == -1);
    CHECK(a.y.maxCoeff() == 1);
  }
  const Dataset three = load("lag-synthetic", block, context), five = load("lag-synthetic", block, {5, 1, {}, {}});
  CHECK(rows(three) == rows(five).topRows(60));
}

TEST_CASE("gaussian labels: a half-space, with the stated share flipped") {
  Dataset clean = load("gaussian", {{"samples", 4000}, {"features", 3}, {"noise", 0}}, {});
  Dataset noisy = load("gaussian", {{"samples", 4000}, {"features", 3}, {"noise", 0.2}}, {});
  CHECK(std::get<RowMatrix>(clean.x) == std::get<RowMatrix>(noisy.x));
  CHECK((clean.y.array() != noisy.y.array()).count() == Approx(800).epsilon(0.1));
}

TEST_CASE("generators refuse what does not fit") {
  CHECK_THROWS_WITH(load("gaussian", {{"samples", 1e9}, {"features", 1e9}}, {}),
                    "s.json: /data/samples: expected at most 1e9 entries in all, got 1e+09 x 1000000000");
  CHECK_THROWS_WITH(load("gaussian", {{"features", 3}}, {}),
                    "s.json: /data: missing \"samples\": expected a whole number, 1 or more");
  CHECK_THROWS_WITH(load("lag-synthetic", {{"type", "lag-synthetic"}}, {3, 1, {0.25, false, 5}, {}}),
                    "s.json: /data/type: lag-synthetic wants L_1 = 4, which l2 = 5 alone exceeds");
}
