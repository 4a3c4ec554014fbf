#include <cstring>
#include <stdexcept>

#include "algorithms/methods/registry.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/laws/setup.hpp"

// Every compressor's decoder, given a message that no encoder wrote.

namespace laconic::tests {

void fuzz_message(std::string_view bytes) {
  if (bytes.size() < 3) return;
  const auto all = methods::compressors();
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const auto& entry = all[byte(0) % all.size()];
  const Wire wire = byte(1) & 1 ? Wire::float32 : Wire::float64;
  const TestSetup setup(1 + byte(2) % 100, wire);
  Message message;
  message.bytes.resize(bytes.size() - 3);
  if (!message.bytes.empty()) std::memcpy(message.bytes.data(), bytes.data() + 3, message.bytes.size());
  message.bits = 8 * message.bytes.size();
  // A message need not end with a byte.
  if (message.bits > 0) message.bits -= (byte(1) >> 1) % 8;
  try {
    if (decoded(*made(entry, setup), message, wire).size() != setup.setup.round.d)
      throw std::logic_error("decoded to another dimension");
  } catch (const std::out_of_range&) {  // as decoders promise
  }
}

}  // namespace laconic::tests
