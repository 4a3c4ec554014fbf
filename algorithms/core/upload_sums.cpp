#include "algorithms/core/upload_sums.hpp"

#include <algorithm>
#include <bit>

namespace laconic {

std::uint64_t SumCode::bits(int workers, Index length, Index filled, bool first) const {
  const auto n = static_cast<std::uint64_t>(length), kept = static_cast<std::uint64_t>(filled);
  const auto real = static_cast<std::uint64_t>(w), of_vectors = static_cast<std::uint64_t>(vectors);
  std::uint64_t out = first ? real * static_cast<std::uint64_t>(numbers) : 0;
  if (length == 0) return out;
  switch (adds) {
    case Adds::not_at_all:
      break;
    case Adds::reals:
      return out + real * of_vectors * n;
    case Adds::signs:
      return out + n * static_cast<std::uint64_t>(std::bit_width(static_cast<unsigned>(workers)));  // ceil(log2(m + 1))
    case Adds::entries:
      return out + 32 + std::min(kept * (real + static_cast<std::uint64_t>(std::bit_width(n - 1))), real * n);
    case Adds::drawn:
      return out + real * kept;
  }
  return out;
}

}  // namespace laconic
