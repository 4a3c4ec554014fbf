#pragma once

#include <algorithm>

#include "algorithms/compressors/sparse.hpp"

namespace laconic {

/// Keeps the k entries of largest magnitude, of equal ones those of lower index: k (w + ceil(log2 d)) bits. SPARS;
/// Stich, Cordonnier, Jaggi: "Sparsified SGD with memory", NeurIPS 2018. NaN counts as larger than all numbers.
class TopK final : public Compressor {
 public:
  TopK(Index d, Index k) : d_(d), k_(k), magnitude_(static_cast<std::size_t>(d)) {}

  void encode(const Vector& v, Rng&, BitWriter& out) const override {
    // The k-th largest magnitude in O(d), then one pass in index order.
    for (Index i = 0; i < d_; ++i) magnitude_[static_cast<std::size_t>(i)] = rank(v[i]);
    const auto kth = magnitude_.begin() + (k_ - 1);
    std::nth_element(magnitude_.begin(), kth, magnitude_.end(), std::greater<>());
    const double threshold = *kth;
    Index ties = k_ - std::count_if(magnitude_.begin(), kth, [&](double x) { return x > threshold; });
    for (Index i = 0; i < d_; ++i) {
      const double x = rank(v[i]);
      if (x > threshold || (x == threshold && ties-- > 0)) write_entry(out, i, v[i], d_);
    }
  }

  void decode(BitReader& in, Rng&, Vector& v) const override {
    v.setZero(d_);
    for (Index i = 0; i < k_; ++i) read_entry(in, v);
  }
  bool lossy() const override { return k_ < d_; }
  Adds adds() const override { return Adds::entries; }

 private:
  static double rank(double x) { return std::isnan(x) ? std::numeric_limits<double>::infinity() : std::abs(x); }

  Index d_, k_;
  mutable std::vector<double> magnitude_;  // scratch
};

inline PerWorker<Compressor> top_k(const Setup& s, Params& in) {
  const Index k = kept_entries(s, in);
  return [d = s.d(), k](int) { return std::make_unique<TopK>(d, k); };
}

}  // namespace laconic
