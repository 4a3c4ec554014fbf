#include "algorithms/core/bits.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <stdexcept>

#include "algorithms/base/simd.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace laconic {

static_assert(std::endian::native == std::endian::little, "messages are laid out in little-endian words");

namespace {

constexpr std::uint64_t low_bits(int count) { return count >= 64 ? ~0ull : (1ull << count) - 1; }

// Codes of up to 8, 16 or 32 bits, 8, 4 or 2 in a word, each in a field of its own, move together at the word's low
// end, pairs first, then pairs of pairs, or back: the same steps for many words at a time.

constexpr std::size_t codes_at_once = 512;

// The `count` lowest bits of every other field.
constexpr std::uint64_t every_other(int field, int count) { return ~0ull / low_bits(2 * field) * low_bits(count); }

// Pairs of fields with `count` bits each.
template <int field>
LACONIC_INLINE inline std::uint64_t together(std::uint64_t word, int count) {
  constexpr std::uint64_t low = every_other(field, field);
  word = (word & low) | (word & ~low) >> (field - count);
  if constexpr (field < 32) return together<2 * field>(word, 2 * count);
  return word;
}

// Back to fields of `least` bits; `count` bits stand in those of `field`.
template <int field, int least>
LACONIC_INLINE inline std::uint64_t apart(std::uint64_t word, int count) {
  const std::uint64_t low = every_other(field, count), high = low << count;
  word = (word & low) | (word & high) << (field - count);
  if constexpr (field > least) return apart<field / 2, least>(word, count / 2);
  return word;
}

template <class Field>
void pack(const std::uint32_t* codes, std::size_t n, int width, std::uint64_t* words) {
  widest_of_all([=](auto) LACONIC_INLINE {
    std::array<Field, codes_at_once> fields;
    for (std::size_t i = 0; i < n; ++i) fields[i] = static_cast<Field>(codes[i]);
    std::memcpy(words, fields.data(), n * sizeof(Field));
    std::uint64_t* const word = words;  // or it could be n, to the compiler
    const std::size_t end = n * sizeof(Field) / 8;
    for (std::size_t i = 0; i < end; ++i) word[i] = together<8 * sizeof(Field)>(word[i], width);
  });
}

template <class Field>
void unpack(std::uint64_t* words, std::size_t n, int width, std::uint32_t* codes) {
  widest_of_all([=](auto) LACONIC_INLINE {
    constexpr int least = 8 * sizeof(Field);
    std::uint64_t* const word = words;  // or it could be n, to the compiler
    const std::size_t end = n * sizeof(Field) / 8;
    for (std::size_t i = 0; i < end; ++i) word[i] = apart<32, least>(word[i], width * 32 / least);
    std::array<Field, codes_at_once> fields;
    std::memcpy(fields.data(), words, n * sizeof(Field));
    for (std::size_t i = 0; i < n; ++i) codes[i] = fields[i];
  });
}

struct Packing {
  std::size_t in_word;
  void (*pack)(const std::uint32_t* codes, std::size_t n, int width, std::uint64_t* words);
  void (*unpack)(std::uint64_t* words, std::size_t n, int width, std::uint32_t* codes);
};

const Packing& packing(int width) {
  static constexpr Packing bytes{8, pack<std::uint8_t>, unpack<std::uint8_t>};
  static constexpr Packing halves{4, pack<std::uint16_t>, unpack<std::uint16_t>};
  static constexpr Packing wholes{2, pack<std::uint32_t>, unpack<std::uint32_t>};
  return width <= 8 ? bytes : width <= 16 ? halves : wholes;
}

}  // namespace

BitWriter::BitWriter(Message& out, Wire wire, Append)
    : out_(out), wire_(wire), filled_(static_cast<int>(out.bits % 64)), flushed_(out.bits / 64 * 8) {
  if (filled_ > 0) std::memcpy(&word_, out_.bytes.data() + flushed_, out_.bytes.size() - flushed_);
}

void BitWriter::grow(std::size_t end) {
  if (out_.bytes.size() >= end) return;
  const std::size_t ample = std::max(end, 2 * out_.bytes.size()), room = out_.bytes.capacity();
  out_.bytes.resize(end <= room ? std::min(ample, room) : ample);
}

void BitWriter::flush(std::uint64_t word) {
  grow(flushed_ + 8);
  std::memcpy(out_.bytes.data() + flushed_, &word, 8);
  flushed_ += 8;
}

void BitWriter::finish() {
  const std::size_t tail = static_cast<std::size_t>(filled_ + 7) / 8;
  grow(flushed_ + tail);
  if (tail > 0) std::memcpy(out_.bytes.data() + flushed_, &word_, tail);
  out_.bytes.resize(flushed_ + tail);
  out_.bits = 8 * flushed_ + static_cast<std::uint64_t>(filled_);
}

void BitWriter::bits(std::uint64_t value, int count) {
  value &= low_bits(count);
  word_ |= value << filled_;
  if (filled_ + count < 64) {
    filled_ += count;
    return;
  }
  flush(word_);
  const int taken = 64 - filled_;
  word_ = taken < 64 ? value >> taken : 0;
  filled_ = count - taken;
}

void BitWriter::codes(std::span<const std::uint32_t> values, int width) {
  const Packing& p = packing(width);
  const int count = static_cast<int>(p.in_word) * width;
  std::array<std::uint64_t, codes_at_once / 2> words;
  while (values.size() >= p.in_word) {
    const std::size_t n = std::min(codes_at_once, values.size()) / p.in_word;
    p.pack(values.data(), n * p.in_word, width, words.data());
    if (count % 8 == 0 && filled_ % 8 == 0)
      whole_bytes(std::span(words).first(n), static_cast<std::size_t>(count) / 8);
    else if (count < 64)
      many(n, count, [next = words.data()]() mutable { return *next++; });
    else
      for (std::size_t i = 0; i < n; ++i) bits(words[i], 64);
    values = values.subspan(n * p.in_word);
  }
  for (const auto value : values) bits(value, width);
}

// The low bytes of words, where the message ends with a whole byte.
void BitWriter::whole_bytes(std::span<const std::uint64_t> words, std::size_t bytes) {
  const std::size_t begin = flushed_ + static_cast<std::size_t>(filled_) / 8, end = begin + words.size() * bytes;
  grow(end + 8);
  std::byte* to = out_.bytes.data() + begin;
  std::memcpy(out_.bytes.data() + flushed_, &word_, 8);
  for (const auto& word : words) {
    std::memcpy(to, &word, 8);  // what is too much of it is overwritten
    to += bytes;
  }
  flushed_ = end / 8 * 8;
  filled_ = static_cast<int>(end % 8 * 8);
  std::memcpy(&word_, out_.bytes.data() + flushed_, 8);
  word_ &= low_bits(filled_);
}

void BitWriter::real(double value) {
  if (wire_ == Wire::float32)
    bits(std::bit_cast<std::uint32_t>(static_cast<float>(value)), 32);
  else
    bits(std::bit_cast<std::uint64_t>(value), 64);
}

void BitWriter::entry(std::uint64_t index, int count, double value) {
  if (wire_ == Wire::float32 && count <= 32) {
    bits(index | static_cast<std::uint64_t>(std::bit_cast<std::uint32_t>(static_cast<float>(value))) << count,
         count + 32);
    return;
  }
  bits(index, count);
  real(value);
}

void BitWriter::reals(std::span<const double> values) {
  if (filled_ != 0) {
    for (double v : values) real(v);
    return;
  }
  const std::size_t width = static_cast<std::size_t>(bits_of(wire_)) / 8;
  const std::size_t whole = values.size() * width / 8 * 8;  // what fills complete words; the rest stays in word_
  grow(flushed_ + whole);
  std::byte* to = out_.bytes.data() + flushed_;
  if (wire_ == Wire::float64) {
    if (whole > 0) std::memcpy(to, values.data(), whole);
  } else {
    for (std::size_t i = 0; i < whole / 4; ++i) {
      const float f = static_cast<float>(values[i]);
      std::memcpy(to + 4 * i, &f, 4);
    }
  }
  flushed_ += whole;
  for (std::size_t i = whole / width; i < values.size(); ++i) real(values[i]);
}

namespace {

// A bit for each of 64 numbers: whether it is below 0.
std::uint64_t negative(const double* x) {
  std::uint64_t word = 0;
  for (int b = 0; b < 64; b += 2) {
#ifdef __SSE2__
    const auto pair = static_cast<unsigned>(_mm_movemask_pd(_mm_cmplt_pd(_mm_loadu_pd(x + b), _mm_setzero_pd())));
#else
    const unsigned pair = (x[b] < 0 ? 1u : 0u) | (x[b + 1] < 0 ? 2u : 0u);
#endif
    word |= static_cast<std::uint64_t>(pair) << b;
  }
  return word;
}

}  // namespace

void BitWriter::signs(std::span<const double> values) {
  std::size_t i = 0;
  for (; i + 64 <= values.size(); i += 64) {
    bits(~negative(&values[i]), 64);
  }
  for (; i < values.size(); ++i) bits(!(values[i] < 0), 1);
}

void BitReader::need(std::uint64_t count) const {
  if (count > in_.bits - position_) throw std::out_of_range("a message was read past its end");
}

void BitReader::expect_end() const {
  if (!at_end()) throw std::out_of_range("a message is longer than its code");
}

std::uint64_t BitReader::bits(int count) {
  need(static_cast<std::uint64_t>(count));
  if (count == 0) return 0;  // an empty message has no bytes to point at
  const std::size_t first = position_ / 8;
  const int shift = static_cast<int>(position_ % 8);
  std::uint64_t word = 0;
  std::memcpy(&word, in_.bytes.data() + first, std::min<std::size_t>(8, in_.bytes.size() - first));
  word >>= shift;
  if (shift + count > 64) word |= static_cast<std::uint64_t>(in_.bytes[first + 8]) << (64 - shift);
  position_ += static_cast<std::uint64_t>(count);
  return word & low_bits(count);
}

void BitReader::codes(std::span<std::uint32_t> values, int width) {
  need(values.size() * static_cast<std::uint64_t>(width));
  const Packing& p = packing(width);
  const std::uint64_t count = p.in_word * static_cast<std::uint64_t>(width);
  std::array<std::uint64_t, codes_at_once / 2> words;
  // A word's codes lie within the 8 bytes from the first one's byte on.
  while (count <= 57 || (count % 8 == 0 && position_ % 8 == 0)) {
    const std::uint64_t end = 8 * in_.bytes.size();
    const std::size_t n = std::min(std::min(codes_at_once, values.size()) / p.in_word,
                                   end < position_ / 8 * 8 + 64 ? 0 : (end - 57 - position_) / count + 1);
    if (n == 0) break;
    const std::byte* bytes = in_.bytes.data();
    std::uint64_t position = position_;
    for (std::size_t i = 0; i < n; ++i, position += count) {
      std::memcpy(&words[i], bytes + position / 8, 8);
      words[i] >>= position % 8;
    }
    position_ = position;
    p.unpack(words.data(), n * p.in_word, width, values.data());
    values = values.subspan(n * p.in_word);
  }
  auto next = values.begin();
  many(values.size(), width, [&](std::uint64_t code) { *next++ = static_cast<std::uint32_t>(code); });
}

double BitReader::real() {
  if (wire_ == Wire::float32) return std::bit_cast<float>(static_cast<std::uint32_t>(bits(32)));
  return std::bit_cast<double>(bits(64));
}

void BitReader::reals(std::span<double> values) {
  if (position_ % 8 != 0) {
    for (double& v : values) v = real();
    return;
  }
  const std::uint64_t total = values.size() * static_cast<std::uint64_t>(bits_of(wire_));
  need(total);
  const std::byte* from = in_.bytes.data() + position_ / 8;
  if (wire_ == Wire::float64) {
    if (!values.empty()) std::memcpy(values.data(), from, total / 8);
  } else {
    for (std::size_t i = 0; i < values.size(); ++i) {
      float f;
      std::memcpy(&f, from + 4 * i, 4);
      values[i] = f;
    }
  }
  position_ += total;
}

void BitReader::signs(std::span<double> values, double magnitude) {
  // Four entries at a time.
  std::array<std::array<double, 4>, 16> table;
  for (std::size_t signs = 0; signs < 16; ++signs)
    for (std::size_t b = 0; b < 4; ++b) table[signs][b] = signs >> b & 1 ? magnitude : -magnitude;
  std::size_t i = 0;
  for (; i + 64 <= values.size(); i += 64) {
    std::uint64_t word = bits(64);
    for (std::size_t b = 0; b < 64; b += 4, word >>= 4) std::memcpy(&values[i + b], table[word & 15].data(), 32);
  }
  for (; i < values.size(); ++i) values[i] = bits(1) ? magnitude : -magnitude;
}

}  // namespace laconic
