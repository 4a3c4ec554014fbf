#pragma once

#include <numeric>

#include "algorithms/compressors/sparse.hpp"

namespace laconic::compressors {

/// Keeps k entries chosen uniformly without replacement; both ends draw them from the stream they share, so that only
/// the values travel: w k bits. "unbiased" scales by d/k. SPARS, "Stoc-Unif"; Stich, Cordonnier, Jaggi, NeurIPS 2018.
class RandK final : public Compressor {
 public:
  RandK(Index d, Index k, double scale) : d_(d), k_(static_cast<std::size_t>(k)), scale_(scale) {}
  void encode(const Vector& v, Rng& rng, BitWriter& out) const override {
    each_kept(rng, [&](Index i) { out.real(v[i]); });
  }
  void decode(BitReader& in, Rng& rng, Vector& v) const override {
    v.setZero(d_);
    each_kept(rng, [&](Index i) { v[i] = scale_ * in.real(); });
  }
  bool lossy() const override { return static_cast<Index>(k_) < d_; }
  Adds adds() const override { return Adds::drawn; }
  std::optional<std::uint64_t> payload_bits(Wire wire) const override {
    return k_ * static_cast<std::uint64_t>(bits_of(wire));
  }
  std::optional<double> omega() const override {
    const double ratio = static_cast<double>(d_) / static_cast<double>(k_);
    return scale_ == ratio ? std::optional(ratio - 1) : std::nullopt;
  }
  std::optional<double> delta() const override {
    const double kept = static_cast<double>(k_) / static_cast<double>(d_), lost = scale_ - 1;
    return 1 - (kept * lost * lost + 1 - kept);
  }

 private:
  // k steps of Fisher and Yates, then undone: O(k), and a draw depends on its stream alone.
  template <class Visit>
  void each_kept(Rng& rng, Visit&& visit) const {
    if (order_.empty()) {
      order_.resize(static_cast<std::size_t>(d_));
      std::iota(order_.begin(), order_.end(), 0);
    }
    swapped_.resize(k_);
    for (std::size_t i = 0; i < k_; ++i) {
      swapped_[i] = i + rng.below(order_.size() - i);
      std::swap(order_[i], order_[swapped_[i]]);
      visit(order_[i]);
    }
    for (std::size_t i = k_; i-- > 0;) std::swap(order_[i], order_[swapped_[i]]);
  }

  Index d_;
  std::size_t k_;
  double scale_;
  mutable std::vector<std::int32_t> order_;  // kept between calls, so that none allocates
  mutable std::vector<std::size_t> swapped_;
};

inline PerWorker<Compressor> rand_k(const Setup& s, Params& in) {
  const Index k = kept_entries(s, in);
  const bool unbiased = in.flag("unbiased", s.unbiased, "scale what is kept by d/k");
  const double scale = unbiased ? static_cast<double>(s.d()) / static_cast<double>(k) : 1;
  return [d = s.d(), k, scale](int) { return std::make_unique<RandK>(d, k, scale); };
}

}  // namespace laconic::compressors
