#include "algorithms/core/bits.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <stdexcept>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace laconic {

static_assert(std::endian::native == std::endian::little, "messages are laid out in little-endian words");

namespace {
constexpr std::uint64_t low_bits(int count) { return count >= 64 ? ~0ull : (1ull << count) - 1; }
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

void BitWriter::real(double value) {
  if (wire_ == Wire::float32)
    bits(std::bit_cast<std::uint32_t>(static_cast<float>(value)), 32);
  else
    bits(std::bit_cast<std::uint64_t>(value), 64);
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

std::uint64_t BitReader::bits(int count) {
  need(static_cast<std::uint64_t>(count));
  const std::size_t first = position_ / 8;
  const int shift = static_cast<int>(position_ % 8);
  std::uint64_t word = 0;
  std::memcpy(&word, in_.bytes.data() + first, std::min<std::size_t>(8, in_.bytes.size() - first));
  word >>= shift;
  if (shift + count > 64) word |= static_cast<std::uint64_t>(in_.bytes[first + 8]) << (64 - shift);
  position_ += static_cast<std::uint64_t>(count);
  return word & low_bits(count);
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
