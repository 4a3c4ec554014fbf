#pragma once

#include "algorithms/methods/lag.hpp"

namespace laconic::methods {

inline constexpr MethodDoc le_signgd_doc{
    .title = "LE-SIGNGD: lazily aggregated sign gradients with error feedback",
    .box = R"(server sends theta^k to all workers
worker m:  g_m^k = grad f_m(theta^k) + e_m^k
           silent, e_m^{k+1} = e_m^k, if ||C(g_m^k) - C(g~_m)||^2 <= (1/(gamma^2 M^2)) sum_{d=1..D} alpha_d ||theta^{k+1-d} - theta^{k-d}||^2
           else sends C(g_m^k) = (||g_m^k||_1 / d) sign(g_m^k), g~_m = g_m^k, e_m^{k+1} = g_m^k - C(g_m^k)
server:    theta^{k+1} = theta^k - gamma sum_m C(g~_m)      ("mean": (1/M) sum_m))",
    .differences =
        "In round 0 everybody uploads. C is what the server decodes, so that float32 rounding is fed back too.",
    .bits = "w + d",
    .citation = "LE, Algorithm 2",
};

class LeRule final : public Trigger {
 public:
  LeRule(Schedule gamma, int M, std::vector<double> alpha) : gamma_(gamma), M_(M), history_(std::move(alpha)) {}

  bool fires(Candidate& c) override {
    history_.push(c.theta());
    if (c.k() == 0) return true;
    const double gM = gamma_(c.k()) * M_;
    return (c.held() - sent_).squaredNorm() > history_.value() / (gM * gM);
  }
  void uploaded(Candidate& c) override { sent_ = c.held(); }

 private:
  Schedule gamma_;
  int M_;
  triggers::History history_;
  Vector sent_;  // C(g~_m)
};

inline PerWorker<Trigger> le_rule(const Setup& s, Params& in) {
  const auto D = history_length(in);
  std::vector<double> alpha(D);
  for (std::size_t i = 0; i < D; ++i) alpha[i] = static_cast<double>(D - i) / static_cast<double>(D);
  alpha = in.weights("alpha", D, alpha, "(D-d+1)/D", "weights alpha_d of the model changes");
  return [gamma = s.step, M = s.M(), alpha](int) { return std::make_unique<LeRule>(gamma, M, alpha); };
}

inline Method le_signgd(const Setup& s, Params& in) {
  return compose(s, in, {.compressor = "scaled-sign", .memory = "error-feedback", .trigger = "le"});
}

}  // namespace laconic::methods
