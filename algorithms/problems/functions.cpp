#include "algorithms/problems/functions.hpp"

#include <cmath>
#include <limits>

#include "algorithms/base/random.hpp"

namespace laconic::problems {
namespace {

class ToyOracle final : public Oracle {
 public:
  ToyOracle(int m, const ToyOptions& options, std::uint64_t seed)
      : m_(static_cast<std::uint32_t>(m)), o_(options), seed_(seed) {}

  Index samples() const override { return draws_without_end() ? std::numeric_limits<std::int32_t>::max() : 1; }
  bool draws_without_end() const override { return o_.noise > 0; }

  void gradient(const Vector& x, const Batch& xi, Vector& g) const override { loss(x, xi, &g); }

  double loss(const Vector& x, const Batch& xi, Vector* g) const override {
    double f = 0;
    if (o_.function == ToyOptions::Function::quadratic) {
      f = o_.curvature / 2 * x.squaredNorm();
      if (g) *g = o_.curvature * x;
    } else {
      const double sine = std::sin(x[0]);
      f = x[0] * x[0] + 3 * sine * sine;
      if (g) *g = Vector::Constant(1, 2 * x[0] + 3 * std::sin(2 * x[0]));
    }
    if (g && !xi.full && o_.noise > 0) (*g)[0] += o_.noise * mean_noise(xi);
    return f;
  }

  double flops(const Batch& xi) const override {
    return 2 * static_cast<double>(xi.full ? 1 : xi.size) * static_cast<double>(o_.d);
  }

 private:
  double mean_noise(const Batch& xi) const {
    double sum = 0;
    for (const auto i : xi.rows) sum += Rng(seed_, Purpose::noise, m_, static_cast<std::uint64_t>(i)).normal();
    return sum / static_cast<double>(xi.size);
  }

  std::uint32_t m_;
  ToyOptions o_;
  std::uint64_t seed_;
};

}  // namespace

Problem make_toy(int M, const ToyOptions& options, std::uint64_t seed) {
  Problem p;
  p.d = options.d;
  p.objective = options.objective;
  for (int m = 0; m < M; ++m) p.workers.push_back(std::make_unique<ToyOracle>(m, options, seed));
  // |d^2/dx^2 (x^2 + 3 sin^2 x)| = |2 + 6 cos 2x| <= 8
  const double L = options.function == ToyOptions::Function::quadratic ? options.curvature : 8;
  p.L_m.assign(static_cast<std::size_t>(M), L);
  p.L = options.objective == Reduction::mean ? L : L * M;
  p.set_minimum({Vector::Zero(p.d), 0, 0});
  return p;
}

ProblemPlan toy(Params& in, const ProblemContext&) {
  ToyOptions o;
  const auto function =
      in.choice("function", {}, {"quadratic", "square-sine"}, "(curvature/2) ||x||^2, or x^2 + 3 sin^2 x");
  if (function == "quadratic") {
    o.curvature = in.number("curvature", 1, positive, "of the quadratic");
    o.d = in.count("dimension", 1, 1, "of the quadratic", 100'000'000);
  } else {
    o.function = ToyOptions::Function::square_sine;
  }
  o.noise = in.number("noise", 0, non_negative, "standard deviation of the noise on a sample's first component");
  o.objective = read_reduction(in, "objective", "mean", "how the workers' f_m, all the same, make up f");
  ProblemPlan plan;
  plan.d = o.d;
  plan.vectors = 1;
  plan.make_alone = [o](int M, std::uint64_t seed) { return make_toy(M, o, seed); };
  return plan;
}

}  // namespace laconic::problems
