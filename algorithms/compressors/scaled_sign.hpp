#pragma once

#include "algorithms/core/setup.hpp"

namespace laconic {

/// C(v) = (||v||_1 / d) sign(v), sign(0) = +1: w + d bits, the scale once. LE, equation (5);
/// Karimireddy, Rebjock, Stich, Jaggi: "Error feedback fixes SignSGD", ICML 2019.
class ScaledSign final : public Compressor {
 public:
  explicit ScaledSign(Index d) : d_(d) {}
  void encode(const Vector& v, Rng&, BitWriter& out) const override {
    out.real(v.lpNorm<1>() / static_cast<double>(d_));
    out.signs(v);
  }
  void decode(BitReader& in, Vector& v) const override {
    const double scale = in.real();
    v.resize(d_);
    in.signs(v, scale);
  }

 private:
  Index d_;
};

inline PerWorker<Compressor> scaled_sign(const Setup& s, Params&) {
  return [d = s.d()](int) { return std::make_unique<ScaledSign>(d); };
}

}  // namespace laconic
