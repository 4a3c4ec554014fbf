#pragma once

#include "algorithms/asynchronous/compose.hpp"

namespace laconic::asynchronous {

inline constexpr methods::MethodDoc iag_doc{
    .title = "IAG: the server steps along the mean of every worker's latest gradient (asynchronous)",
    .box = R"(server sends theta^0 to all workers;  a_m = 0
worker m:  receives theta^v, draws xi, sends g_m = grad l(theta^v; xi)      (with a trigger: or a notice)
server:    on g_m:  a_m = g_m
           theta^{k+1} = theta^k - gamma_k (1/M) sum_m a_m;  k = k + 1;  sends theta^k to m)",
    .differences =
        "The order of the workers is that in which they arrive. A worker's \"trigger\" may keep it silent, lazy and "
        "asynchronous at once: on its notice the server steps with the a_m that it has. The rule then looks back on the "
        "models that this worker received, and its rounds are the worker's own.",
    .bits = "w d",
    .citation =
        "Blatt, Hero, Gauchman: \"A convergent incremental gradient method with a constant step size\", SIAM J. Optim. "
        "2007",
};

class Iag final : public Rule {
 public:
  Iag(int M, Index d) : a_(static_cast<std::size_t>(M)), sum_(Vector::Zero(d)) {}
  void take(const Upload& u, Model& model, Answers& answers) override {
    Vector& a = a_[static_cast<std::size_t>(u.m)];
    if (a.size() > 0) sum_ -= a;
    a = u.c;
    sum_ += a;
    step(u.m, model, answers);
  }
  void take_silence(int m, Model& model, Answers& answers) override { step(m, model, answers); }
  bool admits_silence() const override { return true; }

 private:
  // What comes and goes leaves its rounding behind, so that the sum is formed afresh now and then.
  void step(int m, Model& model, Answers& answers) {
    if (++steps_ % static_cast<Round>(a_.size()) == 0) {
      sum_.setZero();
      for (const Vector& a : a_)
        if (a.size() > 0) sum_ += a;
    }
    model.step(sum_ / static_cast<double>(a_.size()));
    answers.model(m);
  }

  std::vector<Vector> a_;  // empty until one came
  Vector sum_;
  Round steps_ = 0;
};

inline AsynchronousMethod iag(const Setup& s, Params& in) {
  return compose(s, in, {}, read_concurrency(s, in), std::make_unique<Iag>(s.M(), s.d()));
}

}  // namespace laconic::asynchronous
