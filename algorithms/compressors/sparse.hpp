#pragma once

#include <bit>
#include <cmath>
#include <stdexcept>

#include "algorithms/core/setup.hpp"

// What the sparsifiers share: how many entries they keep, and how an entry travels.

namespace laconic::compressors {

/// ceil(log2 d): the bits of an index into d entries.
inline int index_bits(Index d) { return std::bit_width(static_cast<std::uint64_t>(d) - 1); }

inline void write_entry(BitWriter& out, Index i, double value, Index d) {
  out.entry(static_cast<std::uint64_t>(i), index_bits(d), value);
}

inline void read_entry(BitReader& in, Vector& v) {
  const auto i = static_cast<Index>(in.bits(index_bits(v.size())));
  if (i >= v.size()) throw std::out_of_range("a message names an entry that the vector does not have");
  v[i] = in.real();
}

/// Reads "k": a count, or a fraction of d (rounded up); at most d.
inline Index kept_entries(const Setup& s, Params& in) {
  const Range range{"a positive number: a count, or a fraction of d below 1", 0,
                    std::numeric_limits<double>::infinity(), true};
  const double k = in.number("k", {}, range, "entries kept: a count, or a fraction of d");
  if (k >= 1 && k != std::floor(k)) in.fail("k", "a whole number of entries, or a fraction of d below 1");
  const auto d = static_cast<double>(s.d());
  return static_cast<Index>(std::min(d, k < 1 ? std::ceil(k * d) : k));
}

}  // namespace laconic::compressors
