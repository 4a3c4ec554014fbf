#pragma once

#include <algorithm>
#include <array>
#include <span>

#include "algorithms/base/simd.hpp"
#include "algorithms/core/setup.hpp"

// What the codecs share that send a few bits for every entry.

namespace laconic::compressors {

/// code(x), marked LACONIC_INLINE, for every entry of a vector, as `bits` <= 32 bits each. The codes of a stretch are
/// found before they are packed, so that the compiler can find several at a time: of entries, not of their indices, or
/// it would fetch them one by one.
template <class Code>
void write_coded(BitWriter& out, const Vector& v, int bits, const Code& code) {
  std::array<std::uint32_t, 512> codes;
  for (Index first = 0; first < v.size(); first += 512) {
    const auto n = static_cast<std::size_t>(std::min<Index>(512, v.size() - first));
    const double* x = v.data() + first;
    widest_of_all([&](auto) LACONIC_INLINE {
      for (std::size_t i = 0; i < n; ++i) codes[i] = code(x[i]);
    });
    out.codes(std::span(codes).first(n), bits);
  }
}

/// Writes code(x, random) of every entry x in `bits` bits, each with 32 random bits of its own.
template <class Code>
void write_rounded(BitWriter& out, const Vector& v, int bits, Rng& rng, const Code& code) {
  std::array<std::uint32_t, 512> random, codes;
  for (Index first = 0; first < v.size(); first += 512) {
    const auto n = static_cast<std::size_t>(std::min<Index>(512, v.size() - first));
    const double* x = v.data() + first;
    rng.words(std::span(random).first(n));
    widest_of_all([&](auto) LACONIC_INLINE {
      for (std::size_t i = 0; i < n; ++i) codes[i] = code(x[i], random[i]);
    });
    out.codes(std::span(codes).first(n), bits);
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

/// The whole part of a level, kept from 0 to `most`, which fits into Whole; NaN counts as the most.
template <class Whole>
LACONIC_INLINE inline std::uint32_t whole_level(double level, double most) {
  const double at_most = level < most ? level : most;
  return static_cast<std::uint32_t>(static_cast<Whole>(at_most > 0 ? at_most : 0));
}

/// v_i = value(code), marked LACONIC_INLINE, for every entry.
template <class Value>
void read_codes(BitReader& in, Vector& v, int bits, const Value& value) {
  std::array<std::uint32_t, 512> codes;
  for (Index first = 0; first < v.size(); first += 512) {
    const auto n = static_cast<std::size_t>(std::min<Index>(512, v.size() - first));
    in.codes(std::span(codes).first(n), bits);
    double* to = v.data() + first;
    widest_of_all([&](auto) LACONIC_INLINE {
      for (std::size_t i = 0; i < n; ++i) to[i] = value(codes[i]);
    });
  }
}

}  // namespace laconic::compressors
