#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace laconic {

/// XXH3-128 over all that was added: which pieces it came in makes no difference.
class Digest {
 public:
  Digest();
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  void add(const void* bytes, std::size_t count);
  void add(std::string_view text) { add(text.data(), text.size()); }
  /// 32 hexadecimal digits.
  std::string hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The digest of one text.
std::string digest_of(std::string_view text);

/// A digest of 64 bits, which is never 0.
std::uint64_t short_digest(std::string_view text);

}  // namespace laconic
