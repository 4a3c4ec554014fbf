#pragma once

#include "algorithms/updates/adaptive.hpp"

namespace laconic::updates {

/// v = b v + G; theta -= gamma_k (G + b v). Nesterov's momentum as Sutskever et al. (ICML 2013) and PyTorch write it.
class Nesterov final : public Update {
 public:
  Nesterov(Index d, Schedule gamma, double b) : gamma_(gamma), b_(b), v_(Vector::Zero(d)) {}
  void apply(Round k, Vector& theta, const Vector& G) override {
    v_ = b_ * v_ + G;
    theta -= gamma_(k) * (G + b_ * v_);
  }

 private:
  Schedule gamma_;
  double b_;
  Vector v_;
};

inline double read_server_momentum(Params& in, double fallback) {
  return in.number("server_momentum", fallback, decay, "b, decay of the server's sum of directions");
}

inline PerWorker<Update> nesterov(const Setup& s, Params& in) {
  return [d = s.d(), gamma = s.step, b = read_server_momentum(in, 0.9)](int) {
    return std::make_unique<Nesterov>(d, gamma, b);
  };
}

}  // namespace laconic::updates
