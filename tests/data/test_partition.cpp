#include "algorithms/data/partition.hpp"

#include <cmath>
#include <map>
#include <set>

#include "algorithms/base/error.hpp"
#include "algorithms/base/random.hpp"
#include "algorithms/data/load.hpp"
#include "algorithms/problems/least_squares.hpp"
#include "algorithms/problems/logistic.hpp"
#include "tests/catch.hpp"

// How samples are split over workers. (contiguous, shuffled and sizes: test_sources.cpp)

using namespace laconic::tests;
using nlohmann::json;

namespace {

Partition parts(const json& partition, const Vector& labels, int M, std::uint64_t seed = 1) {
  const json block = {{"partition", partition}};
  Params in(block, "s.json", "/data");
  Partition out = make_partition(in, labels, M, seed);
  read_after_split(in, M, {});
  in.finish("the test");
  return out;
}

// Ten classes in turn.
Vector ten_classes(Index n) {
  Vector y(n);
  for (Index i = 0; i < n; ++i) y[i] = static_cast<double>(i * 7 % 10);
  return y;
}

std::map<double, int> counts(const std::vector<std::int32_t>& rows, const Vector& y) {
  std::map<double, int> out;
  for (const auto row : rows) ++out[y[row]];
  return out;
}

double largest_share(const std::vector<std::int32_t>& rows, const Vector& y) {
  int most = 0;
  for (const auto& [label, count] : counts(rows, y)) most = std::max(most, count);
  return most / static_cast<double>(rows.size());
}

}  // namespace

TEST_CASE("every way to split gives every sample to one worker and no worker nothing, the same for the same seed") {
  const Vector y = ten_classes(211);
  for (const json& partition :
       {json("contiguous"), json("shuffled"), json("by-label"), json{{"type", "by-label"}, {"shards", 3}},
        json{{"type", "dirichlet"}, {"alpha", 0.01}}, json{{"type", "dirichlet"}, {"alpha", 100}},
        json("quantity-skew"), json{{"type", "quantity-skew"}, {"exponent", 8}}, json("feature-scale")}) {
    for (const int M : {1, 7, 50}) {
      INFO(partition.dump() << " M = " << M);
      const Partition p = parts(partition, y, M, 4);
      REQUIRE(p.size() == static_cast<std::size_t>(M));
      std::set<std::int32_t> seen;
      std::size_t total = 0;
      for (const auto& rows : p) {
        CHECK(!rows.empty());
        seen.insert(rows.begin(), rows.end());
        total += rows.size();
      }
      CHECK(total == 211);
      CHECK(seen.size() == 211);
      CHECK(*seen.rbegin() == 210);
      CHECK(p == parts(partition, y, M, 4));
    }
  }
  CHECK(parts({{"type", "dirichlet"}, {"alpha", 1}}, y, 7, 4) != parts({{"type", "dirichlet"}, {"alpha", 1}}, y, 7, 5));
  CHECK(parts({{"type", "by-label"}, {"shards", 2}, {"seed", 5}}, y, 7, 4) ==
        parts({{"type", "by-label"}, {"shards", 2}}, y, 7, 5));
}

TEST_CASE("by label: sorted, few classes a worker") {
  const Vector y = ten_classes(1000);
  const Partition one = parts("by-label", y, 10);
  for (std::size_t m = 0; m < 10; ++m) CHECK(counts(one[m], y) == std::map<double, int>{{static_cast<double>(m), 100}});
  for (const auto& rows : parts({{"type", "by-label"}, {"shards", 2}}, y, 10)) {
    CHECK(rows.size() == 100);
    CHECK(counts(rows, y).size() <= 2);
  }
}

TEST_CASE("dirichlet: a small alpha leaves a worker few classes, a large one deals evenly") {
  const Vector y = ten_classes(5000);
  double skewed = 0, even = 0;
  for (const auto& rows : parts({{"type", "dirichlet"}, {"alpha", 0.05}}, y, 10)) skewed += largest_share(rows, y) / 10;
  for (const auto& rows : parts({{"type", "dirichlet"}, {"alpha", 1000}}, y, 10)) even += largest_share(rows, y) / 10;
  CHECK(skewed > 0.6);
  CHECK(even < 0.13);
  // Shares of a Dirichlet have mean 1/M and variance (1/M)(1 - 1/M)/(alpha M + 1): here over 400 classes.
  Vector many(40000);
  for (Index i = 0; i < many.size(); ++i) many[i] = static_cast<double>(i % 400);
  const Partition p = parts({{"type", "dirichlet"}, {"alpha", 0.5}}, many, 4);
  double square = 0;
  for (const auto& rows : p)
    for (const auto& [label, count] : counts(rows, many)) square += std::pow(count / 100.0, 2) / 1600;
  CHECK(square - 1.0 / 16 == Approx(0.25 * 0.75 / 3).epsilon(0.1));
}

TEST_CASE("quantity skew: shares go as m^-exponent") {
  const Partition p = parts({{"type", "quantity-skew"}, {"exponent", 2}}, Vector::Zero(10000), 5);
  double all = 0;
  for (int m = 1; m <= 5; ++m) all += std::pow(m, -2.0);
  for (int m = 1; m <= 5; ++m)
    CHECK(static_cast<double>(p[static_cast<std::size_t>(m - 1)].size()) ==
          Approx(10000 * std::pow(m, -2.0) / all).margin(1));
}

TEST_CASE("feature scale: L_m = (growth^{m-1} + 1)^2, whatever the problem") {
  Rng rng(1, Purpose::data);
  Dataset data{RowMatrix(60, 4), Vector(60), "x"};
  for (double& x : std::get<RowMatrix>(data.x).reshaped()) x = rng.normal();
  for (double& y : data.y) y = rng.uniform() < 0.5 ? 1 : -1;
  const json block = {{"partition", {{"type", "feature-scale"}, {"growth", 1.5}}}};
  Params in(block, "s.json", "/data");
  for (const bool sparse : {false, true}) {
    auto shards = split(data, make_partition(in, data.y, 6, 1));
    if (sparse)
      for (auto& shard : shards) shard.x = SparseRows(std::get<RowMatrix>(shard.x).sparseView());
    auto squares = shards;
    read_after_split(in, 6, {0.25, true, 0.1})(shards);
    read_after_split(in, 6, {1, false, 0})(squares);
    const Problem logistic = make_logistic(std::move(shards), {.l2 = 0.1, .reduction = Reduction::mean});
    const Problem least_squares = make_least_squares(std::move(squares), {});
    for (std::size_t m = 0; m < 6; ++m) {
      const double L_m = std::pow(std::pow(1.5, static_cast<double>(m)) + 1, 2);
      CHECK(logistic.L_m[m] == Approx(L_m).epsilon(1e-12));
      CHECK(least_squares.L_m[m] == Approx(L_m).epsilon(1e-12));
    }
  }
}

TEST_CASE("one term a worker: its samples become the row y_m' X_m of label 1, after the features are scaled") {
  Rng rng(1, Purpose::data);
  Dataset data{RowMatrix(12, 4), Vector(12), "x"};
  for (double& x : std::get<RowMatrix>(data.x).reshaped()) x = rng.normal();
  for (Index i = 0; i < 12; ++i) data.y[i] = i % 3 ? 1 : -1;
  const json block = {{"partition", "feature-scale"}, {"terms", "worker"}};
  for (const bool sparse : {false, true}) {
    Params in(block, "s.json", "/data");
    auto shards = split(data, make_partition(in, data.y, 3, 1));
    if (sparse)
      for (auto& shard : shards) shard.x = SparseRows(std::get<RowMatrix>(shard.x).sparseView());
    auto scaled = shards;
    scale_to_growing_smoothness(scaled, 1.3, {});
    read_after_split(in, 3, {})(shards);
    for (std::size_t m = 0; m < 3; ++m) {
      REQUIRE(shards[m].samples() == 1);
      CHECK(shards[m].y[0] == 1);
      Vector sum = Vector::Zero(4);
      for (Index i = 0; i < 4; ++i)
        std::visit([&](const auto& x) { sum += scaled[m].y[i] * Vector(x.row(i).transpose()); }, scaled[m].x);
      CHECK((std::get<RowMatrix>(shards[m].x).row(0).transpose() - sum).norm() < 1e-12 * sum.norm());
    }
  }
  const json le = {{"type", "le-synthetic"}, {"samples", 4}, {"features", 3}};
  Params in(le, "s.json", "/data");
  auto shards = split(read_data(in, {3, 1, {}, {}})().train, contiguous({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 3));
  CHECK(shards[0].name == "le-synthetic (3 x 4 x 3, seed 1)");
  read_after_split(in, 3, {})(shards);
  for (const auto& shard : shards) CHECK(shard.samples() == 1);
  std::vector<Dataset> classes{{RowMatrix::Ones(2, 2), Vector::LinSpaced(2, 0, 1), "x.csv"}};
  CHECK_THROWS_WITH(sum_up_each_worker(classes),
                    "x.csv: \"terms\": \"worker\" wants a problem of two classes, labels 1 and -1");
}

TEST_CASE("splits that do not fit are refused") {
  const Vector y = ten_classes(20), real = Vector::LinSpaced(20, 0, 1);
  CHECK_THROWS_WITH(parts({{"type", "by-label"}, {"shards", 3}}, y, 7),
                    "s.json: /data/partition/shards: 3 shards for each of 7 workers are more than the 20 samples");
  CHECK_THROWS_WITH(parts("dirichlet", y, 2), "s.json: /data: missing \"alpha\": expected a positive number");
  CHECK_THROWS_WITH(parts({{"type", "dirichlet"}, {"alpha", 1}}, real, 2),
                    "s.json: /data/partition/type: \"dirichlet\" deals out classes, and these 20 labels have 20 "
                    "different values");
  CHECK_THROWS_WITH(parts({{"type", "shuffled"}, {"alpha", 1}}, y, 2),
                    "s.json: /data/partition: \"alpha\" means nothing to shuffled; it reads \"seed\" and \"type\"");
  const json block = {{"partition", {{"type", "feature-scale"}, {"growth", 10}}}};
  Params in(block, "s.json", "/data");
  CHECK_THROWS_WITH(read_after_split(in, 3, {0, false, 0}),
                    "s.json: /data/partition/type: \"feature-scale\" wants a problem whose smoothness constants are "
                    "known");
  CHECK_THROWS_WITH(read_after_split(in, 3, {1, false, 5}),
                    "s.json: /data/partition/type: \"feature-scale\" wants L_1 = 4, which the regulariser's 5 exceeds");
  CHECK_THROWS_WITH(read_after_split(in, 200, {1, false, 0}),
                    "s.json: /data/partition/growth: L_m would grow past any bound with 200 workers");
  std::vector<Dataset> nothing{{RowMatrix::Zero(2, 2), Vector::Zero(2), "x.csv"}};
  CHECK_THROWS_WITH(scale_to_growing_smoothness(nothing, 1.3, {1, false, 0}),
                    "x.csv: worker 0 has nothing but zeros: its features cannot be scaled");
}
