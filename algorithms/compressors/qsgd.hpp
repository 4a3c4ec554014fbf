#pragma once

#include <cmath>

#include "algorithms/compressors/rounding.hpp"

namespace laconic::compressors {

/// C(v)_i = ||v||_2 sign(v_i) xi_i, where xi_i rounds |v_i| / ||v||_2 at random to a neighbouring multiple of 1/s,
/// s = 2^(b-1) - 1, without bias: w + b d bits. Alistarh, Grubic, Li, Tomioka, Vojnovic: "QSGD", NeurIPS 2017; LASG's
/// b-bit quantiser. xi_i is rounded by 32 random bits. Levels are of the norm as the wire rounds it, so that the
/// decoded vector is unbiased.
class Qsgd final : public Compressor {
 public:
  Qsgd(Index d, int b, Wire wire)
      : d_(d), b_(b), s_(static_cast<double>((std::uint64_t{1} << (b - 1)) - 1)), wire_(wire) {}

  void encode(const Vector& v, Rng& rng, BitWriter& out) const override {
    const double norm = v.norm(), sent = rounded(norm, wire_);
    out.real(norm);
    const double scale = sent > 0 ? s_ / sent : 0;
    write_rounded(out, v, b_, rng, [scale, s = s_](double x, std::uint32_t random) LACONIC_INLINE {
      return whole_low_level(std::abs(x) * scale + uniform(random), s) << 1 | (x < 0);
    });
  }

  void decode(BitReader& in, Rng&, Vector& v) const override {
    const double unit = in.real() / s_;
    v.resize(d_);
    read_codes(in, v, b_, [unit](std::uint32_t code) LACONIC_INLINE {
      const std::uint32_t level = code >> 1, negative = code & 1;
      return unit * static_cast<std::int32_t>((level ^ -negative) + negative);
    });
  }
  std::optional<std::uint64_t> payload_bits(Wire wire) const override {
    return static_cast<std::uint64_t>(bits_of(wire)) + static_cast<std::uint64_t>(d_) * static_cast<std::uint64_t>(b_);
  }
  std::optional<double> omega() const override {
    const auto d = static_cast<double>(d_);
    return std::min(d / (s_ * s_), std::sqrt(d) / s_);
  }

 private:
  Index d_;
  int b_;
  double s_;
  Wire wire_;
};

inline PerWorker<Compressor> qsgd(const Setup& s, Params& in) {
  const auto b = static_cast<int>(in.count("bits", 8, 2, "bits of an entry, its sign among them", 32));
  return [d = s.d(), b, wire = s.round.wire](int) { return std::make_unique<Qsgd>(d, b, wire); };
}

}  // namespace laconic::compressors
