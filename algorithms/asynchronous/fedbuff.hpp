#pragma once

#include "algorithms/asynchronous/compose.hpp"
#include "algorithms/asynchronous/staleness.hpp"
#include "algorithms/updates/adaptive.hpp"

namespace laconic::asynchronous {

inline constexpr methods::MethodDoc fedbuff_doc{
    .title = "FedBuff: the server buffers what K workers have moved, and steps along its mean (asynchronous)",
    .box = R"(server sends theta^0 to all workers
worker m:  receives theta^v or a notice; x = theta^v; H times: draws xi, x -= gamma grad l(x; xi)
           sends D = theta^v - x
server:    on D:  buffer += s(tau) D
           when it holds K:  theta^{k+1} = theta^k - eta_g (1/K) buffer;  k = k + 1;  buffer = 0
           sends theta^k to m)",
    .differences =
        "Codes differ: FedScale sets the model to a weighted mean, Plato has no weight. s(tau) is 1/sqrt(1 + tau) here, "
        "as in the paper's experiments. H counts steps, the same for all workers.",
    .bits = "w d",
    .citation =
        "Nguyen, Malik, Zhan, Yousefpour, Rabbat, Malek, Huba: \"Federated learning with buffered asynchronous "
        "aggregation\", AISTATS 2022",
};

class FedBuff final : public Rule {
 public:
  FedBuff(Round K, Staleness s, Index d) : K_(K), s_(s), buffer_(Vector::Zero(d)) {}
  void take(const Upload& u, Model& model, Answers& answers) override {
    buffer_ += s_(u.tau) * u.c;
    if (++held_ == K_) {
      model.step(buffer_ / static_cast<double>(K_));
      buffer_.setZero();
      held_ = 0;
    }
    answers.model(u.m);
  }

 private:
  Round K_, held_ = 0;
  Staleness s_;
  Vector buffer_;
};

inline Round read_buffer(Params& in) { return in.count("K", 10, 1, "uploads that make a step"); }

inline AsynchronousMethod fedbuff(const Setup& s, Params& in) {
  const auto busy = read_concurrency(s, in);
  const auto weight = read_staleness(in, "inverse-sqrt", busy.busy);
  const Round K = read_buffer(in);
  return compose(s, in, {.local = true, .step_meaning = "step size gamma_j of a worker's step j", .server_step = "1"},
                 busy, std::make_unique<FedBuff>(K, weight, s.d()));
}

inline constexpr methods::MethodDoc fadas_doc{
    .title = "FADAS: FedBuff with AMSGrad at the server, and a step that stale buffers shorten (asynchronous)",
    .box = R"(server sends theta^0 to all workers
worker m:  receives theta^v or a notice; x = theta^v; H times: draws xi, x -= gamma grad l(x; xi)
           sends D = theta^v - x
server:    on D:  buffer += D
           when it holds K:  D = (1/K) buffer;  m = b1 m + (1 - b1) D;  v = b2 v + (1 - b2) D^2;  v^ = max(v, v^)
           t = the largest tau in the buffer;  e = eta if t <= tau_c, else min(eta, 1/t)
           theta^{k+1} = theta^k - e m / sqrt(v^ + eps);  k = k + 1;  buffer = 0
           sends theta^k to m)",
    .differences = "eps stands inside the root, as in SPARS; FADAS has it outside. H counts steps, alike for all.",
    .bits = "w d",
    .citation = "Wang, Wang, Zhang, Chen: \"FADAS: Towards federated adaptive asynchronous optimization\", ICML 2024",
};

class Fadas final : public Rule {
 public:
  Fadas(Round K, double eta, double tau_c, updates::Moments moments, Index d)
      : K_(K), eta_(eta), tau_c_(tau_c), amsgrad_(d, Schedule{}, moments), buffer_(Vector::Zero(d)) {}
  void take(const Upload& u, Model& model, Answers& answers) override {
    buffer_ += u.c;
    stalest_ = std::max(stalest_, static_cast<double>(u.tau));
    if (++held_ == K_) {
      const double e = stalest_ <= tau_c_ ? eta_ : std::min(eta_, 1 / stalest_);
      moved_.setZero(buffer_.size());
      amsgrad_.apply(model.k, moved_, buffer_ / static_cast<double>(K_));
      model.theta += e * moved_;
      ++model.k;
      buffer_.setZero();
      held_ = 0;
      stalest_ = 0;
    }
    answers.model(u.m);
  }

 private:
  Round K_, held_ = 0;
  double eta_, tau_c_, stalest_ = 0;
  updates::AmsGrad amsgrad_;
  Vector buffer_, moved_;
};

inline AsynchronousMethod fadas(const Setup& s, Params& in) {
  const auto busy = read_concurrency(s, in);
  const Round K = read_buffer(in);
  const double eta = in.expression("server_step", "1", positive, "step size eta of the server's AMSGrad");
  double tau_c = s.M();
  if (in.look("tau_c", "M", "a number that is not negative", "the staleness up to which the step is not shortened"))
    tau_c = in.number("tau_c", {}, non_negative, "the staleness up to which the step is not shortened");
  const auto moments = updates::read_moments(in);
  if (in.has("update")) in.refuse("update", "\"fadas\" is AMSGrad at the server: \"fedbuff\" takes others");
  return compose(s, in, {.local = true, .step_meaning = "step size gamma_j of a worker's step j"}, busy,
                 std::make_unique<Fadas>(K, eta, tau_c, moments, s.d()));
}

}  // namespace laconic::asynchronous
