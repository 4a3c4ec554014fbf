#pragma once

#include <algorithm>
#include <array>
#include <bit>

#include "algorithms/core/setup.hpp"

// What the codecs share that send a few bits for every entry.

namespace laconic {

/// code(i, random) for every entry of a vector, `random` 32 random bits, as `bits` bits each. The codes of a stretch
/// are found before they are packed, so that the compiler can find several at a time.
template <class Code>
void write_rounded(BitWriter& out, Index d, int bits, Rng& rng, Code&& code) {
  std::array<std::uint32_t, 512> random, codes;
  for (Index first = 0; first < d; first += 512) {
    const auto n = static_cast<std::size_t>(std::min<Index>(512, d - first));
    rng.words(std::span(random).first(n));
    for (std::size_t i = 0; i < n; ++i) codes[i] = code(first + static_cast<Index>(i), random[i]);
    const std::uint32_t* next = codes.data();
    out.many(n, bits, [&] { return *next++; });
  }
}

/// As a number in [0, 1), a multiple of 2^-32.
inline double uniform(std::uint32_t random) { return random * 0x1p-32; }

/// The whole part of a level, kept from 0 to `most` < 2^32; NaN counts as the most.
inline std::uint32_t whole_level(double level, double most) {
  const double at_most = level < most ? level : most;
  return static_cast<std::uint32_t>(static_cast<std::int64_t>(at_most > 0 ? at_most : 0));
}

/// x, or -x where `negative` is 1 and not 0; without a branch, which for random signs would be guessed wrong half the
/// time.
inline double with_sign(double x, std::uint64_t negative) {
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) ^ negative << 63);
}

/// v_i = value(code) for every entry.
template <class Value>
void read_codes(BitReader& in, Vector& v, int bits, Value&& value) {
  double* next = v.data();
  in.many(static_cast<std::size_t>(v.size()), bits, [&](std::uint64_t code) { *next++ = value(code); });
}

}  // namespace laconic
