#pragma once

#include "algorithms/methods/compose.hpp"
#include "algorithms/updates/nesterov.hpp"

namespace laconic::methods {

inline constexpr MethodDoc slowmo_doc{
    .title = "SlowMo: local SGD whose averages the server treats as gradients, with a slow momentum",
    .box = R"(server sends theta^k to all workers
worker m:  theta_m = theta^k; H times: draws xi, theta_m -= gamma grad l(theta_m; xi), or another local update
           sends theta_m
server:    u = b u + (theta^k - (1/M) sum_m theta_m) / gamma;  theta^{k+1} = theta^k - a gamma u)",
    .differences =
        "A worker sends theta^k - theta_m, as in local-sgd. b is \"server_momentum\", a \"server_step\". A gamma that "
        "changes is, in the server's step, that of the round's first local step. What the local update keeps stays with "
        "the worker between rounds.",
    .bits = "w d",
    .citation =
        "Wang, Tantia, Ballas, Rabbat: \"SlowMo: Improving communication-efficient distributed SGD with slow "
        "momentum\", ICLR 2020, Algorithm 1",
};

class SlowMo final : public Update {
 public:
  SlowMo(Index d, Schedule gamma, Round H, Schedule a, double b)
      : gamma_(gamma), a_(a), H_(H), b_(b), u_(Vector::Zero(d)) {}
  void apply(Round k, Vector& theta, const Vector& moved) override {
    const double gamma = gamma_(k * H_);
    u_ = b_ * u_ + moved / gamma;
    theta -= a_(k) * gamma * u_;
  }

 private:
  Schedule gamma_, a_;
  Round H_;
  double b_;
  Vector u_;
};

inline PerWorker<Update> slow_momentum(const Setup& s, Params& in) {
  const Schedule a = read_schedule(in, "server_step", "1", "a, step size of the server's update");
  const double b = updates::read_server_momentum(in, 0.5);
  const Round H = in.count("H", {}, 1, "gradient steps of a worker between two messages");
  return [=, d = s.d(), gamma = s.step](int) { return std::make_unique<SlowMo>(d, gamma, H, a, b); };
}

inline Method slowmo(const Setup& s, Params& in) {
  static constexpr PartEntry<Update> own{"slowmo", slow_momentum, "", nullptr, ""};
  return compose(s, in, {.stochastic = true, .local = true, .own_update = &own, .step = nullptr});
}

}  // namespace laconic::methods
