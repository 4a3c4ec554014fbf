#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/catch.hpp"
#include "tests/fuzz/targets.hpp"

using namespace laconic::tests;
namespace fs = std::filesystem;

TEST_CASE("what a fuzzer once found is read or refused, and so is nothing at all") {
  const fs::path found = fs::path(LACONIC_SOURCE_DIR) / "tests/fuzz/found";
  std::size_t folders = 0;
  for (const FuzzTarget& target : fuzz_targets()) {
    INFO(target.name);
    CHECK_NOTHROW(give(target, ""));
    const fs::path folder = found / target.name;
    if (!fs::exists(folder)) continue;
    ++folders;
    for (const auto& file : fs::directory_iterator(folder)) {
      INFO(file.path());
      std::ifstream in(file.path(), std::ios::binary);
      const std::string bytes(std::istreambuf_iterator<char>(in), {});
      CHECK_NOTHROW(give(target, bytes));
    }
  }
  // Each folder is a target's.
  std::size_t there = 0;
  if (fs::exists(found)) there = static_cast<std::size_t>(std::distance(fs::directory_iterator(found), {}));
  CHECK(there == folders);
}
