#pragma once

#include <bit>
#include <cmath>

#include "algorithms/compressors/rounding.hpp"

namespace laconic {

/// Rounds |v_i| at random to the power of two below or above it, without bias, and sends sign and exponent alone:
/// (1 + x) d bits, x = 8 or 11, the wire's exponent. Horvath, Ho, Horvath, Sahu, Canini, Richtarik: "Natural
/// compression for distributed deep learning", 2019. Too small for the wire's exponents: 0; too large, or not finite:
/// infinity.
class Natural final : public Compressor {
 public:
  Natural(Index d, Wire wire)
      : d_(d), exponent_bits_(wire == Wire::float32 ? 8 : 11), bias_((1 << (exponent_bits_ - 1)) - 1) {
    for (int code = 1; code < largest(); ++code) magnitude_.push_back(std::ldexp(1.0, code - bias_));
    magnitude_.push_back(std::numeric_limits<double>::infinity());
  }

  void encode(const Vector& v, Rng& rng, BitWriter& out) const override {
    write_rounded(out, d_, exponent_bits_ + 1, rng, [&](Index i, std::uint32_t random) LACONIC_INLINE {
      return static_cast<std::uint32_t>(code(v[i], random)) << 1 | (v[i] < 0);
    });
  }

  void decode(BitReader& in, Rng&, Vector& v) const override {
    v.resize(d_);
    read_codes(in, v, exponent_bits_ + 1,
               [this](std::uint64_t bits) { return with_sign(magnitude_[bits >> 1], bits & 1); });
  }
  std::optional<double> omega() const override { return 1.0 / 8; }

 private:
  int largest() const { return (1 << exponent_bits_) - 1; }
  // |x| = (1 + fraction / 2^52) 2^exponent is rounded up with probability fraction / 2^52.
  int code(double x, std::uint32_t random) const {
    if (x == 0) return 0;
    if (!std::isfinite(x)) return largest();
    int exponent = 0;
    std::uint64_t bits = std::bit_cast<std::uint64_t>(std::abs(x));
    if (bits >> 52 == 0) {  // denormal
      bits = std::bit_cast<std::uint64_t>(std::abs(x) * 0x1p64);
      exponent = -64;
    }
    exponent += static_cast<int>(bits >> 52) - 1023;
    const std::uint64_t fraction = bits & ((std::uint64_t{1} << 52) - 1);
    const bool up = static_cast<std::uint64_t>(random) << 20 < fraction;
    return std::clamp(exponent + up + bias_, 0, largest());
  }

  Index d_;
  int exponent_bits_, bias_;
  std::vector<double> magnitude_{0};  // of each code
};

inline PerWorker<Compressor> natural(const Setup& s, Params&) {
  return [d = s.d(), wire = s.round.wire](int) { return std::make_unique<Natural>(d, wire); };
}

}  // namespace laconic
