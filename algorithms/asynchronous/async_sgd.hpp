#pragma once

#include "algorithms/asynchronous/compose.hpp"
#include "algorithms/asynchronous/staleness.hpp"

namespace laconic::asynchronous {

inline constexpr methods::MethodDoc async_sgd_doc{
    .title = "Asynchronous SGD: the server steps along every gradient that arrives (asynchronous)",
    .box = R"(server sends theta^0 to all workers
worker m:  receives theta^v, draws xi, sends grad l(theta^v; xi); j = j + 1
server:    on grad l(theta^v; xi) of staleness tau = k - v:
           if tau < R:  theta^{k+1} = theta^k - gamma_k s(tau) grad l(theta^v; xi);  k = k + 1
           sends theta^k to m)",
    .differences =
        "R (\"accept\") is Ringmaster's; without it every gradient is taken, as in MISH, whose delay-adaptive step is "
        "\"staleness\": \"delay-adaptive\". Ringmaster's Algorithm 5 would stop a gradient that has become too old; here "
        "it is thrown away when it arrives. With a \"sum\" objective a gradient counts M times.",
    .bits = "w d",
    .citation =
        "Mishchenko, Bach, Even, Woodworth: \"Asynchronous SGD beats minibatch SGD under arbitrary delays\", NeurIPS "
        "2022; Maranjyan, Tyurin, Richtarik: \"Ringmaster ASGD\", ICML 2025",
};

class AsyncSgd final : public Rule {
 public:
  AsyncSgd(std::optional<Round> R, Staleness s) : R_(R), s_(s) {}
  bool accepts(Round tau) const override { return !R_ || tau < *R_; }
  void take(const Upload& u, Model& model, Answers& answers) override {
    model.step(s_(u.tau) * u.c);
    answers.model(u.m);
  }

 private:
  std::optional<Round> R_;
  Staleness s_;
};

inline AsynchronousMethod async_sgd(const Setup& s, Params& in) {
  const auto busy = read_concurrency(s, in);
  const auto weight = read_staleness(in, "constant", busy.busy);
  std::optional<Round> R;
  if (in.look("accept", "always", "a whole number, 1 or more",
              "Ringmaster's R: an upload of that staleness or more is thrown away"))
    R = in.count("accept", {}, 1, "the least staleness that is thrown away");
  return compose(s, in, {}, busy, std::make_unique<AsyncSgd>(R, weight));
}

}  // namespace laconic::asynchronous
