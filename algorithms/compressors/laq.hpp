#pragma once

#include <cmath>

#include "algorithms/compressors/rounding.hpp"

namespace laconic::compressors {

/// The b-bit quantiser of an innovation v = g - q, q what was last decoded: with R = max_i |v_i| and t = 1/(2^b - 1),
/// level l_i = floor((v_i + R) / (2 t R) + 1/2), decoded 2 t R l_i - R; R = 0: 0. w + b d bits, the radius once. Sun,
/// Chen, Giannakis, Yang: "Lazily Aggregated Quantized Gradients" (LAQ), NeurIPS 2019. The memory "difference" forms v.
class LaqQuantiser final : public Compressor {
 public:
  LaqQuantiser(Index d, int b, Wire wire)
      : d_(d), b_(b), levels_(static_cast<double>((std::uint64_t{1} << b) - 1)), wire_(wire) {}

  void encode(const Vector& v, Rng&, BitWriter& out) const override {
    const double R = v.lpNorm<Eigen::Infinity>(), sent = rounded(R, wire_);
    out.real(R);
    const double scale = sent > 0 ? levels_ / (2 * sent) : 0;
    const auto write = [&](auto whole) {
      write_coded(out, v, b_, [sent, scale, most = levels_](double x) LACONIC_INLINE {
        return whole_level<decltype(whole)>((x + sent) * scale + 0.5, most);
      });
    };
    if (b_ < 32)
      write(std::int32_t());  // several at a time
    else
      write(std::int64_t());
  }

  void decode(BitReader& in, Rng&, Vector& v) const override {
    const double R = in.real(), unit = 2 * R / levels_;
    v.resize(d_);
    read_codes(in, v, b_, [=](std::uint32_t code) LACONIC_INLINE { return unit * static_cast<double>(code) - R; });
  }
  std::optional<std::uint64_t> payload_bits(Wire wire) const override {
    return static_cast<std::uint64_t>(bits_of(wire)) + static_cast<std::uint64_t>(d_) * static_cast<std::uint64_t>(b_);
  }
  /// In the max-norm: an entry is off by at most half a level, R / (2^b - 1).
  std::optional<double> delta() const override { return 1 - 1 / (levels_ * levels_); }
  bool innovation() const override { return true; }

 private:
  Index d_;
  int b_;
  double levels_;
  Wire wire_;
};

inline PerWorker<Compressor> laq_quantiser(const Setup& s, Params& in) {
  const auto b = static_cast<int>(in.count("bits", 4, 1, "bits of an entry", 32));
  return [d = s.d(), b, wire = s.round.wire](int) { return std::make_unique<LaqQuantiser>(d, b, wire); };
}

}  // namespace laconic::compressors
