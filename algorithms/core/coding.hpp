#pragma once

#include <cstdint>

#include "algorithms/core/parts.hpp"

namespace laconic {

/// What both ends of a run know of its messages.
struct RoundOptions {
  Index d;  ///< entries of the model
  Wire wire = Wire::float32;
  std::uint64_t seed = 0;
  double compress_flops_per_entry = 0;
};

/// The sender of a broadcast; a worker's uploads have its number.
inline constexpr std::uint32_t server_sends = ~0u;

/// Each message has a stream of random numbers of its own, which both ends know.
Rng stream_of(const RoundOptions& options, std::uint32_t sender, Round k);

/// Overwrites `message` with v, as `sender` sends it in round k.
void encode(const Compressor& codec, const Vector& v, const RoundOptions& options, std::uint32_t sender, Round k,
            Message& message);
/// Reads what encode wrote. Throws std::out_of_range if the message holds more, or less.
void decode(const Compressor& codec, const Message& message, const RoundOptions& options, std::uint32_t sender, Round k,
            Vector& v);

}  // namespace laconic
