#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "algorithms/core/parts.hpp"

namespace laconic {

/// What both ends of a run know of its messages.
struct RoundOptions {
  Index d;  ///< entries of the model
  Wire wire = Wire::float32;
  std::uint64_t seed = 0;
  double compress_flops_per_entry = 0;  ///< of lossy encodings whose cost nobody states
  /// flop/s of each worker's host, the server's last; nullptr: there are none, and seconds cost nothing.
  std::shared_ptr<const std::vector<double>> speeds = {};
};

/// The sender of a broadcast; a worker's uploads have its number.
inline constexpr std::uint32_t server_sends = ~0u;

/// Simulated flops that coding a vector of so many entries costs at the host of a worker, or of server_sends.
double coding_flops(const CodingCost& cost, const RoundOptions& options, std::uint32_t host, Index entries);
inline double coding_flops(const CodingCost& cost, const RoundOptions& options, std::uint32_t host) {
  return coding_flops(cost, options, host, options.d);
}

/// Each message has a stream of random numbers of its own, which both ends know.
Rng stream_of(const RoundOptions& options, std::uint32_t sender, Round k);

/// Overwrites `message` with v, as `sender` sends it in round k.
void encode(const Compressor& codec, const Vector& v, const RoundOptions& options, std::uint32_t sender, Round k,
            Message& message);
/// Reads what encode wrote. Throws std::out_of_range if the message holds more, or less.
void decode(const Compressor& codec, const Message& message, const RoundOptions& options, std::uint32_t sender, Round k,
            Vector& v);

}  // namespace laconic
