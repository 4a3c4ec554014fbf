#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/fuzz/targets.hpp"

// libFuzzer's side: LACONIC_FUZZ names the target.

namespace {

using namespace laconic::tests;

const FuzzTarget& chosen() {
  static const FuzzTarget* const target = [] {
    const char* name = std::getenv("LACONIC_FUZZ");
    for (const FuzzTarget& each : fuzz_targets())
      if (name && std::string(name) == each.name) return &each;
    std::fputs("LACONIC_FUZZ must name one of:", stderr);
    for (const FuzzTarget& each : fuzz_targets()) std::fprintf(stderr, " %s", each.name);
    std::fputs("\n", stderr);
    std::exit(2);
  }();
  return *target;
}

}  // namespace

// What is made once, such as the compiled schema, is not in the time of the first input.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  give(chosen(), "{}");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  give(chosen(), {reinterpret_cast<const char*>(data), size});
  return 0;
}
