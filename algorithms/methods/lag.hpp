#pragma once

#include "algorithms/methods/compose.hpp"
#include "algorithms/triggers/history.hpp"

// LAG: lazily aggregated gradients. Chen, Giannakis, Sun, Yin, NeurIPS 2018.

namespace laconic::methods {

inline constexpr MethodDoc lag_wk_doc{
    .title = "LAG-WK: the worker decides whether its gradient has changed enough",
    .box = R"(server sends theta^k to all workers
worker m:  silent if ||grad f_m(theta^k) - g~_m||^2 <= (1/(gamma^2 M^2)) sum_{d=1..D} xi_d ||theta^{k+1-d} - theta^{k-d}||^2   (7a)
           else sends delta_m = grad f_m(theta^k) - g~_m, g~_m += delta_m
server:    nabla += sum_m delta_m
           theta^{k+1} = theta^k - gamma nabla      ("mean": gamma nabla / M))",
    .differences =
        "In round 0 everybody uploads. g~_m grows by the decoded difference, so both ends agree bit for bit. The rule "
        "compares with the gradient at the last upload, as LAG does, not with what was decoded of it.",
    .bits = "w d",
    .citation = "Chen, Giannakis, Sun, Yin: \"LAG: Lazily Aggregated Gradient\", NeurIPS 2018, rule (7a)",
};

class LagWkRule final : public Trigger {
 public:
  LagWkRule(Schedule gamma, int M, std::vector<double> xi) : gamma_(gamma), M_(M), history_(std::move(xi)) {}

  bool fires(Candidate& c) override {
    history_.push(c.theta());
    if (c.k() == 0) return true;
    const double gM = gamma_(c.k()) * M_;
    return (c.gradient() - sent_).squaredNorm() > history_.value() / (gM * gM);
  }
  void uploaded(Candidate& c) override { sent_ = c.gradient(); }

 private:
  Schedule gamma_;
  int M_;
  triggers::History history_;
  Vector sent_;  // grad f_m at the last upload
};

inline std::size_t history_length(Params& in) {
  return static_cast<std::size_t>(in.count("D", 10, 1, "rounds of model changes the rule looks back on", 100000));
}

inline PerWorker<Trigger> lag_wk_rule(const Setup& s, Params& in) {
  const auto D = history_length(in);
  const auto xi = in.weights("xi", D, std::vector<double>(D, 1.0 / static_cast<double>(D)), "1/D",
                             "weights xi_d of the model changes");
  return [gamma = s.step, M = s.M(), xi](int) { return std::make_unique<LagWkRule>(gamma, M, xi); };
}

inline Method lag_wk(const Setup& s, Params& in) { return compose(s, in, {.trigger = "lag-wk"}); }

inline constexpr MethodDoc lag_ps_doc{
    .title = "LAG-PS: the server decides whose gradient may have changed enough",
    .box =
        R"(server:    leaves worker m out if L_m^2 ||theta^k - theta~_m||^2 <= (1/(gamma^2 M^2)) sum_{d=1..D} xi_d ||theta^{k+1-d} - theta^{k-d}||^2   (7b)
           else sends it theta^k, theta~_m = theta^k
worker m:  if asked, sends delta_m = grad f_m(theta^k) - g~_m, g~_m += delta_m
server:    nabla += sum_m delta_m
           theta^{k+1} = theta^k - gamma nabla      ("mean": gamma nabla / M))",
    .differences =
        "In round 0 everybody uploads. The server judges by the model as the workers receive it, wire rounding "
        "included. Workers left out get no message and compute nothing.",
    .bits = "w d",
    .citation = "Chen, Giannakis, Sun, Yin: \"LAG: Lazily Aggregated Gradient\", NeurIPS 2018, rule (7b)",
};

class LagPsRule final : public Participation {
 public:
  LagPsRule(Schedule gamma, std::vector<double> L_m, std::vector<double> xi)
      : gamma_(gamma), L_m_(std::move(L_m)), history_(std::move(xi)), asked_at_(L_m_.size()) {}

  const std::vector<int>& choose(Round k, const Vector& theta) override {
    history_.push(theta);
    const double gM = gamma_(k) * static_cast<double>(L_m_.size());
    const double threshold = history_.value() / (gM * gM);
    chosen_.clear();
    for (std::size_t m = 0; m < L_m_.size(); ++m) {
      if (k > 0 && L_m_[m] * L_m_[m] * (theta - asked_at_[m]).squaredNorm() <= threshold) continue;
      chosen_.push_back(static_cast<int>(m));
      asked_at_[m] = theta;
    }
    return chosen_;
  }

 private:
  Schedule gamma_;
  std::vector<double> L_m_;
  triggers::History history_;
  std::vector<Vector> asked_at_;  // theta~_m
  std::vector<int> chosen_;
};

inline PerWorker<Participation> lag_ps_rule(const Setup& s, Params& in) {
  const auto D = history_length(in);
  const auto xi = in.weights("xi", D, std::vector<double>(D, 10.0 / static_cast<double>(D)), "10/D",
                             "weights xi_d of the model changes");
  return [gamma = s.step, L_m = known_smoothness(s, in, "lag-ps"), xi](int) {
    return std::make_unique<LagPsRule>(gamma, L_m, xi);
  };
}

inline Method lag_ps(const Setup& s, Params& in) { return compose(s, in, {.participation = "lag-ps"}); }

}  // namespace laconic::methods
