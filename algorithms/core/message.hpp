#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace laconic {

/// How a real number travels: rounded to IEEE binary32, or as the binary64 it is.
enum class Wire { float32, float64 };

constexpr int bits_of(Wire wire) { return wire == Wire::float32 ? 32 : 64; }

/// All that crosses the network. `bits` is the payload's exact length; `bytes` holds ceil(bits / 8) bytes.
struct Message {
  std::vector<std::byte> bytes;
  std::uint64_t bits = 0;
};

}  // namespace laconic
