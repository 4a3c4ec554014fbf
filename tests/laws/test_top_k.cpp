#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "algorithms/base/simd.hpp"
#include "tests/laws/setup.hpp"

// Top-k finds its entries in three ways, by d and k. All find what sorting finds.

using namespace laconic::tests;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();

// Checks that what arrives is the k entries of largest magnitude; among equal ones those of lower index.
void check_top_k(const TestSetup& s, const Vector& v, Index k) {
  const Index d = v.size();
  const auto c = made("top-k", s, {{"k", k}});
  const Vector sent = decoded(*c, encoded(*c, v, Wire::float64), Wire::float64);
  std::vector<Index> order(static_cast<std::size_t>(d));
  std::iota(order.begin(), order.end(), 0);
  const auto rank = [&](Index i) { return std::isnan(v[i]) ? inf : std::abs(v[i]); };
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return rank(a) > rank(b); });
  Vector expected = Vector::Zero(d);
  for (const Index i : std::span(order).first(static_cast<std::size_t>(k))) expected[i] = v[i];
  INFO("d = " << d << ", k = " << k);
  CHECK(((sent.array() == expected.array()) || (sent.array().isNaN() && expected.array().isNaN())).all());
}

}  // namespace

TEST_CASE("top-k of few entries finds the same ones as sorting") {
  Rng rng(5, Purpose::data);
  for (const Index d : {1, 2, 3, 5, 22, 63, 64, 65, 131}) {
    const TestSetup s(d, Wire::float64);
    std::vector<Vector> vectors(4, Vector::Zero(d));
    for (double& x : vectors[0]) x = rng.normal();
    for (double& x : vectors[1]) x = static_cast<double>(rng.below(3)) - 1;
    for (double& x : vectors[2]) x = rng.uniform() < 0.2 ? not_a_number : rng.uniform() < 0.2 ? -inf : rng.normal();
    for (const auto& v : vectors)
      for (const Index k : {1, 2, 3, 7, 8, 9, 22, 131})
        if (k <= d)
          in_all_widths([&] {
            check_top_k(s, v, k);
            return 0;
          });
  }
}

TEST_CASE("top-k finds the same entries by its sample as by sorting, whatever the vector looks like") {
  constexpr Index d = 100000;
  const TestSetup s(d, Wire::float64);
  Rng rng(4, Purpose::data);
  std::vector<Vector> vectors(6, Vector::Zero(d));
  for (double& x : vectors[0]) x = rng.normal();
  for (double& x : vectors[1]) x = static_cast<double>(rng.below(3));             // ties everywhere
  for (Index i = 0; i < d; i += 7) vectors[2][i] = static_cast<double>(i);        // most are zero
  for (Index i = 0; i < 2000; ++i) vectors[3][i] = -std::pow(2.0, rng.normal());  // all in one place
  for (Index i = 3; i < d; i += 6) vectors[4][i] = 1e9;                           // what the sample sees, or not
  for (Index i = 0; i < d; ++i) vectors[5][i] = i % 100 == 0 ? not_a_number : rng.normal();
  for (const auto& v : vectors)
    for (const Index k : {Index{1}, Index{37}, d / 100, d / 3, d}) check_top_k(s, v, k);
}
