#include "algorithms/problems/quadratic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "algorithms/base/random.hpp"

namespace laconic::problems {
namespace {

Vector normal_vector(Index d, Rng rng) {
  Vector v(d);
  for (double& x : v) x = rng.normal();
  return v;
}

// A = Q diag(eigenvalues) Q'
struct Curved {
  Vector eigenvalues;
  std::vector<Vector> mirrors;  // unit normals v of the reflections I - 2 v v' that make up Q

  Vector times(Vector x) const {
    for (const auto& v : mirrors) x -= 2 * v.dot(x) * v;
    x.array() *= eigenvalues.array();
    for (auto v = mirrors.rbegin(); v != mirrors.rend(); ++v) x -= 2 * v->dot(x) * *v;
    return x;
  }
};

class QuadraticOracle final : public Oracle {
 public:
  QuadraticOracle(int m, std::shared_ptr<const Curved> A, std::shared_ptr<const Vector> centre, double noise,
                  std::uint64_t seed)
      : m_(static_cast<std::uint32_t>(m)), A_(std::move(A)), centre_(std::move(centre)), noise_(noise), seed_(seed) {}

  Index samples() const override { return draws_without_end() ? std::numeric_limits<std::int32_t>::max() : 1; }
  bool draws_without_end() const override { return noise_ > 0; }
  void gradient(const Vector& theta, const Batch& xi, Vector& g) const override { loss(theta, xi, &g); }

  double loss(const Vector& theta, const Batch& xi, Vector* g) const override {
    const Vector slope = A_->times(theta - *centre_);
    const double f = 0.5 * slope.dot(theta - *centre_);
    if (!g) return f;
    *g = slope;
    if (xi.full || noise_ == 0) return f;
    Vector sum = Vector::Zero(slope.size());
    for (const auto i : xi.rows)
      sum += normal_vector(slope.size(), Rng(seed_, Purpose::noise, m_, static_cast<std::uint64_t>(i)));
    *g += noise_ / static_cast<double>(xi.size) * sum;
    return f;
  }

  // A dense matrix times a vector, as A would be to somebody who does not know how it was made.
  double flops(const Batch& xi) const override {
    const auto d = static_cast<double>(centre_->size());
    return 2 * d * d * static_cast<double>(xi.full ? 1 : xi.size);
  }

 private:
  std::uint32_t m_;
  std::shared_ptr<const Curved> A_;
  std::shared_ptr<const Vector> centre_;
  double noise_;
  std::uint64_t seed_;
};

// Those of the tridiagonal matrix (-1, 2, -1) / 4, the hard case of first-order methods (Nesterov, 2004,
// section 2.1.2).
std::vector<double> tridiagonal(std::int64_t d) {
  std::vector<double> out;
  for (std::int64_t i = 1; i <= d; ++i) {
    const double s = std::sin(std::numbers::pi * static_cast<double>(i) / (2 * static_cast<double>(d + 1)));
    out.push_back(s * s);
  }
  return out;
}

// "spectrum": a list of d eigenvalues, {"type": "linear" | "geometric", "min", "max"}, or {"type": "tridiagonal"}.
std::vector<double> read_spectrum(Params& in) {
  constexpr const char* allowed =
      "a list of positive numbers, {\"type\": \"linear\" | \"geometric\", \"min\", \"max\"}, or "
      "{\"type\": \"tridiagonal\"}";
  const auto* given = in.look("spectrum", "required", allowed, "eigenvalues of A");
  if (!given) in.fail("spectrum", allowed);
  if (given->is_array()) {
    std::vector<double> out;
    for (const auto& entry : *given) {
      const double value = entry.is_number() ? entry.get<double>() : 0;
      if (!(value > 0) || !std::isfinite(value)) in.fail("spectrum", "positive numbers");
      out.push_back(value);
    }
    if (in.has("dimension"))
      in.refuse("dimension", fmt::format("the list of {} eigenvalues already says what d is", out.size()));
    return out;
  }
  const auto d = in.count("dimension", {}, 1, "d, unless the spectrum is a list", 100'000'000);
  const std::string spaced =
      in.part_name("spectrum", "", {"geometric", "linear", "tridiagonal"},
                   "how the eigenvalues are spaced: as those of (-1, 2, -1)/4, or from min to max");
  if (spaced == "tridiagonal") {
    if (given->contains("min") || given->contains("max"))
      in.refuse("spectrum", "that of the tridiagonal matrix (-1, 2, -1)/4 has neither \"min\" nor \"max\"");
    return tridiagonal(d);
  }
  if (given->is_object() && !(given->contains("min") && given->contains("max"))) in.fail("spectrum", allowed);
  const bool linear = spaced == "linear";
  Params spacing = in.part("spectrum");
  const double low = spacing.number("min", {}, positive, "the smallest eigenvalue");
  const double high = spacing.number("max", {}, positive, "the largest eigenvalue");
  if (low > high) spacing.refuse("max", fmt::format("expected at least min = {}, got {}", low, high));
  std::vector<double> out;
  for (std::int64_t i = 0; i < d; ++i) {
    const double t = d == 1 ? 1 : static_cast<double>(i) / static_cast<double>(d - 1);
    out.push_back(i + 1 == d ? high : linear ? low + t * (high - low) : low * std::pow(high / low, t));
  }
  return out;
}

}  // namespace

Problem make_quadratic(int M, const QuadraticOptions& o, std::uint64_t seed) {
  const auto d = static_cast<Index>(o.eigenvalues.size());
  auto A = std::make_shared<Curved>();
  A->eigenvalues = Eigen::Map<const Vector>(o.eigenvalues.data(), d);
  for (std::uint64_t i = 0; o.rotate && i < 3; ++i)
    A->mirrors.push_back(normal_vector(d, Rng(seed, Purpose::data, ~0u, i)).normalized());

  Problem p;
  p.d = d;
  p.objective = o.objective;
  const auto centre = std::make_shared<const Vector>(normal_vector(d, Rng(seed, Purpose::data, ~0u - 1)));
  Vector mean = o.spread > 0 ? Vector::Zero(d) : *centre;  // that of all is without a mean's rounding
  for (int m = 0; m < M; ++m) {
    auto own = centre;
    if (o.spread > 0) {
      own = std::make_shared<const Vector>(
          *centre + o.spread * normal_vector(d, Rng(seed, Purpose::data, static_cast<std::uint32_t>(m))));
      mean += *own / M;
    }
    p.workers.push_back(std::make_unique<QuadraticOracle>(m, A, std::move(own), o.noise, seed));
  }
  const double L = *std::max_element(o.eigenvalues.begin(), o.eigenvalues.end());
  p.L_m.assign(static_cast<std::size_t>(M), L);
  p.L = o.objective == Reduction::mean ? L : L * M;
  const double f = p.loss(mean);
  p.set_minimum({mean, f, 1e-12 * (f + p.L * mean.squaredNorm())});
  return p;
}

ProblemPlan quadratic(Params& in, const ProblemContext&) {
  QuadraticOptions o;
  o.eigenvalues = read_spectrum(in);
  o.rotate = in.flag("rotate", true, "A's eigenvectors are random directions, not the coordinates");
  o.spread = in.number("spread", 0, non_negative, "how far the workers' minima lie apart, per coordinate");
  o.noise =
      in.number("noise", 0, non_negative, "standard deviation of the noise on each component of a sample's gradient");
  o.objective = read_reduction(in, "objective", "mean", "how the workers' f_m make up f");
  ProblemPlan plan;
  plan.d = static_cast<Index>(o.eigenvalues.size());
  plan.vectors = 4 + (o.rotate ? 3 : 0);
  plan.vectors_of_worker = o.spread > 0 ? 1 : 0;
  plan.make_alone = [o](int M, std::uint64_t seed) { return make_quadratic(M, o, seed); };
  return plan;
}

}  // namespace laconic::problems
