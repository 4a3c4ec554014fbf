#pragma once

#include <algorithm>
#include <numeric>

#include "algorithms/compressors/sparse.hpp"
#include "algorithms/core/lanes.hpp"

namespace laconic {

/// Keeps the k entries of largest magnitude, of equal ones those of lower index: k (w + ceil(log2 d)) bits. SPARS;
/// Stich, Cordonnier, Jaggi: "Sparsified SGD with memory", NeurIPS 2018. NaN counts as larger than all numbers.
class TopK final : public Compressor {
 public:
  TopK(Index d, Index k) : d_(d), k_(k) {}

  void encode(const Vector& v, Rng&, BitWriter& out) const override {
    find_candidates(v);
    magnitude_.clear();
    for (const auto i : candidates_) magnitude_.push_back(rank(v[i]));
    const auto kth = magnitude_.begin() + (k_ - 1);
    std::nth_element(magnitude_.begin(), kth, magnitude_.end(), std::greater<>());
    const double threshold = *kth;
    Index ties = k_ - std::count_if(magnitude_.begin(), kth, [&](double x) { return x > threshold; });
    for (const auto i : candidates_) {
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

  // Entries, in their order, among which the k largest are: one pass, since the largest of a sample say where to cut.
  // If they say wrong, all entries are candidates. The result does not depend on the sample.
  void find_candidates(const Vector& v) const {
    constexpr Index enough = 8192;
    candidates_.resize(static_cast<std::size_t>(d_));
    double cut = 0;
    if (d_ > 4 * enough) {
      const Index stride = d_ / enough;
      magnitude_.clear();
      for (Index i = stride / 2; i < d_; i += stride) magnitude_.push_back(rank(v[i]));
      const double expected =
          static_cast<double>(k_) * static_cast<double>(magnitude_.size()) / static_cast<double>(d_);
      const auto wanted = static_cast<std::size_t>(expected + 5 * std::sqrt(expected) + 5);
      if (wanted < magnitude_.size()) {
        const auto nth = magnitude_.begin() + static_cast<std::ptrdiff_t>(wanted);
        std::nth_element(magnitude_.begin(), nth, magnitude_.end(), std::greater<>());
        cut = *nth;
      }
    }
    std::size_t found = 0;
    const auto look_at = [&](Index i) LACONIC_INLINE {
      candidates_[found] = static_cast<std::int32_t>(i);
      found += !(std::abs(v[i]) < cut);
    };
    Index i = 0;
    widest([&](auto) LACONIC_INLINE {
      for (; i + 8 <= d_; i += 8) {
        Mask below = ~Mask{};
        for (Index j = i; j < i + 8; j += lanes<double>) below &= abs_of(load(v.data() + j)) < cut;
        std::int64_t all = -1;
        for (int l = 0; l < lanes<double>; ++l) all &= below[l];
        if (all) continue;
        for (Index j = i; j < i + 8; ++j) look_at(j);
      }
    });
    for (; i < d_; ++i) look_at(i);
    if (static_cast<Index>(found) < k_) {
      std::iota(candidates_.begin(), candidates_.end(), 0);
      return;
    }
    candidates_.resize(found);
  }

  Index d_, k_;
  // Scratch of the end that encodes.
  mutable std::vector<double> magnitude_;
  mutable std::vector<std::int32_t> candidates_;
};

inline PerWorker<Compressor> top_k(const Setup& s, Params& in) {
  const Index k = kept_entries(s, in);
  return [d = s.d(), k](int) { return std::make_unique<TopK>(d, k); };
}

}  // namespace laconic
