#pragma once

#include <cstring>
#include <span>

#include "algorithms/core/message.hpp"
#include "algorithms/core/types.hpp"

namespace laconic {

/// A real number as it arrives.
inline double rounded(double x, Wire wire) {
  return wire == Wire::float32 ? static_cast<double>(static_cast<float>(x)) : x;
}

/// Writes a message's payload, least significant bit first, a 64-bit word at a time.
/// The message's old bytes are overwritten and its storage reused, so that a steady round allocates nothing.
class BitWriter {
 public:
  BitWriter(Message& out, Wire wire) : out_(out), wire_(wire) {}
  /// Writes on at the message's end.
  static constexpr struct Append {
  } append{};
  BitWriter(Message& out, Wire wire, Append);
  BitWriter(const BitWriter&) = delete;
  BitWriter& operator=(const BitWriter&) = delete;
  ~BitWriter() { finish(); }

  /// Room for as many bits, where a message's length varies from round to round.
  void reserve(std::size_t bits) { out_.bytes.reserve(bits / 8 + 2 * sizeof(std::uint64_t)); }
  /// The low `count` bits of `value`, 0 <= count <= 64.
  void bits(std::uint64_t value, int count);
  /// n values below 2^count, 1 <= count < 64, as next() gives them.
  template <class Next>
  void many(std::size_t n, int count, Next&& next);
  /// Values below 2^width, 1 <= width <= 32, of so many bits each.
  void codes(std::span<const std::uint32_t> values, int width);
  /// One real number of w bits.
  void real(double value);
  /// The low `count` bits of an index, then a real number.
  void entry(std::uint64_t index, int count, double value);
  /// w bits each.
  void reals(std::span<const double> values);
  /// One bit each: 0 for negative numbers, 1 for all others (zero, and NaN, count as +1).
  void signs(std::span<const double> values);

  void reals(const Vector& v) { reals(std::span(v.data(), static_cast<std::size_t>(v.size()))); }
  void signs(const Vector& v) { signs(std::span(v.data(), static_cast<std::size_t>(v.size()))); }

 private:
  void flush(std::uint64_t word);
  void grow(std::size_t end);
  void finish();
  void whole_bytes(std::span<const std::uint64_t> words, std::size_t bytes);

  Message& out_;
  Wire wire_;
  std::uint64_t word_ = 0;   // bits not yet flushed, the oldest lowest
  int filled_ = 0;           // how many of them, 0..63
  std::size_t flushed_ = 0;  // bytes
};

/// Reads what BitWriter wrote. Reading past the message's end throws std::out_of_range: sender and receiver disagree.
class BitReader {
 public:
  BitReader(const Message& in, Wire wire) : in_(in), wire_(wire) {}

  std::uint64_t bits(int count);
  /// put(value) for n values of `count` bits, 1 <= count <= 57.
  template <class Put>
  void many(std::size_t n, int count, Put&& put);
  /// What BitWriter::codes wrote.
  void codes(std::span<std::uint32_t> values, int width);
  double real();
  void reals(std::span<double> values);
  /// values[i] = +magnitude or -magnitude.
  void signs(std::span<double> values, double magnitude);

  void reals(Vector& v) { reals(std::span(v.data(), static_cast<std::size_t>(v.size()))); }
  void signs(Vector& v, double magnitude) { signs(std::span(v.data(), static_cast<std::size_t>(v.size())), magnitude); }

  std::uint64_t position() const { return position_; }
  bool at_end() const { return position_ == in_.bits; }
  /// Throws std::out_of_range unless all of the message has been read.
  void expect_end() const;

 private:
  void need(std::uint64_t count) const;

  const Message& in_;
  Wire wire_;
  std::uint64_t position_ = 0;  // bits read
};

// The loops over all entries of a vector: their state stays in registers.

template <class Next>
void BitWriter::many(std::size_t n, int count, Next&& next) {
  const auto width = static_cast<std::size_t>(count);
  grow(flushed_ + (static_cast<std::size_t>(filled_) + n * width) / 64 * 8);
  std::byte* to = out_.bytes.data() + flushed_;
  std::uint64_t word = word_;
  int filled = filled_;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t value = next();
    word |= value << filled;
    filled += count;
    if (filled < 64) continue;
    std::memcpy(to, &word, 8);
    to += 8;
    filled -= 64;
    word = value >> (count - filled);
  }
  flushed_ = static_cast<std::size_t>(to - out_.bytes.data());
  word_ = word;
  filled_ = filled;
}

template <class Put>
void BitReader::many(std::size_t n, int count, Put&& put) {
  need(n * static_cast<std::uint64_t>(count));
  const std::uint64_t mask = (std::uint64_t{1} << count) - 1;
  for (; n > 0 && position_ / 8 + 8 <= in_.bytes.size(); --n) {
    std::uint64_t word;
    std::memcpy(&word, in_.bytes.data() + position_ / 8, 8);
    put(word >> position_ % 8 & mask);
    position_ += static_cast<std::uint64_t>(count);
  }
  for (; n > 0; --n) put(bits(count));
}

}  // namespace laconic
