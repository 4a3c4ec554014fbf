#include "sim/commands/analysis.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <vector>

namespace laconic::commands {
namespace {

namespace fs = std::filesystem;

// Debian's packages belong to Debian's Python, whatever `python3` in the PATH is.
constexpr const char* python = "/usr/bin/python3";

// build/laconic has ../analysis beside it, prefix/bin/laconic has ../share/laconic/analysis.
fs::path find_analysis(const fs::path& program) {
  const fs::path up = program.parent_path().parent_path();
  for (const fs::path& folder : {up / "analysis", up / "share/laconic/analysis", fs::path(LACONIC_ANALYSIS)}) {
    std::error_code ignored;
    if (fs::exists(folder / "__main__.py", ignored)) return folder;
  }
  return {};
}

}  // namespace

bool is_analysis(const char* command) {
  const std::string_view name = command;
  return name == "plot" || name == "report";
}

int run_analysis(int argc, char** argv) {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const std::string folder = find_analysis(program).string();
  if (folder.empty()) {
    fmt::print(stderr, "laconic {}: there is no {}: the source tree that the program was built from has moved\n",
               argv[1], LACONIC_ANALYSIS);
    return 2;
  }
  setenv("LACONIC_PROGRAM", program.c_str(), 1);  // the report asks it for the platform's picture
  std::vector<char*> words{const_cast<char*>(python), const_cast<char*>(folder.c_str())};
  words.insert(words.end(), argv + 1, argv + argc);
  words.push_back(nullptr);
  execv(python, words.data());
  fmt::print(stderr, "laconic {}: cannot start {}: {}; install Debian's python3\n", argv[1], python,
             std::strerror(errno));
  return 2;
}

}  // namespace laconic::commands
