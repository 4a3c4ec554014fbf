#pragma once

#include <bit>
#include <cmath>

#include "algorithms/compressors/rounding.hpp"

namespace laconic::compressors {

/// Rounds |v_i| at random to the power of two below or above it, without bias, and sends sign and exponent alone:
/// (1 + x) d bits, x = 8 or 11, the wire's exponent. Horvath, Ho, Horvath, Sahu, Canini, Richtarik: "Natural
/// compression for distributed deep learning", 2019. Too small for the wire's exponents: 0; too large, or not finite:
/// infinity.
class Natural final : public Compressor {
 public:
  Natural(Index d, Wire wire)
      : d_(d), exponent_bits_(wire == Wire::float32 ? 8 : 11), bias_((1 << (exponent_bits_ - 1)) - 1) {}

  void encode(const Vector& v, Rng& rng, BitWriter& out) const override {
    write_rounded(out, v, exponent_bits_ + 1, rng,
                  [bias = bias_, most = largest()](double x, std::uint32_t random) LACONIC_INLINE {
                    return static_cast<std::uint32_t>(code(x, random, bias, most)) << 1 | (x < 0);
                  });
  }

  void decode(BitReader& in, Rng&, Vector& v) const override {
    v.resize(d_);
    // Sign and exponent, where the wire's numbers have them.
    if (exponent_bits_ == 8)
      read_codes(in, v, 9, [](std::uint32_t code) LACONIC_INLINE {
        return static_cast<double>(std::bit_cast<float>(code << 31 | code >> 1 << 23));
      });
    else
      read_codes(in, v, 12,
                 [](std::uint64_t code) LACONIC_INLINE { return std::bit_cast<double>(code << 63 | code >> 1 << 52); });
  }
  std::optional<double> omega() const override { return 1.0 / 8; }
  bool entrywise() const override { return true; }
  std::optional<std::uint64_t> payload_bits(Wire) const override {
    return static_cast<std::uint64_t>(d_) * static_cast<std::uint64_t>(exponent_bits_ + 1);
  }

 private:
  int largest() const { return (1 << exponent_bits_) - 1; }
  // |x| = (1 + fraction / 2^52) 2^exponent is rounded up with probability fraction / 2^52. A denormal number is scaled
  // by 2^64, so that it has an exponent, too. The exponents of 0, infinity and NaN
  // are beyond the ends.
  LACONIC_INLINE static std::int64_t code(double x, std::uint32_t random, std::int64_t bias, std::int64_t most) {
    const auto plain = std::bit_cast<std::int64_t>(std::abs(x)),
               scaled = std::bit_cast<std::int64_t>(std::abs(x) * 0x1p64);
    const bool denormal = plain < std::int64_t{1} << 52;
    const std::int64_t bits = denormal ? scaled : plain, fraction = bits & ((std::int64_t{1} << 52) - 1);
    const std::int64_t up = static_cast<std::int64_t>(random) << 20 < fraction;
    const std::int64_t exponent = (bits >> 52) - 1023 - (denormal ? 64 : 0) + up + bias;
    return std::clamp<std::int64_t>(exponent, 0, most);
  }

  Index d_;
  int exponent_bits_, bias_;
};

inline PerWorker<Compressor> natural(const Setup& s, Params&) {
  return [d = s.d(), wire = s.round.wire](int) { return std::make_unique<Natural>(d, wire); };
}

}  // namespace laconic::compressors
