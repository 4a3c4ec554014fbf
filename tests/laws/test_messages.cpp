#include <stdexcept>

#include "algorithms/methods/registry.hpp"
#include "tests/laws/setup.hpp"

// What decoders make of messages that no encoder wrote.

using namespace laconic::tests;

TEST_CASE("law: messages of few entries may end anywhere, before their first bit too") {
  for (const auto& entry : methods::compressors()) {
    for (const Wire wire : {Wire::float32, Wire::float64}) {
      for (const Index d : {1, 2, 3}) {
        const TestSetup s(d, wire);
        const auto c = made(entry, s);
        INFO(entry.name << ", d = " << d);
        const Message whole = encoded(*c, Vector::Ones(d), wire);
        for (std::uint64_t bits = 0; bits < whole.bits; ++bits) {
          Message cut;
          cut.bits = bits;
          cut.bytes.assign(whole.bytes.begin(), whole.bytes.begin() + static_cast<std::ptrdiff_t>((bits + 7) / 8));
          Vector out = Vector::Zero(d);
          try {
            out = decoded(*c, cut, wire);
          } catch (const std::out_of_range&) {
          }
          CHECK(out.size() == d);
        }
      }
    }
  }
}
