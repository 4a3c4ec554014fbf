#pragma once

#include "algorithms/core/setup.hpp"

namespace laconic::compressors {

/// C(v) = sign(v), sign(0) = +1: d bits. Bernstein, Wang, Azizzadenesheli, Anandkumar: "signSGD", ICML 2018.
class Sign final : public Compressor {
 public:
  explicit Sign(Index d) : d_(d) {}
  void encode(const Vector& v, Rng&, BitWriter& out) const override { out.signs(v); }
  void decode(BitReader& in, Rng&, Vector& v) const override {
    v.resize(d_);
    in.signs(v, 1);
  }
  bool votes() const override { return true; }
  bool forgets_size() const override { return true; }
  bool entrywise() const override { return true; }
  Adds adds() const override { return Adds::signs; }
  std::optional<std::uint64_t> payload_bits(Wire) const override { return static_cast<std::uint64_t>(d_); }

 private:
  Index d_;
};

inline PerWorker<Compressor> sign(const Setup& s, Params&) {
  return [d = s.d()](int) { return std::make_unique<Sign>(d); };
}

}  // namespace laconic::compressors
