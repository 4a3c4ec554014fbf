#pragma once

#include <cmath>
#include <utility>

#include "algorithms/core/setup.hpp"

namespace laconic::updates {

inline constexpr Range decay{"a number from 0 to below 1", 0, 1, false, true};

/// m = beta m + G; theta -= gamma_k m. Polyak's heavy ball.
class HeavyBall final : public Update {
 public:
  HeavyBall(Index d, Schedule gamma, double beta) : gamma_(gamma), beta_(beta), m_(Vector::Zero(d)) {}
  void apply(Round k, Vector& theta, const Vector& G) override {
    m_ = beta_ * m_ + G;
    theta -= gamma_(k) * m_;
  }
  bool tells_direction() const override { return true; }
  void find_direction(Round k, const Vector& before, const Vector& after, Vector& direction) override {
    direction = (before - after) / gamma_(k);
    m_.swap(direction);
    direction = m_ - beta_ * direction;
  }

 private:
  Schedule gamma_;
  double beta_;
  Vector m_;
};

inline PerWorker<Update> heavy_ball(const Setup& s, Params& in) {
  const double beta = in.number("beta1", 0.9, decay, "decay of the sum of directions");
  return [=, d = s.d(), gamma = s.step](int) { return std::make_unique<HeavyBall>(d, gamma, beta); };
}

struct Moments {
  double beta1, beta2, eps;
};

inline Moments read_moments(Params& in) {
  return {in.number("beta1", 0.9, decay, "decay of the first moment"),
          in.number("beta2", 0.999, decay, "decay of the second moment"),
          in.number("eps", 1e-8, positive, "keeps the denominator away from 0")};
}

/// m = b1 m + (1 - b1) G; v = b2 v + (1 - b2) G^2; v^ = max(v, v^); theta -= gamma_k m / sqrt(v^ + eps): eps inside the
/// root. Reddi, Kale, Kumar: "On the convergence of Adam and beyond", ICLR 2018; SPARS, lines 12-16.
class AmsGrad final : public Update {
 public:
  AmsGrad(Index d, Schedule gamma, Moments p)
      : gamma_(gamma), p_(p), m_(Vector::Zero(d)), v_(Vector::Zero(d)), v_max_(Vector::Zero(d)) {}
  bool normalises() const override { return true; }
  void apply(Round k, Vector& theta, const Vector& G) override {
    m_ = p_.beta1 * m_ + (1 - p_.beta1) * G;
    v_ = p_.beta2 * v_ + (1 - p_.beta2) * G.cwiseAbs2();
    v_max_ = v_max_.cwiseMax(v_);
    theta.array() -= gamma_(k) * m_.array() / (v_max_.array() + p_.eps).sqrt();
  }

 private:
  Schedule gamma_;
  Moments p_;
  Vector m_, v_, v_max_;
};

inline PerWorker<Update> amsgrad_update(const Setup& s, Params& in) {
  return [p = read_moments(in), d = s.d(), gamma = s.step](int) { return std::make_unique<AmsGrad>(d, gamma, p); };
}

/// m and v are as in AmsGrad, m^ = m / (1 - b1^{k+1}), v^ = v / (1 - b2^{k+1}); theta -= gamma_k m^ / (sqrt(v^) + eps).
/// Kingma, Ba: "Adam", ICLR 2015.
class Adam final : public Update {
 public:
  Adam(Index d, Schedule gamma, Moments p) : gamma_(gamma), p_(p), m_(Vector::Zero(d)), v_(Vector::Zero(d)) {}
  bool normalises() const override { return true; }
  void apply(Round k, Vector& theta, const Vector& G) override {
    m_ = p_.beta1 * m_ + (1 - p_.beta1) * G;
    v_ = p_.beta2 * v_ + (1 - p_.beta2) * G.cwiseAbs2();
    const double t = static_cast<double>(k) + 1, c1 = 1 - std::pow(p_.beta1, t), c2 = 1 - std::pow(p_.beta2, t);
    theta.array() -= gamma_(k) / c1 * m_.array() / ((v_.array() / c2).sqrt() + p_.eps);
  }

 private:
  Schedule gamma_;
  Moments p_;
  Vector m_, v_;
};

inline PerWorker<Update> adam(const Setup& s, Params& in) {
  return [p = read_moments(in), d = s.d(), gamma = s.step](int) { return std::make_unique<Adam>(d, gamma, p); };
}

/// b_{k+1}^2 = b_k^2 + ||G||^2; theta -= (gamma_k / b_{k+1}) G. Ward, Wu, Bottou: "AdaGrad stepsizes", ICML 2019;
/// SCALED (5).
class AdaGradNorm final : public Update {
 public:
  AdaGradNorm(Schedule gamma, double b0) : gamma_(gamma), b2_(b0 * b0) {}
  void apply(Round k, Vector& theta, const Vector& G) override {
    b2_ += G.squaredNorm();
    theta -= gamma_(k) / std::sqrt(b2_) * G;
  }

 private:
  Schedule gamma_;
  double b2_;
};

inline PerWorker<Update> adagrad_norm_update(const Setup& s, Params& in) {
  const double b0 = in.number("b0", {}, positive, "where AdaGrad's norm starts");
  return [gamma = s.step, b0](int) { return std::make_unique<AdaGradNorm>(gamma, b0); };
}

/// ||g_m||_2^2
class SquaredNorm final : public SideValues {
 public:
  std::size_t count() const override { return 1; }
  void write(Candidate& c, std::span<double> values) override { values[0] = c.gradient().squaredNorm(); }
};

/// b_{k+1}^2 = b_k^2 + the workers' ||g_m||^2, added up or averaged like their vectors; theta -= (gamma_k / b_{k+1}) G.
class GradientAdaGradNorm final : public Update {
 public:
  GradientAdaGradNorm(Schedule gamma, double b0, double scale) : gamma_(gamma), b2_(b0 * b0), scale_(scale) {}
  std::unique_ptr<SideValues> side_values(int) const override { return std::make_unique<SquaredNorm>(); }
  void read_side_values(int, std::span<const double> values) override { sum_ += values[0]; }
  std::size_t side_values_down() const override { return 1; }
  void write_side_values_down(std::span<double> values) override { values[0] = scale_ * std::exchange(sum_, 0.0); }
  void read_side_values_down(std::span<const double> values) override { b2_ += values[0]; }
  void apply(Round k, Vector& theta, const Vector& G) override { theta -= gamma_(k) / std::sqrt(b2_) * G; }

 private:
  Schedule gamma_;
  double b2_, scale_, sum_ = 0;
};

inline PerWorker<Update> gradient_adagrad_norm(const Setup& s, Params& in) {
  const double b0 = in.number("b0", {}, positive, "where AdaGrad's norm starts");
  const double scale = s.problem.objective == Reduction::mean ? 1.0 / s.M() : 1.0;
  return [=, gamma = s.step](int) { return std::make_unique<GradientAdaGradNorm>(gamma, b0, scale); };
}

}  // namespace laconic::updates
