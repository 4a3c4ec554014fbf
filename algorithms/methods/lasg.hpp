#pragma once

#include <cmath>

#include "algorithms/methods/compose.hpp"
#include "algorithms/triggers/history.hpp"

// LASG: lazily aggregated stochastic gradients. Chen, Sun, Yin: "Communication-adaptive stochastic gradient methods for
// distributed learning", IEEE Transactions on Signal Processing 69, 2021. All its rules compare with the same
// threshold, (c/d_max) sum_{d=1..d_max} ||theta^{k+1-d} - theta^{k-d}||^2. Gradients are judged before compression
// (Section II-C).

namespace laconic::methods {

/// How far the model has moved lately, as LASG's rules measure it.
class LasgThreshold {
 public:
  /// `c` absent: 1/gamma_k^2.
  LasgThreshold(Schedule gamma, std::optional<double> c, std::size_t d_max)
      : gamma_(gamma), c_(c), history_(std::vector<double>(d_max, 1.0 / static_cast<double>(d_max))) {}
  double operator()(Round k, const Vector& theta) {
    history_.push(theta);
    const double gamma = gamma_(k);
    return c_.value_or(1 / (gamma * gamma)) * history_.value();
  }

 private:
  Schedule gamma_;
  std::optional<double> c_;
  triggers::History history_;
};

struct LasgOptions {
  LasgThreshold threshold;
  Round D = 0;
};

inline LasgThreshold read_lasg_threshold(const Setup& s, Params& in) {
  const Range range{"a number that is not negative", 0};
  std::optional<double> c;
  if (in.look("c", "1/gamma_k^2", "a number that is not negative or an expression such as \"1/L\"",
              "factor of the rule's threshold"))
    c = in.expression("c", nullptr, range, "factor of the rule's threshold");
  const auto d_max = in.count("d_max", 10, 1, "rounds of model changes the rule looks back on", 100000);
  return {s.step, c, static_cast<std::size_t>(d_max)};
}

inline LasgOptions read_lasg(const Setup& s, Params& in) {
  auto threshold = read_lasg_threshold(s, in);
  return {std::move(threshold), in.count("D", 100, 1, "rounds after which a worker must upload")};
}

inline constexpr MethodDoc stochastic_lag_wk_doc{
    .title = "Stochastic LAG-WK: LAG's rule on stochastic gradients, which LASG shows to save little",
    .box = R"(server sends theta^k to all workers
worker m:  draws xi_m^k
           silent if ||grad l(theta^k; xi_m^k) - grad l(theta^{k-tau}; xi_m^{k-tau})||^2 <= (c/d_max) sum_{d=1..d_max} ||theta^{k+1-d} - theta^{k-d}||^2   (7)
           else sends what its gradient has changed
server:    theta^{k+1} = theta^k - gamma_k (1/M) sum_m (latest gradient of m)      ("sum": sum_m))",
    .differences = "In round 0 everybody uploads.",
    .bits = "w d",
    .citation = "LASG, Section I-C, rule (7)",
};

class StochasticLagWkRule final : public Trigger {
 public:
  explicit StochasticLagWkRule(LasgThreshold threshold) : threshold_(std::move(threshold)) {}
  bool fires(Candidate& c) override {
    const double threshold = threshold_(c.k(), c.theta());
    return c.k() == 0 || (c.gradient() - sent_).squaredNorm() > threshold;
  }
  void uploaded(Candidate& c) override { sent_ = c.gradient(); }

 private:
  LasgThreshold threshold_;
  Vector sent_;
};

inline PerWorker<Trigger> stochastic_lag_wk_rule(const Setup& s, Params& in) {
  auto threshold = read_lasg_threshold(s, in);
  in.look("D", "none", "a whole number, 1 or more",
          "of LASG's other rules: this one never forces an upload, and ignores it");
  return [threshold](int) { return std::make_unique<StochasticLagWkRule>(threshold); };
}

inline constexpr MethodDoc lasg_wk1_doc{
    .title = "LASG-WK1: the worker compares variance-reduced innovations",
    .box = R"(server sends theta^k to all workers
worker m:  draws xi_m^k; if k mod D = 0: theta~ = theta^k, and uploads
           delta~^k = grad l(theta^k; xi_m^k) - grad l(theta~; xi_m^k)
           silent if ||delta~^k - delta~^{k-tau}||^2 <= (c/d_max) sum_{d=1..d_max} ||theta^{k+1-d} - theta^{k-d}||^2
           else sends what its gradient has changed
server:    theta^{k+1} = theta^k - gamma_k (1/M) sum_m (latest gradient of m)      ("sum": sum_m))",
    .differences =
        "At k mod D = 0 the snapshot is renewed first, so that delta~ = 0 is what is remembered, and its gradient "
        "is not computed twice.",
    .bits = "w d",
    .citation = "LASG, Algorithm 1",
};

class LasgWk1Rule final : public Trigger {
 public:
  explicit LasgWk1Rule(LasgOptions o) : o_(std::move(o)) {}
  bool fires(Candidate& c) override {
    const double threshold = o_.threshold(c.k(), c.theta());
    if (c.k() % o_.D == 0) {
      snapshot_ = c.theta();
      delta_ = Vector::Zero(snapshot_.size());
      return true;
    }
    c.gradient_at(snapshot_, delta_);
    delta_ = c.gradient() - delta_;
    return (delta_ - sent_).squaredNorm() > threshold;
  }
  void uploaded(Candidate&) override { sent_ = delta_; }
  bool compares_gradients() const override { return true; }

 private:
  LasgOptions o_;
  Vector snapshot_, delta_, sent_;
};

inline PerWorker<Trigger> lasg_wk1_rule(const Setup& s, Params& in) {
  return [o = read_lasg(s, in)](int) { return std::make_unique<LasgWk1Rule>(o); };
}

inline constexpr MethodDoc lasg_wk2_doc{
    .title = "LASG-WK2: the worker compares gradients at two models on one sample",
    .box = R"(server sends theta^k to all workers
worker m:  draws xi_m^k
           silent if ||grad l(theta^k; xi_m^k) - grad l(theta^{k-tau}; xi_m^k)||^2 <= (c/d_max) sum_{d=1..d_max} ||theta^{k+1-d} - theta^{k-d}||^2 and tau < D
           else sends what its gradient has changed, theta^{k-tau} = theta^k, tau = 0
server:    theta^{k+1} = theta^k - gamma_k (1/M) sum_m (latest gradient of m)      ("sum": sum_m))",
    .differences = "In round 0 everybody uploads. A forced upload does not compute the second gradient.",
    .bits = "w d",
    .citation = "LASG, Algorithm 2",
};

class LasgWk2Rule final : public Trigger {
 public:
  explicit LasgWk2Rule(LasgOptions o) : o_(std::move(o)) {}
  bool fires(Candidate& c) override {
    const double threshold = o_.threshold(c.k(), c.theta());
    if (c.k() == 0 || c.k() - last_ >= o_.D) return true;
    c.gradient_at(theta_, before_);
    return (c.gradient() - before_).squaredNorm() > threshold;
  }
  void uploaded(Candidate& c) override {
    theta_ = c.theta();
    last_ = c.k();
  }
  bool compares_gradients() const override { return true; }

 private:
  LasgOptions o_;
  Vector theta_, before_;  // theta^{k-tau}, and the gradient there
  Round last_ = 0;
};

inline PerWorker<Trigger> lasg_wk2_rule(const Setup& s, Params& in) {
  return [o = read_lasg(s, in)](int) { return std::make_unique<LasgWk2Rule>(o); };
}

inline constexpr MethodDoc lasg_ps_doc{
    .title = "LASG-PS: the server decides whose stochastic gradient may have changed enough",
    .box =
        R"(server:    leaves worker m out if L_m^2 ||theta^k - theta^{k-tau_m}||^2 <= (c/d_max) sum_{d=1..d_max} ||theta^{k+1-d} - theta^{k-d}||^2 and tau_m < D
           else sends it theta^k, tau_m = 0
worker m:  if asked, draws xi_m^k, sends what its gradient has changed
server:    theta^{k+1} = theta^k - gamma_k (1/M) sum_m (latest gradient of m)      ("sum": sum_m))",
    .differences = "In round 0 everybody uploads. The server judges by the model as the workers receive it.",
    .bits = "w d",
    .citation = "LASG, Algorithm 3",
};

/// LASG-PS with given L_m, or LASG-PSE with estimates that grow with every upload; 0: not yet known.
class LasgPsRule : public Participation {
 public:
  LasgPsRule(LasgOptions o, std::vector<double> L_m)
      : L_m_(std::move(L_m)), o_(std::move(o)), asked_(L_m_.size(), 0), asked_at_(L_m_.size()) {}

  const std::vector<int>& choose(Round k, const Vector& theta) override {
    const double threshold = o_.threshold(k, theta);
    chosen_.clear();
    for (std::size_t m = 0; m < L_m_.size(); ++m) {
      if (k > 0 && L_m_[m] > 0 && k - asked_[m] < o_.D &&
          L_m_[m] * L_m_[m] * (theta - asked_at_[m]).squaredNorm() <= threshold)
        continue;
      chosen_.push_back(static_cast<int>(m));
      asked_[m] = k;
      asked_at_[m] = theta;
    }
    return chosen_;
  }

 protected:
  std::vector<double> L_m_;

 private:
  LasgOptions o_;
  std::vector<Round> asked_;
  std::vector<Vector> asked_at_;  // theta^{k-tau_m}
  std::vector<int> chosen_;
};

inline PerWorker<Participation> lasg_ps_rule(const Setup& s, Params& in) {
  return [o = read_lasg(s, in), L_m = known_smoothness(s, in, "lasg-ps")](int) {
    return std::make_unique<LasgPsRule>(o, L_m);
  };
}

inline constexpr MethodDoc lasg_pse_doc{
    .title = "LASG-PSE: LASG-PS with smoothness constants estimated on the way",
    .box =
        R"(server:    leaves worker m out if L^_m^2 ||theta^k - theta^{k-tau_m}||^2 <= (c/d_max) sum_{d=1..d_max} ||theta^{k+1-d} - theta^{k-d}||^2 and tau_m < D
           else sends it theta^k, tau_m = 0
worker m:  if asked, draws xi_m^k, sends what its gradient has changed, and
           L^_m = max{L^_m, ||grad l(theta^k; xi_m^k) - grad l(theta^{k-tau_m}; xi_m^k)|| / ||theta^k - theta^{k-tau_m}||}
server:    theta^{k+1} = theta^k - gamma_k (1/M) sum_m (latest gradient of m)      ("sum": sum_m))",
    .differences =
        "L^_m = 0 is read as not yet known, and the worker is asked: the first upload has no predecessor, so "
        "that rounds 0 and 1 ask everybody.",
    .bits = "w d + w",
    .citation = "LASG, Algorithm 4",
};

class SmoothnessEstimate final : public SideValues {
 public:
  std::size_t count() const override { return 1; }
  void write(Candidate& c, std::span<double> values) override {
    if (theta_.size() > 0) {
      c.gradient_at(theta_, before_);
      const double moved = (c.theta() - theta_).norm();
      if (moved > 0) L_ = std::max(L_, (c.gradient() - before_).norm() / moved);
    }
    theta_ = c.theta();
    values[0] = L_;
  }

 private:
  Vector theta_, before_;  // theta^{k-tau}, and the gradient there
  double L_ = 0;
};

class LasgPseRule final : public LasgPsRule {
 public:
  LasgPseRule(LasgOptions o, int M) : LasgPsRule(std::move(o), std::vector<double>(static_cast<std::size_t>(M), 0.0)) {}
  std::unique_ptr<SideValues> side_values(int) const override { return std::make_unique<SmoothnessEstimate>(); }
  void read_side_values(int m, std::span<const double> values) override {
    L_m_[static_cast<std::size_t>(m)] = values[0];
  }
};

inline PerWorker<Participation> lasg_pse_rule(const Setup& s, Params& in) {
  return [o = read_lasg(s, in), M = s.M()](int) { return std::make_unique<LasgPseRule>(o, M); };
}

inline Method stochastic_lag_wk(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .trigger = "stochastic-lag-wk", .step = nullptr});
}
inline Method lasg_wk1(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .trigger = "lasg-wk1", .step = nullptr});
}
inline Method lasg_wk2(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .trigger = "lasg-wk2", .step = nullptr});
}
inline Method lasg_ps(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .participation = "lasg-ps", .step = nullptr});
}
inline Method lasg_pse(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .participation = "lasg-pse", .step = nullptr});
}

// LAQSG: the same rules, the uploads quantised by QSGD's b bits. The server keeps each worker's latest vector.

inline constexpr MethodDoc laqsg_doc(const char* title, const char* box, const char* bits) {
  return {title, box, "The rule sees the gradients before quantisation. In round 0 everybody uploads.", bits,
          "LASG, Section II-C"};
}
inline constexpr MethodDoc laqsg_wk1_doc =
    laqsg_doc("LAQSG-WK1: LASG-WK1 with quantised uploads",
              "as lasg-wk1, sending Q_b(grad l(theta^k; xi_m^k)) in place of the gradient", "w + b d");
inline constexpr MethodDoc laqsg_wk2_doc =
    laqsg_doc("LAQSG-WK2: LASG-WK2 with quantised uploads",
              "as lasg-wk2, sending Q_b(grad l(theta^k; xi_m^k)) in place of the gradient", "w + b d");
inline constexpr MethodDoc laqsg_ps_doc =
    laqsg_doc("LAQSG-PS: LASG-PS with quantised uploads",
              "as lasg-ps, sending Q_b(grad l(theta^k; xi_m^k)) in place of the gradient", "w + b d");
inline constexpr MethodDoc laqsg_pse_doc =
    laqsg_doc("LAQSG-PSE: LASG-PSE with quantised uploads",
              "as lasg-pse, sending Q_b(grad l(theta^k; xi_m^k)) in place of the gradient", "w + b d + w");

inline Method laqsg_wk1(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .compressor = "qsgd", .trigger = "lasg-wk1", .step = nullptr});
}
inline Method laqsg_wk2(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .compressor = "qsgd", .trigger = "lasg-wk2", .step = nullptr});
}
inline Method laqsg_ps(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .compressor = "qsgd", .participation = "lasg-ps", .step = nullptr});
}
inline Method laqsg_pse(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .compressor = "qsgd", .participation = "lasg-pse", .step = nullptr});
}

}  // namespace laconic::methods
