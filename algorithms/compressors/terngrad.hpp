#pragma once

#include <cmath>

#include "algorithms/compressors/rounding.hpp"

namespace laconic::compressors {

/// C(v)_i = s sign(v_i) b_i, s = max_i |v_i|, b_i = 1 with probability |v_i| / s, else 0; unbiased: w + 2 d bits.
/// Wen, Xu, Yan, Wu, Wang, Chen, Li: "TernGrad", NeurIPS 2017.
class TernGrad final : public Compressor {
 public:
  TernGrad(Index d, Wire wire) : d_(d), wire_(wire) {}

  void encode(const Vector& v, Rng& rng, BitWriter& out) const override {
    const double s = v.lpNorm<Eigen::Infinity>(), sent = rounded(s, wire_);
    out.real(s);
    write_rounded(out, v, 2, rng, [sent](double x, std::uint32_t random) LACONIC_INLINE {
      const std::uint32_t kept = uniform(random) * sent < std::abs(x), negative = x < 0;
      return kept | (kept & negative) << 1;
    });
  }

  void decode(BitReader& in, Rng&, Vector& v) const override {
    const double s = in.real(), value[] = {0 * s, s, 0 * s, -s};  // 0 * s: what is not finite stays so
    v.resize(d_);
    read_codes(in, v, 2, [&](std::uint32_t code) LACONIC_INLINE { return value[code]; });
  }
  std::optional<std::uint64_t> payload_bits(Wire wire) const override {
    return static_cast<std::uint64_t>(bits_of(wire)) + 2 * static_cast<std::uint64_t>(d_);
  }
  std::optional<double> omega() const override { return std::sqrt(static_cast<double>(d_)) - 1; }

 private:
  Index d_;
  Wire wire_;
};

inline PerWorker<Compressor> terngrad(const Setup& s, Params&) {
  return [d = s.d(), wire = s.round.wire](int) { return std::make_unique<TernGrad>(d, wire); };
}

}  // namespace laconic::compressors
