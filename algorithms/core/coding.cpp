#include "algorithms/core/coding.hpp"

namespace laconic {

Rng stream_of(const RoundOptions& options, std::uint32_t sender, Round k) {
  return {options.seed, Purpose::compressor, sender, static_cast<std::uint64_t>(k)};
}

double coding_flops(const CodingCost& cost, const RoundOptions& options, std::uint32_t host, Index entries) {
  double flops = cost.flops;
  if (options.speeds && cost.seconds > 0)
    flops += cost.seconds * (host == server_sends ? options.speeds->back() : options.speeds->at(host));
  return flops * static_cast<double>(entries);
}

void encode(const Compressor& codec, const Vector& v, const RoundOptions& options, std::uint32_t sender, Round k,
            Message& message) {
  Rng rng = stream_of(options, sender, k);
  BitWriter out(message, options.wire);
  codec.encode(v, rng, out);
}

void decode(const Compressor& codec, const Message& message, const RoundOptions& options, std::uint32_t sender, Round k,
            Vector& v) {
  Rng rng = stream_of(options, sender, k);
  BitReader in(message, options.wire);
  codec.decode(in, rng, v);
  in.expect_end();
}

}  // namespace laconic
