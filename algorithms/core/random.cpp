#include "algorithms/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "algorithms/core/lanes.hpp"

#if defined(__x86_64__) && !defined(__clang__)
#include <emmintrin.h>
#endif

namespace laconic {

__extension__ using Wide = unsigned __int128;

std::array<std::uint32_t, 4> Rng::philox(std::array<std::uint32_t, 4> c, std::array<std::uint32_t, 2> key) {
  for (int i = 0; i < 10; ++i) {
    const std::uint64_t a = 0xD2511F53ull * c[0];
    const std::uint64_t b = 0xCD9E8D57ull * c[2];
    c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ key[0], static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return c;
}

Rng::Rng(std::uint64_t seed, Purpose purpose, std::uint32_t worker, std::uint64_t round)
    : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
      counter_{0, static_cast<std::uint32_t>(round), worker,
               static_cast<std::uint32_t>(purpose) << 24 | static_cast<std::uint32_t>(round >> 32 & 0xFFFFFF)} {}

namespace {

using Words = Lanes<std::uint64_t>;
constexpr int blocks_at_once = 8, vectors = blocks_at_once / lanes<std::uint64_t>;
constexpr std::uint64_t low_half = 0xFFFFFFFF;

// Of the low halves. g++ knows no such product, and would multiply whole lanes.
template <bool wide>
LACONIC_INLINE inline Words product(const Words& a, const Words& b) {
#if defined(__x86_64__) && !defined(__clang__)
  Words out;
  if constexpr (wide) {
    asm("vpmuludq %2, %1, %0" : "=x"(out) : "x"(a), "xm"(b));
  } else {
    __m128i x[2], y[2];
    std::memcpy(x, &a, sizeof x);
    std::memcpy(y, &b, sizeof y);
    for (int i = 0; i < 2; ++i) x[i] = _mm_mul_epu32(x[i], y[i]);
    std::memcpy(&out, x, sizeof out);
  }
  return out;
#else
  return (a & low_half) * (b & low_half);
#endif
}

// Philox's words in the low halves of lanes. What stands in the high halves is never looked at, so that a round is two
// products, two shifts and four exclusive ors.
template <bool wide>
LACONIC_INLINE inline void eight_blocks(const std::array<std::uint32_t, 4>& counter, std::array<std::uint32_t, 2> key,
                                        std::uint32_t* out) {
  Words c[4][vectors];
  std::array<std::uint64_t, blocks_at_once> first;
  for (std::size_t i = 0; i < blocks_at_once; ++i) first[i] = counter[0] + i;
  for (int p = 0; p < vectors; ++p) {
    c[0][p] = load(&first[static_cast<std::size_t>(p * lanes<std::uint64_t>)]);
    for (int w = 1; w < 4; ++w) c[w][p] = all_lanes(std::uint64_t{counter[static_cast<std::size_t>(w)]});
  }
  const Words by_a = all_lanes<std::uint64_t>(0xD2511F53), by_b = all_lanes<std::uint64_t>(0xCD9E8D57);
  for (int round = 0; round < 10; ++round) {
    for (int p = 0; p < vectors; ++p) {
      const Words a = product<wide>(c[0][p], by_a), b = product<wide>(c[2][p], by_b);
      c[0][p] = b >> 32 ^ c[1][p] ^ key[0];
      c[1][p] = b;
      c[2][p] = a >> 32 ^ c[3][p] ^ key[1];
      c[3][p] = a;
    }
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  for (int p = 0; p < vectors; ++p) {
    const Words front = (c[0][p] & low_half) | c[1][p] << 32, back = (c[2][p] & low_half) | c[3][p] << 32;
    for (int l = 0; l < lanes<std::uint64_t>; ++l) {
      const std::uint64_t block[] = {front[l], back[l]};
      std::memcpy(out + 4 * (p * lanes<std::uint64_t> + l), block, sizeof block);
    }
  }
}

}  // namespace

void Rng::words(std::span<std::uint32_t> out) {
  left_ = 0;
  std::size_t i = 0;
  constexpr std::size_t together = 4 * blocks_at_once;
  widest([&](auto wide) LACONIC_INLINE {
    for (; i + together <= out.size(); i += together, counter_[0] += blocks_at_once)
      eight_blocks<wide>(counter_, key_, &out[i]);
  });
  for (; i < out.size(); i += 4, ++counter_[0]) {
    const auto block = philox(counter_, key_);
    std::copy_n(block.begin(), std::min<std::size_t>(4, out.size() - i), out.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

std::uint64_t Rng::next() {
  if (left_ == 0) {
    const auto words = philox(counter_, key_);
    ++counter_[0];
    block_ = {words[0] | static_cast<std::uint64_t>(words[1]) << 32, words[2] | static_cast<std::uint64_t>(words[3])
                                                                                    << 32};
    left_ = 2;
  }
  return block_[static_cast<std::size_t>(2 - left_--)];
}

double Rng::uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

std::uint64_t Rng::below(std::uint64_t n) {
  Wide product = static_cast<Wide>(next()) * n;
  if (static_cast<std::uint64_t>(product) < n) {
    const std::uint64_t reject = -n % n;
    while (static_cast<std::uint64_t>(product) < reject) product = static_cast<Wide>(next()) * n;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double Rng::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2 * std::log1p(-uniform()));
  const double angle = 2 * std::numbers::pi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

}  // namespace laconic
