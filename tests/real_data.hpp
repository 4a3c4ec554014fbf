#pragma once

#include <cstdlib>
#include <filesystem>

#include "tests/rooms.hpp"

namespace laconic::tests {

/// Where tests look for real data sets: $LACONIC_DATA, or the folder `shared/data` beside the checkout. They are never
/// needed: a test without its file says "skipped".
inline std::filesystem::path real_data() {
  const char* set = std::getenv("LACONIC_DATA");
  return set && *set ? std::filesystem::path(set) : std::filesystem::path(LACONIC_SOURCE_DIR) / "../shared/data";
}

}  // namespace laconic::tests
