#pragma once

#include <memory>
#include <utility>

#include "algorithms/core/setup.hpp"

namespace laconic::compressors {

/// C(v) / (1 + omega) for an unbiased C of variance omega, which makes it a contraction of delta = 1/(1 + omega).
/// Richtarik, Sokolov, Fatkhullin: "EF21", NeurIPS 2021; Beznosikov, Horvath, Richtarik, Safaryan: "On biased
/// compression for distributed learning", 2020. The bits are C's: the receiver divides.
class Damped final : public Compressor {
 public:
  Damped(std::unique_ptr<Compressor> C, double omega) : C_(std::move(C)), scale_(1 / (1 + omega)) {
    encoding = C_->encoding;
    decoding = C_->decoding;
  }
  void encode(const Vector& v, Rng& rng, BitWriter& out) const override { C_->encode(v, rng, out); }
  void decode(BitReader& in, Rng& rng, Vector& v) const override {
    C_->decode(in, rng, v);
    v *= scale_;
  }
  bool lossy() const override { return C_->lossy(); }
  bool votes() const override { return C_->votes(); }
  bool entrywise() const override { return C_->entrywise(); }
  std::optional<double> delta() const override { return scale_; }
  bool innovation() const override { return C_->innovation(); }
  std::vector<std::uint64_t> bits_by_layer(Wire wire) const override { return C_->bits_by_layer(wire); }
  Adds adds() const override { return C_->adds(); }
  std::optional<std::uint64_t> payload_bits(Wire wire) const override { return C_->payload_bits(wire); }

 private:
  std::unique_ptr<Compressor> C_;
  double scale_;
};

}  // namespace laconic::compressors
