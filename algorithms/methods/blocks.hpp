#pragma once

#include <algorithm>
#include <vector>

#include "algorithms/core/setup.hpp"

namespace laconic::methods {

/// Some entries of a vector of d, block after block, ascending within a block, and their values.
struct KeptEntries {
  std::vector<Index> at;
  std::vector<double> values;
};

/// A vector of d entries cut into blocks, of each of which the k largest entries travel. A matrix of rows x cols, a
/// neural network's layer, is cut into blocks of r x c, the largest divisors of rows and cols that are at most `side`;
/// what is no matrix into pieces, the largest divisor of its size that is at most a given length.
class BlockModel {
 public:
  struct Block {
    Index offset, stride, rows, cols;  ///< entry (i, j) is the vector's offset + i stride + j
    Index size() const { return rows * cols; }
    Index entry(Index at) const { return offset + at / cols * stride + at % cols; }
  };
  struct Layer {
    Index offset, rows, cols;            ///< of the layer, row by row
    Index rows_of_block, cols_of_block;  ///< divisors of these
    int index_bits;                      ///< ceil(log2 of a block's entries)
    Index blocks() const { return rows / rows_of_block * (cols / cols_of_block); }
    Block block(Index n) const {
      const Index in_row = cols / cols_of_block;
      return {offset + n / in_row * rows_of_block * cols + n % in_row * cols_of_block, cols, rows_of_block,
              cols_of_block};
    }
  };

  BlockModel(const Problem& problem, Index side, Index length, Index k);
  Index d() const { return d_; }
  const std::vector<Layer>& layers() const { return layers_; }

  /// The k entries of largest magnitude of each block; of equal ones those that come first in it. What is not a number
  /// counts as largest.
  void choose(const Vector& v, KeptEntries& kept);
  /// Each entry as its index in the block and its value, w bits.
  void write(const KeptEntries& kept, BitWriter& out) const;
  void read(BitReader& in, KeptEntries& kept) const;
  /// The values of a layer in one of 2^bits bins each: equal ones over 6 sigma about their mean, the outer ones open.
  /// Each layer begins with its bins' means, w bits each (0 where a bin is empty); an entry is its index and its bin.
  void write_binned(const KeptEntries& kept, int bits, BitWriter& out);
  void read_binned(BitReader& in, int bits, KeptEntries& kept) const;

 private:
  Index kept_of(const Layer& layer) const { return std::min(k_, layer.rows_of_block * layer.cols_of_block); }
  // visit(block, how many of its entries travel) for all blocks of a layer.
  template <class Visit>
  void for_each_block(const Layer& layer, const Visit& visit) const {
    for (Index n = 0; n < layer.blocks(); ++n) visit(layer.block(n), kept_of(layer));
  }
  void find_bins(const double* values, std::size_t n, int bits);

  Index d_, k_;
  std::vector<Layer> layers_;
  // Scratch of the end that writes.
  std::vector<double> rank_, means_, counts_;
  std::vector<Index> order_;
  std::vector<std::uint32_t> bins_;
};

/// Adds up what workers kept of their vectors, entry by entry, and averages over those who sent an entry.
class MeanOfSenders {
 public:
  explicit MeanOfSenders(Index d) : sum_(Vector::Zero(d)), senders_(Vector::Zero(d)) {}
  void begin() {
    sum_.setZero();
    senders_.setZero();
  }
  void add(const KeptEntries& kept) {
    for (std::size_t i = 0; i < kept.at.size(); ++i) {
      sum_[kept.at[i]] += kept.values[i];
      senders_[kept.at[i]] += 1;
    }
  }
  /// 0 where nobody sent anything.
  const Vector& result() {
    sum_.array() /= senders_.array().max(1);
    return sum_;
  }

 private:
  Vector sum_, senders_;
};

/// What makes these methods refuse deadlines and collectives.
void refuse_reuse(const Setup& s, Params& in);
/// Throws InputError where there is nothing to learn.
void refuse_workload(const Setup& s, Params& in);
inline Refusal mean_of_senders_is_no_sum() {
  return {"method", "each entry is averaged over those who sent it, and a sum does not say how many they were"};
}

}  // namespace laconic::methods
