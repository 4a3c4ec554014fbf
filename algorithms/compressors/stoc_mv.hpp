#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "algorithms/compressors/sparse.hpp"

namespace laconic::compressors {

/// Keeps entry i with probability p_i = min(1, lambda |v_i|) and sends v_i / p_i, which has the least variance among
/// unbiased sparsifiers that keep k entries on average: n (w + ceil(log2 d)) + 32 bits, n the number kept. SPARS,
/// "Stoc-MV"; Wangni, Wang, Liu, Zhang: "Gradient sparsification", NeurIPS 2018. A vector that is not finite is sent
/// whole.
class StocMv final : public Compressor {
 public:
  StocMv(Index d, Index k) : d_(d), k_(k) {}

  void encode(const Vector& v, Rng& rng, BitWriter& out) const override {
    const double lambda = scale(v);
    kept_.clear();
    kept_.reserve(static_cast<std::size_t>(d_));
    out.reserve(32 + static_cast<std::size_t>(d_ * (64 + index_bits(d_))));
    std::array<double, 256> coins;
    const auto stretch = static_cast<Index>(coins.size());
    for (Index first = 0; first < d_; first += stretch) {
      const Index end = std::min(first + stretch, d_);
      const auto some = (v.segment(first, end - first).array() != 0).count();  // 0 needs no coin
      rng.uniforms(std::span(coins).first(static_cast<std::size_t>(some)));
      const double* coin = coins.data();
      for (Index i = first; i < end; ++i) {
        if (v[i] == 0) continue;
        const double p = std::min(1.0, lambda * std::abs(v[i]));
        if (!(*coin++ >= p)) kept_.push_back({i, v[i] / p});
      }
    }
    out.bits(kept_.size(), 32);
    for (const auto& [i, value] : kept_) write_entry(out, i, value, d_);
  }

  void decode(BitReader& in, Rng&, Vector& v) const override {
    v.setZero(d_);
    const auto n = static_cast<Index>(in.bits(32));
    if (n > d_) throw std::out_of_range("a message keeps more entries than the vector has");
    for (Index i = 0; i < n; ++i) read_entry(in, v);
  }
  /// At most that of p_i = k/d, since these p_i are the best of their sum.
  std::optional<double> omega() const override {
    return k_ < d_ ? static_cast<double>(d_) / static_cast<double>(k_) - 1 : 0;
  }
  Adds adds() const override { return Adds::entries; }

 private:
  // Wangni's greedy algorithm: lambda with sum_i min(1, lambda |v_i|) = k, by settling who reaches 1.
  double scale(const Vector& v) const {
    const double infinity = std::numeric_limits<double>::infinity();
    if (k_ >= d_) return infinity;  // p_i = 1, not what rounding leaves of it
    double lambda = 0;
    for (;;) {
      Index sure = 0;
      double rest = 0;
      for (Index i = 0; i < d_; ++i) {
        if (lambda * std::abs(v[i]) >= 1)
          ++sure;
        else
          rest += std::abs(v[i]);
      }
      if (!std::isfinite(rest) || rest == 0 || sure >= k_) return sure > 0 && std::isfinite(rest) ? lambda : infinity;
      const double next = static_cast<double>(k_ - sure) / rest;
      if (!(next > lambda)) return lambda;
      lambda = next;
    }
  }

  struct Entry {
    Index i;
    double value;
  };
  Index d_, k_;
  mutable std::vector<Entry> kept_;  // kept between calls, so that none allocates
};

inline PerWorker<Compressor> stoc_mv(const Setup& s, Params& in) {
  const Index k = kept_entries(s, in);
  return [d = s.d(), k](int) { return std::make_unique<StocMv>(d, k); };
}

}  // namespace laconic::compressors
