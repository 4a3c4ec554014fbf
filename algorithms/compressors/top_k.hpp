#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <limits>
#include <vector>

#include "algorithms/base/simd.hpp"
#include "algorithms/compressors/sparse.hpp"

namespace laconic::compressors {

/// Keeps the k entries of largest magnitude, of equal ones those of lower index: k (w + ceil(log2 d)) bits. SPARS;
/// Stich, Cordonnier, Jaggi: "Sparsified SGD with memory", NeurIPS 2018. NaN counts as larger than all numbers.
class TopK final : public Compressor {
 public:
  TopK(Index d, Index k) : d_(d), k_(k) {}

  void encode(const Vector& v, Rng&, BitWriter& out) const override {
    find_candidates(v);
    scratch_.assign(rank_.begin(), rank_.begin() + found_);
    const double threshold = kth_largest(scratch_, k_);
    Index ties = k_ - std::count_if(rank_.begin(), rank_.begin() + found_, [&](double x) { return x > threshold; });
    for (std::size_t c = 0; c < static_cast<std::size_t>(found_); ++c)
      if (rank_[c] > threshold || (rank_[c] == threshold && ties-- > 0))
        write_entry(out, candidates_[c], v[candidates_[c]], d_);
  }

  void decode(BitReader& in, Rng&, Vector& v) const override {
    v.setZero(d_);
    for (Index i = 0; i < k_; ++i) read_entry(in, v);
  }
  bool lossy() const override { return k_ < d_; }
  std::optional<double> delta() const override { return static_cast<double>(k_) / static_cast<double>(d_); }
  Adds adds() const override { return Adds::entries; }
  std::optional<std::uint64_t> payload_bits(Wire wire) const override {
    return static_cast<std::uint64_t>(k_) * static_cast<std::uint64_t>(bits_of(wire) + index_bits(d_));
  }

 private:
  LACONIC_INLINE static double rank(double x) {
    return std::isnan(x) ? std::numeric_limits<double>::infinity() : std::abs(x);
  }

  // Below which no entry is one of the k, most likely: of a sample, a rank that is well behind what k is of all.
  double likely_cut(const Vector& v) const {
    constexpr Index enough = 8192;
    if (d_ <= 4 * enough) return 0;
    const Index stride = d_ / enough;
    scratch_.clear();
    for (Index i = stride / 2; i < d_; i += stride) scratch_.push_back(rank(v[i]));
    const auto size = static_cast<double>(scratch_.size()),
               expected = static_cast<double>(k_) * size / static_cast<double>(d_);
    const double wanted = expected + 4 * std::sqrt(expected) + 4;
    return wanted < size ? kth_largest(scratch_, static_cast<Index>(wanted)) : 0;
  }

  // Entries, in their order, among which the k largest are, and their ranks: one pass, since a sample says where to
  // cut. If it says wrong, all entries are candidates. The result does not depend on the sample.
  void find_candidates(const Vector& v) const {
    for (double cut = likely_cut(v);; cut = 0) {
      found_ = 0;
      for (Index first = 0; first < d_; first += stretch) {
        if (rank_.size() < static_cast<std::size_t>(found_ + stretch + 1)) {
          rank_.resize(static_cast<std::size_t>(std::min(d_, 2 * found_ + stretch) + 1));
          candidates_.resize(rank_.size());
        }
        look_through(v.data(), first, std::min(first + stretch, d_), cut);
      }
      if (found_ >= k_) return;
    }
  }

  // Without a branch on any entry, as it would often be guessed wrong: first groups of 8 in which there are candidates,
  // then these.
  void look_through(const double* x, Index first, Index end, double cut) const {
    for_widest_cpu([&](auto) LACONIC_INLINE {
      std::int32_t* const to = candidates_.data();
      double* const ranks = rank_.data();
      Index found = found_;
      const auto look_at = [&](Index i) LACONIC_INLINE {
        to[found] = static_cast<std::int32_t>(i);
        ranks[found] = rank(x[i]);
        found += !(std::abs(x[i]) < cut);
      };
      std::array<std::int32_t, stretch / 8> groups;
      std::size_t some = 0;
      Index i = first;
      for (; i + 8 <= end; i += 8) {
        Mask below = ~Mask{};
        for (Index j = i; j < i + 8; j += lanes<double>) below &= abs_of(load(x + j)) < cut;
        std::int64_t all = -1;
        for (int l = 0; l < lanes<double>; ++l) all &= below[l];
        groups[some] = static_cast<std::int32_t>(i);
        some += all == 0;
      }
      for (std::size_t g = 0; g < some; ++g)
        for (Index j = groups[g]; j < groups[g] + 8; ++j) look_at(j);
      for (; i < end; ++i) look_at(i);
      found_ = found;
    });
  }

  // The k-th largest of numbers that are not negative, which order as their bits do. It leaves only some of them in x.
  static double kth_largest(std::vector<double>& x, Index k) {
    const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };
    while (x.size() > few) {
      const auto [least, most] = std::minmax_element(x.begin(), x.end());
      const std::uint64_t low = bits(*least), range = bits(*most) - low;
      if (range == 0) return x[0];
      const int shift = std::max(0, static_cast<int>(std::bit_width(range)) - 11);
      std::array<std::int32_t, 2048> count{};
      for (const double value : x) ++count[(bits(value) - low) >> shift];
      std::size_t bin = range >> shift;
      for (; k > count[bin]; --bin) k -= count[bin];
      std::size_t kept = 0;
      for (const double value : x) {
        x[kept] = value;
        kept += (bits(value) - low) >> shift == bin;
      }
      x.resize(kept);
    }
    if (k <= 8) return kth_of_few(x, k);
    const auto kth = x.begin() + (k - 1);
    std::nth_element(x.begin(), kth, x.end(), std::greater<>());
    return *kth;
  }

  // The largest, the largest below it, and so on: no branch depends on what would often be guessed wrong.
  static double kth_of_few(const std::vector<double>& x, Index k) {
    std::array<double, few> all;
    const std::size_t end = (x.size() + 3) / 4 * 4;
    std::copy(x.begin(), x.end(), all.begin());
    std::fill(all.begin() + static_cast<std::ptrdiff_t>(x.size()), all.begin() + static_cast<std::ptrdiff_t>(end), -1);
    return for_widest_cpu([&](auto) LACONIC_INLINE {
      const auto each = [&](const auto& work) LACONIC_INLINE {
        for (std::size_t i = 0; i < end; i += lanes<double>) work(load(&all[i]));
      };
      Simd<double> level = all_lanes(std::numeric_limits<double>::quiet_NaN());  // nothing reaches it
      for (;;) {
        Simd<double> most = all_lanes(-1.0);
        each([&](const Simd<double>& v) LACONIC_INLINE { most = select(~(v >= level) & (v > most), v, most); });
        level = all_lanes(std::max(std::max(most[0], most[1]), std::max(most[2], most[3])));
        Mask reached{};  // -1 for each
        each([&](const Simd<double>& v) LACONIC_INLINE { reached += v >= level; });
        if (-(reached[0] + reached[1] + reached[2] + reached[3]) >= k) return static_cast<double>(level[0]);
      }
    });
  }

  static constexpr std::size_t few = 64;
  static constexpr Index stretch = 1024;
  Index d_, k_;
  // Scratch of the end that encodes.
  mutable std::vector<double> scratch_, rank_;
  mutable std::vector<std::int32_t> candidates_;
  mutable Index found_ = 0;
};

inline PerWorker<Compressor> top_k(const Setup& s, Params& in) {
  const Index k = kept_entries(s, in);
  return [d = s.d(), k](int) { return std::make_unique<TopK>(d, k); };
}

}  // namespace laconic::compressors
