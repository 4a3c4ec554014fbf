#pragma once

#include "algorithms/core/setup.hpp"

namespace laconic::compressors {

/// C(v) = s ||v||_1 sign(v), sign(0) = +1: w + d bits, the magnitude once. s = 1/d is LE's, equation (5), and
/// Karimireddy, Rebjock, Stich, Jaggi's: "Error feedback fixes SignSGD", ICML 2019; s = 1 is SCALED's, equation (14).
class ScaledSign final : public Compressor {
 public:
  ScaledSign(Index d, double s) : d_(d), s_(s) {}
  void encode(const Vector& v, Rng&, BitWriter& out) const override {
    out.real(v.lpNorm<1>() * s_);
    out.signs(v);
  }
  void decode(BitReader& in, Rng&, Vector& v) const override {
    const double magnitude = in.real();
    v.resize(d_);
    in.signs(v, magnitude);
  }
  bool votes() const override { return true; }
  std::optional<std::uint64_t> payload_bits(Wire wire) const override {
    return static_cast<std::uint64_t>(bits_of(wire)) + static_cast<std::uint64_t>(d_);
  }
  /// ||C(v) - v||^2 = ||v||^2 - (2 s - s^2 d) ||v||_1^2, and ||v||_1 >= ||v||.
  std::optional<double> delta() const override {
    const double delta = 2 * s_ - s_ * s_ * static_cast<double>(d_);
    return delta > 0 ? std::optional(delta) : std::nullopt;
  }

 private:
  Index d_;
  double s_;
};

inline PerWorker<Compressor> scaled_sign(const Setup& s, Params&) {
  return [d = s.d()](int) { return std::make_unique<ScaledSign>(d, 1.0 / static_cast<double>(d)); };
}

inline PerWorker<Compressor> l1_sign(const Setup& s, Params&) {
  return [d = s.d()](int) { return std::make_unique<ScaledSign>(d, 1.0); };
}

}  // namespace laconic::compressors
