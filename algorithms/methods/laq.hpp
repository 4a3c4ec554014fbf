#pragma once

#include "algorithms/methods/lag.hpp"

// LAQ: lazily aggregated quantised gradients. Sun, Chen, Giannakis, Yang, NeurIPS 2019.

namespace laconic::methods {

inline constexpr MethodDoc laq_doc{
    .title = "LAQ: quantised innovations, sent when they matter",
    .box = R"(server sends theta^k to all workers
worker m:  q_m^k = Q_b(grad f_m(theta^k)) around q~_m,  eps_m^k = grad f_m(theta^k) - q_m^k
           silent if ||q_m^k - q~_m||^2 <= (1/(gamma^2 M^2)) sum_{d=1..D} xi_d ||theta^{k+1-d} - theta^{k-d}||^2 + 3 (||eps_m^k||^2 + ||eps~_m||^2) and clock_m <= t_max
           else sends q_m^k - q~_m, q~_m = q_m^k, eps~_m = eps_m^k, clock_m = 0
server:    nabla += sum_m (q_m^k - q~_m)
           theta^{k+1} = theta^k - gamma nabla      ("mean": gamma nabla / M))",
    .differences = "In round 0 the base is 0 and everybody uploads.",
    .bits = "w + b d",
    .citation = "Sun, Chen, Giannakis, Yang: \"Lazily Aggregated Quantized Gradients\" (LAQ), NeurIPS 2019, rule (7)",
};

class LaqRule final : public Trigger {
 public:
  LaqRule(Schedule gamma, int M, std::vector<double> xi, Round t_max)
      : gamma_(gamma), M_(M), history_(std::move(xi)), t_max_(t_max) {}

  bool fires(Candidate& c) override {
    history_.push(c.theta());
    error_ = (c.gradient() - c.held()).squaredNorm();
    if (c.k() == 0 || c.k() - last_ > t_max_) return true;
    const double gM = gamma_(c.k()) * M_;
    return (c.held() - sent_).squaredNorm() > history_.value() / (gM * gM) + 3 * (error_ + sent_error_);
  }
  void uploaded(Candidate& c) override {
    sent_ = c.held();
    sent_error_ = error_;
    last_ = c.k();
  }

 private:
  Schedule gamma_;
  int M_;
  triggers::History history_;
  Round t_max_, last_ = 0;
  Vector sent_;                        // q~_m
  double error_ = 0, sent_error_ = 0;  // ||eps_m^k||^2, ||eps~_m||^2
};

inline PerWorker<Trigger> laq_rule(const Setup& s, Params& in) {
  const auto D = history_length(in);
  const auto xi = in.weights("xi", D, std::vector<double>(D, 0.8 / static_cast<double>(D)), "0.8/D",
                             "weights xi_d of the model changes");
  const auto t_max = in.count("t_max", 100, 1, "rounds of silence after which a worker must upload");
  return [=, gamma = s.step, M = s.M()](int) { return std::make_unique<LaqRule>(gamma, M, xi, t_max); };
}

inline Method laq(const Setup& s, Params& in) { return compose(s, in, {.compressor = "laq", .trigger = "laq"}); }

inline constexpr MethodDoc slaq_doc{
    .title = "SLAQ: LAQ on stochastic gradients",
    .box = "as laq, with grad l(theta^k; xi_m^k) on a mini-batch xi_m^k in place of grad f_m(theta^k)",
    .differences = "In round 0 the base is 0 and everybody uploads.",
    .bits = "w + b d",
    .citation = "Sun, Chen, Giannakis, Yang: \"Lazily Aggregated Quantized Gradients\" (LAQ), NeurIPS 2019",
};

inline Method slaq(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .compressor = "laq", .trigger = "laq", .step = nullptr});
}

}  // namespace laconic::methods
