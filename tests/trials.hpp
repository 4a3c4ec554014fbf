#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>

// How much laws try that draw at random, or go over the pairs of two tables: more by hand, less under sanitizers, where
// each actor of a simulation is a thread.

namespace laconic::tests {

inline std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* given = std::getenv(name);
  return given ? std::strtoull(given, nullptr, 10) : otherwise;
}

/// Whether a law over a table of pairs takes this one: each, or where LACONIC_TRIALS is set, so many of a row, at most
/// half of it, and in the next row the next ones, so that every row and every column is there.
inline bool takes_pair(std::size_t row, std::size_t column, std::size_t columns) {
  const std::size_t most = setting("LACONIC_TRIALS", 0);
  if (most == 0) return true;
  const std::size_t taken = std::min(most, (columns + 1) / 2);
  return (column + columns - row * taken % columns) % columns < taken;
}

}  // namespace laconic::tests
