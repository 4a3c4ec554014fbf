#include <Eigen/QR>

#include <algorithm>
#include <cmath>

#include "algorithms/base/random.hpp"
#include "algorithms/problems/least_squares.hpp"
#include "algorithms/problems/logistic.hpp"
#include "algorithms/problems/smooth_svm.hpp"
#include "algorithms/problems/softmax.hpp"
#include "tests/catch.hpp"

using namespace laconic::tests;

// min f where features differ in scale, are collinear, or are more than the samples. It is right, or it is not offered
// and a reason is; a wrong one is never offered.

namespace {

using Wide = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
using WideVector = Eigen::Matrix<long double, Eigen::Dynamic, 1>;

Dataset normal_data(Index n, Index d, std::uint64_t seed) {
  Rng rng(seed, Purpose::data);
  Dataset data{RowMatrix::Zero(n, d), Vector(n), "random"};
  auto& x = std::get<RowMatrix>(data.x);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < d; ++j) x(i, j) = rng.normal();
    data.y[i] = x(i, 0) + rng.normal() > 0 ? 1 : -1;
  }
  return data;
}

std::vector<Dataset> halves(const Dataset& data, bool sparse) {
  const auto& x = std::get<RowMatrix>(data.x);
  const Index n = x.rows() / 2;
  std::vector<Dataset> out;
  for (const Index first : {Index{0}, n}) {
    const Index count = first == 0 ? n : x.rows() - n;
    const RowMatrix rows = x.middleRows(first, count);
    out.push_back({sparse ? Rows(SparseRows(rows.sparseView())) : Rows(rows), data.y.segment(first, count), "half"});
  }
  return out;
}

// Column j times 10^(power[j]).
Dataset scaled(Dataset data, const std::vector<double>& power) {
  auto& x = std::get<RowMatrix>(data.x);
  for (Index j = 0; j < x.cols(); ++j) x.col(j) *= std::pow(10.0, power[static_cast<std::size_t>(j)]);
  return data;
}

const std::vector<std::vector<double>> powers{{0, 0, 0, 0},  {0, 7, 0, 0},   {0, -7, 0, 0},   {0, 3, -3, 0},
                                              {9, 0, -3, 0}, {12, 6, 0, -6}, {-12, 0, 0, 12}, {0, 0, 12, 12}};

// min of ||X theta - y||^2 / 2 + (l2/2) ||theta||^2 in long double, columns scaled.
double least_squares_of(const Dataset& data, long double l2) {
  const Wide x = std::get<RowMatrix>(data.x).cast<long double>();
  Wide stacked = Wide::Zero(x.rows() + x.cols(), x.cols());
  WideVector y = WideVector::Zero(stacked.rows());
  y.head(x.rows()) = data.y.cast<long double>();
  stacked.topRows(x.rows()) = x;
  stacked.bottomRows(x.cols()).diagonal().setConstant(std::sqrt(l2));
  for (Index j = 0; j < x.cols(); ++j) stacked.col(j) /= stacked.col(j).norm();
  const WideVector theta = stacked.colPivHouseholderQr().solve(y);
  return static_cast<double>((stacked * theta - y).squaredNorm() / 2);
}

// min of sum log(1 + exp(-y x'theta)) + (l2/2) ||theta||^2, by Newton's method in long double and scaled columns.
double logistic_of(const Dataset& data, long double l2) {
  Wide x = std::get<RowMatrix>(data.x).cast<long double>();
  WideVector penalty(x.cols());
  for (Index j = 0; j < x.cols(); ++j) {
    const long double size = x.col(j).norm();
    x.col(j) /= size;
    penalty[j] = l2 / (size * size);
  }
  const WideVector y = data.y.cast<long double>();
  const auto loss = [&](const WideVector& theta) {
    const WideVector t = y.cwiseProduct(x * theta);
    long double f = theta.cwiseAbs2().dot(penalty) / 2;
    for (const long double m : t) f += std::log1p(std::exp(-std::abs(m))) + std::max(-m, 0.0L);
    return f;
  };
  WideVector theta = WideVector::Zero(x.cols());
  for (int k = 0; k < 200; ++k) {
    const WideVector t = y.cwiseProduct(x * theta);
    WideVector slope(t.size()), curvature(t.size());
    for (Index i = 0; i < t.size(); ++i) {
      const long double p = 1 / (1 + std::exp(t[i]));
      slope[i] = -y[i] * p;
      curvature[i] = p * (1 - p);
    }
    Wide h = x.transpose() * curvature.asDiagonal() * x;
    h.diagonal() += penalty;
    const WideVector step = h.ldlt().solve(x.transpose() * slope + penalty.cwiseProduct(theta));
    long double part = 1;
    while (part > 1e-10L && loss(theta - part * step) > loss(theta)) part /= 2;
    theta -= part * step;
  }
  return static_cast<double>(loss(theta));
}

void check_offered(const Problem& p, double expected, double margin = 0) {
  INFO(p.no_optimum);
  REQUIRE(p.optimum);
  CHECK(p.no_optimum.empty());
  CHECK(*p.optimum == Approx(expected).epsilon(1e-9).margin(margin));
}

// Whether a loss at the minimiser and around it is below the optimum beyond rounding.
void check_least(const Problem& p) {
  REQUIRE(p.optimum);
  CHECK(p.loss(p.minimiser) == *p.optimum);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(seed, Purpose::noise);
    Vector theta = p.minimiser;
    for (double& t : theta) t *= 1 + std::pow(10.0, -static_cast<double>(seed)) * rng.normal();
    CHECK(p.loss(theta) >= *p.optimum - p.optimum_rounding);
  }
}

// Whatever the features' units, dense or sparse, min f is offered, and is that of long double.
template <class Make, class Expected>
void in_any_units(const Dataset& data, std::initializer_list<double> weights, Make make, Expected expected) {
  for (const auto& power : powers) {
    const Dataset own = scaled(data, power);
    for (const bool sparse : {false, true}) {
      for (const double l2 : weights) {
        CAPTURE(power, sparse, l2);
        const Problem p = make(halves(own, sparse), {.l2 = l2, .optimum = true});
        check_offered(p, expected(own, 2 * static_cast<long double>(l2)));
        check_least(p);
      }
    }
  }
}

}  // namespace

TEST_CASE("min f of least squares and ridge does not depend on the features' units") {
  in_any_units(normal_data(40, 4, 1), {0.0, 1e-12, 1e-3, 1.0}, make_least_squares, least_squares_of);
}

TEST_CASE("min f of logistic regression is that of long double in any units") {
  in_any_units(
      normal_data(60, 4, 2), {1e-9, 1e-3, 1.0},
      [](auto shards, const LinearOptions& options) { return make_logistic(std::move(shards), options); }, logistic_of);
}

TEST_CASE("a softmax of two classes has the min f of logistic regression, or none where units differ much") {
  // Weights of w and -w for classes 1 and 0 are scores 2 w apart, at the price of 2 ||w||^2.
  const Dataset data = normal_data(60, 4, 3);
  for (const auto& power : powers) {
    Dataset own = scaled(data, power);
    const double expected = logistic_of(own, 0.5L * 2 * 1e-3L);
    make_class_labels(own);
    CAPTURE(power);
    const Problem p = make_softmax(halves(own, false), {.l2 = 1e-3, .optimum = true}, 2);
    // Scores that all classes have more of change nothing but the regulariser, which is little beside large features.
    const bool tame = *std::max_element(power.begin(), power.end()) < 6;
    CHECK((p.optimum || !tame));
    if (!p.optimum) continue;
    check_offered(p, expected);
    check_least(p);
  }
}

TEST_CASE("min f of a smooth SVM is least in any units") {
  const Dataset data = normal_data(60, 4, 4);
  for (const auto& power : powers) {
    CAPTURE(power);
    const Problem p = make_smooth_svm(halves(scaled(data, power), false), {.l2 = 1e-3, .optimum = true}, 0.5);
    INFO(p.no_optimum);
    check_least(p);
  }
}

TEST_CASE("collinear features: exact copies change no min f, near ones are resolved or refused") {
  const Dataset data = normal_data(40, 4, 5);
  const double alone = least_squares_of(data, 0);
  for (const double copy_scale : {1.0, 0x1p33, 0x1p-33}) {
    for (const double off : {0.0, 1e-3, 1e-6, 1e-8, 1e-10, 1e-12, 1e-14, 1e-15}) {
      CAPTURE(copy_scale, off);
      Dataset own = data;
      RowMatrix wider(40, 5);
      wider << std::get<RowMatrix>(data.x), std::get<RowMatrix>(data.x).col(2) * copy_scale;
      wider(7, 4) *= 1 + off;
      own.x = wider;
      const Problem p = make_least_squares(halves(own, false), {.optimum = true});
      INFO(p.no_optimum);
      if (!p.optimum) {
        CHECK(p.no_optimum.starts_with("/problem: "));
        CHECK((off > 0 && off < 1e-6));  // what double can tell apart must be told apart
        continue;
      }
      // Without the seventh sample, whose residual the odd entry takes to 0.
      check_offered(p, off == 0 ? alone : least_squares_of(own, 0));
    }
  }
}

TEST_CASE("more features than samples: min f is 0, or what little a regulariser leaves") {
  for (const Index d : {30, 700}) {
    Dataset data = normal_data(20, d, 6);
    for (Index j = 0; j < d; ++j) std::get<RowMatrix>(data.x).col(j) *= std::pow(10.0, static_cast<double>(j % 4));
    for (const bool sparse : {false, true}) {
      CAPTURE(d, sparse);
      const Problem none = make_least_squares(halves(data, sparse), {.optimum = true});
      REQUIRE(none.optimum);
      CHECK(*none.optimum <= 1e-14 * none.loss(Vector::Zero(d)));
      const Problem some = make_least_squares(halves(data, sparse), {.l2 = 1, .optimum = true});
      check_offered(some, least_squares_of(data, 2), 1e-14 * some.loss(Vector::Zero(d)));
    }
  }
}

TEST_CASE("conjugate gradients, where there are many features, are certified too") {
  Dataset data = normal_data(540, 510, 7);
  for (const double scale : {1.0, 1e8}) {
    Dataset own = data;
    std::get<RowMatrix>(own.x).col(5) *= scale;
    const Problem p = make_least_squares(halves(own, false), {.l2 = 1e-6, .optimum = true});
    check_offered(p, *make_least_squares(halves(data, false), {.l2 = 1e-6, .optimum = true}).optimum, 1e-5);
    check_least(p);
  }
}
