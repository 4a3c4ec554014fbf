#pragma once

#include "algorithms/asynchronous/compose.hpp"

namespace laconic::asynchronous {

inline constexpr methods::MethodDoc rennala_doc{
    .title = "Rennala SGD: the server waits for B gradients at its present model, from whomever (asynchronous)",
    .box = R"(server sends theta^0 to all workers
worker m:  receives theta^v or a notice, draws xi, sends grad l(theta^v; xi)
server:    on grad l(theta^v; xi):  throws it away if v < k
           when B are taken:  theta^{k+1} = theta^k - gamma_k (1/B) sum of them;  k = k + 1
           sends theta^k to m, or a notice if m holds it)",
    .differences = "none.",
    .bits = "w d",
    .citation =
        "Tyurin, Richtarik: \"Optimal time complexities of parallel stochastic optimization methods under a fixed "
        "computation model\", NeurIPS 2023",
};

class Rennala final : public Rule {
 public:
  Rennala(Round B, Index d) : B_(B), sum_(Vector::Zero(d)) {}
  bool accepts(Round tau) const override { return tau == 0; }
  void take(const Upload& u, Model& model, Answers& answers) override {
    sum_ += u.c;
    if (++taken_ == B_) {
      model.step(sum_ / static_cast<double>(B_));
      sum_.setZero();
      taken_ = 0;
    }
    answers.model(u.m);
  }

 private:
  Round B_, taken_ = 0;
  Vector sum_;
};

inline AsynchronousMethod rennala(const Setup& s, Params& in) {
  const auto busy = read_concurrency(s, in);
  const Round B = in.count("B", {}, 1, "gradients at one model that make a step");
  return compose(s, in, {}, busy, std::make_unique<Rennala>(B, s.d()));
}

}  // namespace laconic::asynchronous
