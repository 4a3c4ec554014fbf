#include "algorithms/base/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "algorithms/base/simd.hpp"

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

constexpr std::uint64_t low_half = 0xFFFFFFFF;

template <int bytes>
struct WordsOf {
  typedef std::uint64_t type __attribute__((vector_size(bytes)));
};

// The products of the words' low halves. g++ knows no such product, and would multiply whole lanes.
template <class Words>
LACONIC_INLINE inline Words product(const Words& a, const Words& b) {
#if defined(__x86_64__) && !defined(__clang__)
  Words out;
  if constexpr (sizeof(Words) == 16)
    asm("pmuludq %2, %0" : "=x"(out) : "0"(a), "xm"(b));
  else
    asm("vpmuludq %2, %1, %0" : "=v"(out) : "v"(a), "vm"(b));
  return out;
#else
  return (a & low_half) * (b & low_half);
#endif
}

// a0 b0 a1 b1 ...
template <class Words>
LACONIC_INLINE inline std::pair<Words, Words> interleaved(const Words& a, const Words& b) {
  if constexpr (sizeof(Words) == 16)
    return {__builtin_shufflevector(a, b, 0, 2), __builtin_shufflevector(a, b, 1, 3)};
  else if constexpr (sizeof(Words) == 32)
    return {__builtin_shufflevector(a, b, 0, 4, 1, 5), __builtin_shufflevector(a, b, 2, 6, 3, 7)};
  else
    return {__builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11),
            __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)};
}

// The two words of each round's key.
using Keys = std::array<std::array<std::uint64_t, 2>, 10>;

// Philox's words in the low halves of lanes. What stands in the high halves is never looked at, so that a round is two
// products, two shifts and four exclusive ors. `vectors` of them at a time, as a product takes a while.
template <class Words, int vectors>
LACONIC_INLINE inline void some_blocks(const std::array<std::uint32_t, 4>& counter, const Keys& keys,
                                       std::uint32_t* out) {
  constexpr int lanes = sizeof(Words) / 8;
  Words c[4][vectors];
  std::uint64_t first[vectors * lanes];
  for (int i = 0; i < vectors * lanes; ++i) first[i] = counter[0] + static_cast<std::uint64_t>(i);
  for (int p = 0; p < vectors; ++p) {
    std::memcpy(&c[0][p], first + p * lanes, sizeof(Words));
    for (std::size_t w = 1; w < 4; ++w) c[w][p] = Words{} + counter[w];
  }
  const Words by_a = Words{} + 0xD2511F53, by_b = Words{} + 0xCD9E8D57;
#pragma GCC unroll 10
  for (const auto& key : keys) {
    for (int p = 0; p < vectors; ++p) {
      const Words a = product<Words>(c[0][p], by_a), b = product<Words>(c[2][p], by_b);
      c[0][p] = b >> 32 ^ c[1][p] ^ key[0];
      c[1][p] = b;
      c[2][p] = a >> 32 ^ c[3][p] ^ key[1];
      c[3][p] = a;
    }
  }
  for (int p = 0; p < vectors; ++p) {
    const Words front = (c[0][p] & low_half) | c[1][p] << 32, back = (c[2][p] & low_half) | c[3][p] << 32;
    const auto [left, right] = interleaved(front, back);
    std::memcpy(out + 4 * p * lanes, &left, sizeof left);
    std::memcpy(out + 4 * p * lanes + 2 * lanes, &right, sizeof right);
  }
}

}  // namespace

void Rng::words(std::span<std::uint32_t> out) {
  left_ = 0;
  Keys keys;
  for (std::uint32_t round = 0; round < keys.size(); ++round)
    keys[round] = {key_[0] + round * 0x9E3779B9u, key_[1] + round * 0xBB67AE85u};
  widest_of_all([&](auto bytes) LACONIC_INLINE {
    using Words = typename WordsOf<bytes>::type;
    constexpr std::uint32_t lanes = bytes / 8, vectors = bytes == 64 ? 8 : 4;  // There are registers for so many.
    std::size_t i = 0;
    for (; i + 4 * lanes * vectors <= out.size(); i += 4 * lanes * vectors, counter_[0] += lanes * vectors)
      some_blocks<Words, vectors>(counter_, keys, &out[i]);
    std::array<std::uint32_t, 4 * lanes> some;
    while (i < out.size()) {
      some_blocks<Words, 1>(counter_, keys, some.data());
      const auto n = std::min(some.size(), out.size() - i);
      std::copy_n(some.begin(), n, &out[i]);
      i += n;
      counter_[0] += static_cast<std::uint32_t>(n + 3) / 4;
    }
  });
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

void Rng::uniforms(std::span<double> out) {
  constexpr std::size_t most = 256;
  std::size_t i = 0;
  if (left_ > 0 && !out.empty()) out[i++] = uniform();
  std::array<std::uint64_t, most> bits;
  std::array<std::uint32_t, 2 * most> halves;
  while (out.size() - i >= 2) {
    const std::size_t n = std::min(most, (out.size() - i) / 2 * 2);
    words(std::span(halves).first(2 * n));
    std::memcpy(bits.data(), halves.data(), n * sizeof(std::uint64_t));
    for (std::size_t j = 0; j < n; ++j) out[i++] = static_cast<double>(bits[j] >> 11) * 0x1p-53;
  }
  if (i < out.size()) out[i] = uniform();
}

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
