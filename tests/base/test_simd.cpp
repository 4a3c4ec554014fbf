#include "algorithms/base/simd.hpp"

#include <limits>
#include <vector>

#include "algorithms/base/random.hpp"
#include "tests/catch.hpp"

using namespace laconic::tests;

namespace {

// How far `got` is from `exact`, in units of the last place of a double there.
double units_off(double got, long double exact) {
  const double near = static_cast<double>(exact);
  const double unit = std::nextafter(std::abs(near), std::numeric_limits<double>::infinity()) - std::abs(near);
  return static_cast<double>(std::abs(static_cast<long double>(got) - exact)) / unit;
}

double exp_one(double x) { return exp_of_negative(all_lanes(x))[0]; }
double log_one(double x) { return log_of_1_plus(all_lanes(x))[0]; }

}  // namespace

TEST_CASE("exp and log1p in lanes are right to a few units in the last place, wherever they are used") {
  Rng rng(1, Purpose::data);
  double exp_off = 0, log_off = 0, large_off = 0;
  for (int i = 0; i < 200000; ++i) {
    const double x = i % 2 ? -708 * rng.uniform() : -std::ldexp(rng.uniform(), -static_cast<int>(rng.below(60)));
    exp_off = std::max(exp_off, units_off(exp_one(x), std::exp(static_cast<long double>(x))));
    const double y = i % 2 ? rng.uniform() : std::ldexp(rng.uniform(), -static_cast<int>(rng.below(1000)));
    log_off = std::max(log_off, units_off(log_one(y), std::log1p(static_cast<long double>(y))));
    const double z = 1 + std::ldexp(rng.uniform(), static_cast<int>(rng.below(80)) - 40);
    large_off = std::max(large_off, units_off(log_of_large(z), std::log(static_cast<long double>(z))));
  }
  CHECK(exp_off <= 2);
  CHECK(log_off <= 3);
  CHECK(large_off <= 3);
}

TEST_CASE("exp and log1p at their ends") {
  const double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(exp_one(0) == 1);
  CHECK(exp_one(-0.0) == 1);
  CHECK(exp_one(-708) > 0);
  for (const double x : {-708.5, -745.0, -1e10, -1e300, -infinity}) CHECK(exp_one(x) == 0);
  CHECK(std::isnan(exp_one(nan)));
  CHECK(log_one(0) == 0);
  CHECK(log_one(1) == Approx(std::log(2)).epsilon(4e-16));
  CHECK(std::isnan(log_one(nan)));
  CHECK(log_of_large(1) == 0);
  CHECK(log_of_large(infinity) == infinity);
  CHECK(std::isnan(log_of_large(nan)));
}

TEST_CASE("an exponential does not depend on where its number stands") {
  for (std::size_t n = 0; n <= 9; ++n) {
    std::vector<double> x(n), expected(n);
    for (std::size_t i = 0; i < n; ++i) {
      x[i] = -0.7 * static_cast<double>(i * i);
      expected[i] = exp_one(x[i]);
    }
    exp_of_negatives(x);
    CHECK(x == expected);
  }
}
