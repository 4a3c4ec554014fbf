#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace laconic::results {

/// Appends numbers to a string: small ones shortly, doubles as they are, little end first.
class ByteWriter {
 public:
  void number(std::uint64_t n) {
    for (; n >= 128; n >>= 7) out_ += static_cast<char>(n | 128);
    out_ += static_cast<char>(n);
  }
  void real(double x) {
    std::uint64_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    for (int i = 0; i < 8; ++i, bits >>= 8) out_ += static_cast<char>(bits);
  }
  void text(std::string_view s) {
    number(s.size());
    out_ += s;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// Reads what a ByteWriter wrote. Throws std::out_of_range at the end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view in) : in_(in) {}
  std::uint64_t number() {
    std::uint64_t n = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      n |= static_cast<std::uint64_t>(byte & 127) << shift;
      if (byte < 128) return n;
    }
    throw std::out_of_range("a number without an end");
  }
  double real() {
    const std::string_view bytes = take(8);
    std::uint64_t bits = 0;
    for (int i = 7; i >= 0; --i) bits = bits << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
    double x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
  }
  std::string_view text() { return take(count(1)); }
  /// A number of things that take so many bytes each, at least: not more than can follow.
  std::size_t count(std::size_t bytes_each) {
    const std::uint64_t n = number();
    if (n > in_.size() / bytes_each) throw std::out_of_range("longer than its bytes");
    return static_cast<std::size_t>(n);
  }
  bool at_end() const { return in_.empty(); }

 private:
  std::string_view take(std::size_t n) {
    if (n > in_.size()) throw std::out_of_range("the bytes end too soon");
    const std::string_view out = in_.substr(0, n);
    in_.remove_prefix(n);
    return out;
  }
  std::string_view in_;
};

}  // namespace laconic::results
