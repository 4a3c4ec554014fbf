#pragma once

#include "algorithms/core/setup.hpp"

namespace laconic::compressors {

/// C(v) = v: w d bits.
class Identity final : public Compressor {
 public:
  explicit Identity(Index d) : d_(d) {}
  void encode(const Vector& v, Rng&, BitWriter& out) const override { out.reals(v); }
  void decode(BitReader& in, Rng&, Vector& v) const override {
    v.resize(d_);
    in.reals(v);
  }
  bool lossy() const override { return false; }
  bool entrywise() const override { return true; }
  std::optional<double> omega() const override { return 0; }
  Adds adds() const override { return Adds::reals; }
  std::optional<std::uint64_t> payload_bits(Wire wire) const override {
    return static_cast<std::uint64_t>(d_) * static_cast<std::uint64_t>(bits_of(wire));
  }

 private:
  Index d_;
};

inline PerWorker<Compressor> identity(const Setup& s, Params&) {
  return [d = s.d()](int) { return std::make_unique<Identity>(d); };
}

}  // namespace laconic::compressors
