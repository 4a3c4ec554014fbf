#pragma once

#include <cmath>

#include "algorithms/core/setup.hpp"

namespace laconic {

/// Rounds |v_i| at random to the power of two below or above it, without bias, and sends sign and exponent alone:
/// (1 + x) d bits, x = 8 or 11, the wire's exponent. Horvath, Ho, Horvath, Sahu, Canini, Richtarik: "Natural
/// compression for distributed deep learning", 2019. Too small for the wire's exponents: 0; too large, or not finite:
/// infinity.
class Natural final : public Compressor {
 public:
  Natural(Index d, Wire wire)
      : d_(d), exponent_bits_(wire == Wire::float32 ? 8 : 11), bias_((1 << (exponent_bits_ - 1)) - 1) {}

  void encode(const Vector& v, Rng& rng, BitWriter& out) const override {
    for (const double x : v) {
      int exponent = 0;
      const double fraction = std::frexp(std::abs(x), &exponent);  // |x| = fraction 2^exponent, fraction in [1/2, 1)
      const bool up = rng.uniform() < 2 * fraction - 1;
      out.bits(static_cast<std::uint64_t>(code(x, exponent - 1 + up)) << 1 | (x < 0), exponent_bits_ + 1);
    }
  }

  void decode(BitReader& in, Rng&, Vector& v) const override {
    v.resize(d_);
    for (double& x : v) {
      const std::uint64_t bits = in.bits(exponent_bits_ + 1);
      const int code = static_cast<int>(bits >> 1);
      const double magnitude = code == 0           ? 0
                               : code == largest() ? std::numeric_limits<double>::infinity()
                                                   : std::ldexp(1.0, code - bias_);
      x = bits & 1 ? -magnitude : magnitude;
    }
  }
  std::optional<double> omega() const override { return 1.0 / 8; }

 private:
  int largest() const { return (1 << exponent_bits_) - 1; }
  int code(double x, int exponent) const {
    if (x == 0) return 0;
    if (!std::isfinite(x)) return largest();
    return std::clamp(exponent + bias_, 0, largest());
  }

  Index d_;
  int exponent_bits_, bias_;
};

inline PerWorker<Compressor> natural(const Setup& s, Params&) {
  return [d = s.d(), wire = s.round.wire](int) { return std::make_unique<Natural>(d, wire); };
}

}  // namespace laconic
