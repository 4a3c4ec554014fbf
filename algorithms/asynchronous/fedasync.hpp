#pragma once

#include "algorithms/asynchronous/compose.hpp"
#include "algorithms/asynchronous/staleness.hpp"

namespace laconic::asynchronous {

inline constexpr methods::MethodDoc fedasync_doc{
    .title = "FedAsync: the server mixes every local model that arrives into its own (asynchronous)",
    .box = R"(server sends theta^0 to all workers
worker m:  receives theta^v; x = theta^v
           H times: draws xi, x -= gamma (grad l(x; xi) + rho (x - theta^v));  sends x
server:    on x:  a = alpha s(tau);  theta^{k+1} = (1 - a) theta^k + a x;  k = k + 1;  sends theta^k to m)",
    .differences =
        "A worker sends D = theta^v - x, in a form that compressors and memories can work on, and the server mixes "
        "theta^v - D. The paper's t - tau is tau + 1 here. H counts steps, the same for all workers.",
    .bits = "w d",
    .citation = "Xie, Koyejo, Gupta: \"Asynchronous federated optimization\", 2019, Algorithm 1",
};

class FedAsync final : public Rule {
 public:
  FedAsync(double alpha, Staleness s) : alpha_(alpha), s_(s) {}
  void take(const Upload& u, Model& model, Answers& answers) override {
    const double a = alpha_ * s_(u.tau);
    model.theta = (1 - a) * model.theta + a * (*u.v - u.c);
    ++model.k;
    answers.model(u.m);
  }
  bool needs_models() const override { return true; }

 private:
  double alpha_;
  Staleness s_;
};

inline AsynchronousMethod fedasync(const Setup& s, Params& in) {
  const auto busy = read_concurrency(s, in);
  const auto weight = read_staleness(in, "constant", busy.busy);
  const Range share{"a number above 0, at most 1", 0, 1, true};
  const double alpha = in.number("alpha", 0.6, share, "weight of a local model that is not stale");
  const double rho = in.number("rho", 0, non_negative, "pulls local steps back to the model they start from");
  if (in.has("update"))
    in.refuse("update", "\"fedasync\" mixes models and takes no step: \"alpha\" and \"staleness\" say how");
  return compose(s, in, {.local = true, .step_meaning = "step size gamma_j of a worker's step j"}, busy,
                 std::make_unique<FedAsync>(alpha, weight), rho);
}

}  // namespace laconic::asynchronous
