#include "algorithms/methods/blocks.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace laconic::methods {
namespace {

Index largest_divisor(Index n, Index most) {
  for (Index i = std::min(n, most); i > 1; --i)
    if (n % i == 0) return i;
  return 1;
}

BlockModel::Layer cut(const ParameterBlock& layer, Index side, Index length) {
  const bool matrix = layer.rows > 1 && layer.cols > 1;
  const Index rows = matrix ? layer.rows : 1, cols = matrix ? layer.cols : layer.rows * layer.cols;
  const Index r = largest_divisor(rows, side), c = largest_divisor(cols, matrix ? side : length);
  return {layer.offset, rows, cols, r, c, static_cast<int>(std::bit_width(static_cast<std::uint64_t>(r * c) - 1))};
}

}  // namespace

BlockModel::BlockModel(const Problem& problem, Index side, Index length, Index k) : d_(problem.d), k_(k) {
  if (problem.blocks.empty()) layers_.push_back(cut({"", 0, d_, 1}, side, length));
  for (const auto& layer : problem.blocks) layers_.push_back(cut(layer, side, length));
  Index largest = 0;
  for (const auto& layer : layers_) largest = std::max(largest, layer.rows_of_block * layer.cols_of_block);
  rank_.resize(static_cast<std::size_t>(largest));
  order_.resize(rank_.size());
}

void BlockModel::choose(const Vector& v, KeptEntries& kept) {
  kept.at.clear();
  kept.values.clear();
  const auto larger = [this](Index a, Index b) {
    const double x = rank_[static_cast<std::size_t>(a)], y = rank_[static_cast<std::size_t>(b)];
    return x > y || (x == y && a < b);
  };
  for (const auto& layer : layers_)
    for_each_block(layer, [&](const Block& block, Index k) {
      const Index n = block.size();
      for (Index i = 0; i < n; ++i) {
        const double size = std::abs(v[block.entry(i)]);
        rank_[static_cast<std::size_t>(i)] = std::isnan(size) ? std::numeric_limits<double>::infinity() : size;
        order_[static_cast<std::size_t>(i)] = i;
      }
      if (k < n) std::nth_element(order_.begin(), order_.begin() + k, order_.begin() + n, larger);
      std::sort(order_.begin(), order_.begin() + k);
      for (auto i = order_.begin(); i != order_.begin() + k; ++i) {
        kept.at.push_back(block.entry(*i));
        kept.values.push_back(v[kept.at.back()]);
      }
    });
}

namespace {

// Where in its block an entry of the vector is.
std::uint64_t place(const BlockModel::Block& block, Index at) {
  const Index from = at - block.offset;
  return static_cast<std::uint64_t>(from / block.stride * block.cols + from % block.stride);
}

Index read_place(BitReader& in, const BlockModel::Block& block, int bits) {
  const auto i = static_cast<Index>(in.bits(bits));
  if (i >= block.size()) throw std::out_of_range("a message names an entry that its block does not have");
  return block.entry(i);
}

}  // namespace

void BlockModel::write(const KeptEntries& kept, BitWriter& out) const {
  std::size_t at = 0;
  for (const auto& layer : layers_)
    for_each_block(layer, [&](const Block& block, Index k) {
      for (; k > 0; --k, ++at) out.entry(place(block, kept.at[at]), layer.index_bits, kept.values[at]);
    });
}

void BlockModel::read(BitReader& in, KeptEntries& kept) const {
  kept.at.clear();
  kept.values.clear();
  for (const auto& layer : layers_)
    for_each_block(layer, [&](const Block& block, Index k) {
      for (; k > 0; --k) {
        kept.at.push_back(read_place(in, block, layer.index_bits));
        kept.values.push_back(in.real());
      }
    });
}

void BlockModel::find_bins(const double* values, std::size_t n, int bits) {
  const auto count = static_cast<double>(n), bins = static_cast<double>(std::size_t{1} << bits);
  double mean = 0, square = 0;
  for (std::size_t i = 0; i < n; ++i) mean += values[i];
  mean /= count;
  for (std::size_t i = 0; i < n; ++i) square += (values[i] - mean) * (values[i] - mean);
  const double width = 6 * std::sqrt(square / count) / bins;
  means_.assign(std::size_t{1} << bits, 0);
  counts_.assign(means_.size(), 0);
  bins_.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double bin = width > 0 ? std::floor((values[i] - mean) / width) + bins / 2 : bins / 2;
    bins_[i] = bin > 0 ? static_cast<std::uint32_t>(std::min(bin, bins - 1)) : 0;
    means_[bins_[i]] += values[i];
    counts_[bins_[i]] += 1;
  }
  for (std::size_t i = 0; i < means_.size(); ++i)
    if (counts_[i] > 0) means_[i] /= counts_[i];
}

void BlockModel::write_binned(const KeptEntries& kept, int bits, BitWriter& out) {
  std::size_t at = 0;
  for (const auto& layer : layers_) {
    find_bins(kept.values.data() + at, static_cast<std::size_t>(layer.blocks() * kept_of(layer)), bits);
    out.reals(std::span<const double>(means_));
    std::size_t in_layer = 0;
    for_each_block(layer, [&](const Block& block, Index k) {
      for (; k > 0; --k, ++at) {
        out.bits(place(block, kept.at[at]), layer.index_bits);
        out.bits(bins_[in_layer++], bits);
      }
    });
  }
}

void BlockModel::read_binned(BitReader& in, int bits, KeptEntries& kept) const {
  kept.at.clear();
  kept.values.clear();
  double means[1 << 8];
  for (const auto& layer : layers_) {
    in.reals(std::span<double>(means, std::size_t{1} << bits));
    for_each_block(layer, [&](const Block& block, Index k) {
      for (; k > 0; --k) {
        kept.at.push_back(read_place(in, block, layer.index_bits));
        kept.values.push_back(means[in.bits(bits)]);
      }
    });
  }
}

void refuse_reuse(const Setup& s, Params& in) {
  if (s.late == Late::reuse)
    refuse_deadlines(s, in, "old entries would be averaged with new ones that others sent: choose \"drop\"");
}

void refuse_workload(const Setup& s, Params& in) {
  if (s.problem.workload)
    in.refuse("method",
              "its rounds are not known without gradients, and a workload has none: \"diloco\" in one piece, "
              "\"powersgd\" and whatever is composed of slots are");
}

}  // namespace laconic::methods
