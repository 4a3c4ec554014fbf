#include "algorithms/asynchronous/ringleader.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "tests/catch.hpp"

// How old a gradient can be by which Ringleader steps, whoever comes when.

using namespace laconic::tests;

namespace {

using asynchronous::Answers;
using asynchronous::Model;
using asynchronous::Ringleader;

// Entry m of a direction is the mean of slot m over M; the slot's gradients are 2^(-20 v) of the versions v that they
// were computed at. So its logarithm tells the oldest, whatever else is in the slot.
class Oldest final : public Update {
 public:
  Oldest(int M, std::vector<Round>& ages) : M_(M), ages_(ages) {}
  void apply(Round k, Vector&, const Vector& direction) override {
    for (Index m = 0; m < direction.size(); ++m) {
      REQUIRE(direction[m] > 0);  // every worker has its part in every step
      ages_.push_back(k - static_cast<Round>(std::floor(-std::log2(direction[m] * M_) / 20 + 1e-9)));
    }
  }

 private:
  double M_;
  std::vector<Round>& ages_;
};

struct Answered final : Answers {
  void model(int m) override { models.push_back(m); }
  void go_on(int) override {}
  std::vector<int> models;
};

// Ages of what is taken and of what is stepped by, where worker m comes with probability `busy[m]`, several at once.
struct Ages {
  std::vector<Round> taken, stepped;
};

Ages ages_of(const std::vector<double>& busy, unsigned seed) {
  const int M = static_cast<int>(busy.size());
  Ages out;
  Ringleader rule(M, M);
  Model model{Vector::Zero(M), 0, std::make_unique<Oldest>(M, out.stepped)};
  std::vector<Round> version(busy.size(), 0);
  std::mt19937 random(seed);
  std::discrete_distribution<int> who(busy.begin(), busy.end());
  while (model.k < 48) {
    std::set<int> instant{who(random)};
    while (random() % 4 == 0) instant.insert(who(random));
    Answered answered;
    for (const int m : instant) {
      Vector c = Vector::Zero(M);
      const Round v = version[static_cast<std::size_t>(m)];
      c[m] = std::exp2(-20.0 * static_cast<double>(v));
      out.taken.push_back(model.k - v);
      rule.take({m, model.k - v, c, nullptr}, model, answered);
    }
    for (const int m : answered.models) version[static_cast<std::size_t>(m)] = model.k;
  }
  return out;
}

}  // namespace

TEST_CASE("law: Ringleader takes no gradient, and steps by none, that is older than 2 M - 2 updates") {
  for (const int M : {1, 2, 3, 5, 8}) {
    Round oldest_taken = 0, oldest_stepped = 0;
    for (unsigned seed = 0; seed < 40; ++seed) {
      std::vector<double> busy(static_cast<std::size_t>(M), 1);
      if (seed % 2) busy[seed % busy.size()] = 0.02;                                      // one is slow
      if (seed % 4 > 1) std::fill(busy.begin(), busy.begin() + (M + 1) / 2, 0.1 * seed);  // or half are fast
      const Ages ages = ages_of(busy, seed);
      oldest_taken = std::max(oldest_taken, *std::max_element(ages.taken.begin(), ages.taken.end()));
      oldest_stepped = std::max(oldest_stepped, *std::max_element(ages.stepped.begin(), ages.stepped.end()));
    }
    INFO("M = " << M);
    CHECK(oldest_taken <= 2 * M - 2);
    CHECK(oldest_stepped <= 2 * M - 2);
    CHECK(oldest_stepped >= M - 1);
  }
}
