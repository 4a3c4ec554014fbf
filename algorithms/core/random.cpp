#include "algorithms/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#ifdef __SSE2__
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

#ifdef __SSE2__
namespace {

// Eight blocks at a time: philox's words in the low halves of 64-bit lanes, two blocks a register. What stands in the
// high halves is never looked at, so that a round is two products, two shifts and four exclusive ors.
void eight_blocks(const std::array<std::uint32_t, 4>& counter, std::array<std::uint32_t, 2> key, std::uint32_t* out) {
  constexpr int pairs = 4;
  __m128i c[4][pairs];
  for (int p = 0; p < pairs; ++p) {
    const auto first = static_cast<int>(counter[0] + 2u * static_cast<unsigned>(p));
    c[0][p] = _mm_set_epi32(0, static_cast<int>(static_cast<unsigned>(first) + 1), 0, first);
    for (int w = 1; w < 4; ++w) c[w][p] = _mm_set1_epi64x(counter[static_cast<std::size_t>(w)]);
  }
  const __m128i by_a = _mm_set1_epi64x(0xD2511F53), by_b = _mm_set1_epi64x(0xCD9E8D57);
  for (int round = 0; round < 10; ++round) {
    const __m128i key_0 = _mm_set1_epi64x(key[0]), key_1 = _mm_set1_epi64x(key[1]);
    for (int p = 0; p < pairs; ++p) {
      const __m128i a = _mm_mul_epu32(c[0][p], by_a), b = _mm_mul_epu32(c[2][p], by_b);
      c[0][p] = _mm_xor_si128(_mm_xor_si128(_mm_srli_epi64(b, 32), c[1][p]), key_0);
      c[1][p] = b;
      c[2][p] = _mm_xor_si128(_mm_xor_si128(_mm_srli_epi64(a, 32), c[3][p]), key_1);
      c[3][p] = a;
    }
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  for (int p = 0; p < pairs; ++p) {
    const auto together = [](__m128i low, __m128i high) {  // low halves of both, block by block
      return _mm_or_si128(_mm_and_si128(low, _mm_set1_epi64x(0xFFFFFFFF)), _mm_slli_epi64(high, 32));
    };
    const __m128i front = together(c[0][p], c[1][p]), back = together(c[2][p], c[3][p]);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 8 * p), _mm_unpacklo_epi64(front, back));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 8 * p + 4), _mm_unpackhi_epi64(front, back));
  }
}

}  // namespace
#endif

void Rng::words(std::span<std::uint32_t> out) {
  left_ = 0;
  std::size_t i = 0;
#ifdef __SSE2__
  for (; i + 32 <= out.size(); i += 32, counter_[0] += 8) eight_blocks(counter_, key_, &out[i]);
#endif
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
