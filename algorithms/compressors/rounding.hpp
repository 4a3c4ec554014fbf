#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>

#include "algorithms/core/lanes.hpp"
#include "algorithms/core/setup.hpp"

// What the codecs share that send a few bits for every entry.

namespace laconic {

/// Writes up to 512 codes of `bits` bits each, the low ones of every word: pairs of them are put together, then pairs
/// of pairs, as far as a 64-bit word goes.
inline void write_codes(BitWriter& out, std::span<const std::uint32_t> codes, int bits) {
  std::array<std::uint64_t, 256> buffers[2];
  std::uint64_t *words = buffers[0].data(), *halves = buffers[1].data();
  std::size_t i = 0;
  if (bits < 32 && codes.size() >= 8) {
    int width = 2 * bits;
    std::size_t n = codes.size() / 8 * 4;
    i = 2 * n;
    widest([&](auto) LACONIC_INLINE {
      std::memcpy(words, codes.data(), n * sizeof(std::uint64_t));
      for (std::size_t k = 0; k < n; ++k)
        words[k] = (words[k] | words[k] >> (32 - bits)) & ((std::uint64_t{1} << width) - 1);
      for (int times = 0; times < 2 && 2 * width < 64; ++times, width *= 2) {
        n /= 2;
        for (std::size_t k = 0; k < n; ++k) halves[k] = words[2 * k] | words[2 * k + 1] << width;
        std::swap(words, halves);
      }
    });
    out.many(n, width, [&] { return *words++; });
  }
  for (; i < codes.size(); ++i) out.bits(codes[i], bits);
}

/// code(i, random), marked LACONIC_INLINE, for every entry of a vector, `random` 32 random bits, as `bits` bits each.
/// The codes of a stretch are found before they are packed, so that the compiler can find several at a time.
template <class Code>
void write_rounded(BitWriter& out, Index d, int bits, Rng& rng, const Code& code) {
  std::array<std::uint32_t, 512> random, codes;
  for (Index first = 0; first < d; first += 512) {
    const auto n = static_cast<std::size_t>(std::min<Index>(512, d - first));
    rng.words(std::span(random).first(n));
    widest([&](auto) LACONIC_INLINE {
      for (std::size_t i = 0; i < n; ++i) codes[i] = code(first + static_cast<Index>(i), random[i]);
    });
    write_codes(out, std::span(codes).first(n), bits);
  }
}

/// As a number in [0, 1), a multiple of 2^-32. (Processors convert signed numbers faster.)
LACONIC_INLINE inline double uniform(std::uint32_t random) {
  return static_cast<std::int32_t>(random ^ 0x80000000u) * 0x1p-32 + 0.5;
}

/// The whole part of a level that is not negative, at most `most` < 2^31, which NaN counts as. Several at a time.
LACONIC_INLINE inline std::uint32_t whole_low_level(double level, double most) {
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(level < most ? level : most));
}

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
