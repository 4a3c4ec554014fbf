#pragma once

#include <cmath>

#include "algorithms/methods/compose.hpp"

// MH: Yang, Zhang, Fang, Liu: "Adaptive multi-hierarchical signSGD for communication-efficient distributed
// optimization".

namespace laconic::methods {

inline constexpr MethodDoc mh_signsgd_doc{
    .title = "signSGD with majority vote",
    .box = R"(worker m:  draws xi_m^k, sends sign(grad l(theta^k; xi_m^k))
server:    sends V = sign(sum_m sign(g_m)) to all workers
everybody: theta^{k+1} = theta^k - gamma V,   gamma = 1/sqrt(K))",
    .differences =
        "sign(0) = +1, and so is a tie. Workers keep their copies of theta: the vote alone goes down, d bits.",
    .bits = "d",
    .citation = "MH, Algorithm 1; Bernstein, Wang, Azizzadenesheli, Anandkumar: \"signSGD\", ICML 2018, Algorithm 2",
    .down = "d",
};

inline Method mh_signsgd(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .compressor = "sign", .aggregate = "majority-vote", .step = "1/sqrt(K)"});
}

inline constexpr MethodDoc mh_signsgd_adaptive_doc{
    .title = "signSGD with majority vote and an adaptive step",
    .box =
        R"(worker m:  draws xi_m^k, g = grad l(theta^k; xi_m^k), P_i = share of its samples whose gradient's sign at i differs from g_i's
           sends sign(g) and s_m = sum_i |g_i| max(0, 1 - 2 P_i)
server:    sends V = sign(sum_m sign(g_m)) and eta_k = (1/M) sum_m s_m / L to all workers
everybody: theta^{k+1} = theta^k - eta_k V)",
    .differences =
        "The signs of the samples' gradients include the regulariser. Counting them costs no simulated flops: "
        "they are the terms of g.",
    .bits = "d + w",
    .citation = "MH, equation (1)",
    .down = "d + w",
};

/// s_m = sum_i |g_i| max(0, 1 - 2 P_i)
class SignConfidence final : public SideValues {
 public:
  std::size_t count() const override { return 1; }
  void write(Candidate& c, std::span<double> values) override {
    const Vector& g = c.gradient();
    const Batch& xi = c.batch();
    differing_.setZero(g.size());
    one_.resize(g.size());
    for (Index j = 0; j < xi.size; ++j) {
      const auto row = xi.full ? static_cast<std::int32_t>(j) : xi.rows[static_cast<std::size_t>(j)];
      c.oracle().gradient(c.theta(), Batch{{&row, 1}, 1, false}, one_);
      for (Index i = 0; i < g.size(); ++i) differing_[i] += (one_[i] < 0) != (g[i] < 0);
    }
    const auto n = static_cast<double>(xi.size);
    values[0] = 0;
    for (Index i = 0; i < g.size(); ++i) values[0] += std::abs(g[i]) * std::max(0.0, 1 - 2 * differing_[i] / n);
  }

 private:
  Vector differing_, one_;
};

/// theta -= eta_k G, eta_k = (1/M) sum_m s_m / L, and eta_k goes down with the vote.
class MhAdaptive final : public Update {
 public:
  MhAdaptive(int M, double L) : M_(M), L_(L) {}
  std::unique_ptr<SideValues> side_values(int) const override { return std::make_unique<SignConfidence>(); }
  void read_side_values(int, std::span<const double> values) override { sum_ += values[0]; }
  std::size_t side_values_down() const override { return 1; }
  void write_side_values_down(std::span<double> values) override { values[0] = std::exchange(sum_, 0.0) / M_ / L_; }
  void read_side_values_down(std::span<const double> values) override { eta_ = values[0]; }
  void apply(Round, Vector& theta, const Vector& direction) override { theta -= eta_ * direction; }

 private:
  int M_;
  double L_, sum_ = 0, eta_ = 0;
};

inline PerWorker<Update> mh_adaptive(const Setup& s, Params& in) {
  const double L = in.expression("L", "L", positive, "smoothness constant that divides the step");
  if (!in.has("batch") && s.problem.workers.front()->draws_without_end())
    in.refuse(
        "update",
        "\"mh-adaptive\" looks at every sample of a batch, and this problem draws them without end: give a \"batch\"");
  return [M = s.M(), L](int) { return std::make_unique<MhAdaptive>(M, L); };
}

inline Method mh_signsgd_adaptive(const Setup& s, Params& in) {
  return compose(s, in,
                 {.stochastic = true, .compressor = "sign", .aggregate = "majority-vote", .update = "mh-adaptive"});
}

}  // namespace laconic::methods
