#pragma once

#include <cmath>

#include "algorithms/core/generic_worker.hpp"
#include "algorithms/updates/adaptive.hpp"

// How a worker takes its local steps.

namespace laconic::updates {

/// x -= gamma g
class LocalSgd final : public LocalUpdate {
 public:
  void step(double gamma, const Vector&, const Vector& g, Vector& moved) override { moved += gamma * g; }
};

inline PerWorker<LocalUpdate> local_descent(const Setup&, Params&) {
  return [](int) { return std::make_unique<LocalSgd>(); };
}

/// m = beta m + g; x -= gamma m. Polyak's heavy ball, as the server's update "momentum".
class LocalMomentum final : public LocalUpdate {
 public:
  LocalMomentum(Index d, double beta) : beta_(beta), m_(Vector::Zero(d)) {}
  void step(double gamma, const Vector&, const Vector& g, Vector& moved) override {
    m_ = beta_ * m_ + g;
    moved += gamma * m_;
  }

 private:
  double beta_;
  Vector m_;
};

inline PerWorker<LocalUpdate> local_momentum(const Setup& s, Params& in) {
  const double beta = in.number("beta1", 0.9, decay, "decay of the sum of a worker's gradients");
  return [=, d = s.d()](int) { return std::make_unique<LocalMomentum>(d, beta); };
}

/// The t-th step of a worker, t = 1, 2, ...: m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; m^ = m / (1 - b1^t),
/// v^ = v / (1 - b2^t); x -= gamma (m^ / (sqrt(v^) + eps) + lambda x). Loshchilov, Hutter: "Decoupled weight decay
/// regularization", ICLR 2019, Algorithm 2, with lambda scaled by gamma as PyTorch has it.
class LocalAdamW final : public LocalUpdate {
 public:
  LocalAdamW(Index d, Moments p, double lambda) : p_(p), lambda_(lambda), m_(Vector::Zero(d)), v_(Vector::Zero(d)) {}
  bool normalises() const override { return true; }
  void step(double gamma, const Vector& x, const Vector& g, Vector& moved) override {
    ++t_;
    m_ = p_.beta1 * m_ + (1 - p_.beta1) * g;
    v_ = p_.beta2 * v_ + (1 - p_.beta2) * g.cwiseAbs2();
    const double c1 = 1 - std::pow(p_.beta1, t_), c2 = 1 - std::pow(p_.beta2, t_);
    moved.array() += gamma * (m_.array() / c1 / ((v_.array() / c2).sqrt() + p_.eps) + lambda_ * x.array());
  }

 private:
  Moments p_;
  double lambda_, t_ = 0;
  Vector m_, v_;
};

inline PerWorker<LocalUpdate> local_adamw(const Setup& s, Params& in) {
  const Moments p = read_moments(in);
  const double lambda = in.number("weight_decay", 0.1, non_negative, "lambda: each step takes gamma lambda x off x");
  return [=, d = s.d()](int) { return std::make_unique<LocalAdamW>(d, p, lambda); };
}

}  // namespace laconic::updates
