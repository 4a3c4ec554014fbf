#pragma once

#include "tests/sim/program.hpp"

namespace laconic::tests {

/// What the program does with the small inputs beside this file, each of which once went wrong. They are copied into a
/// folder of the test's own, where the program runs.
struct Faults : Folder {
  Faults() { fs::copy(fs::path(LACONIC_SOURCE_DIR) / "tests/faults", path); }
};

/// A refusal as users should meet one: exit 2 and one line, which holds all of `words`.
inline void check_refused(const Finished& run, const std::vector<std::string>& words) {
  CHECK(run.code == 2);
  CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
  for (const auto& word : words) {
    INFO(run.err);
    CHECK(run.err.find(word) != std::string::npos);
  }
}

}  // namespace laconic::tests
