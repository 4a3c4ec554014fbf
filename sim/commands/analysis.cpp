#include "sim/commands/analysis.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/base/program.hpp"

namespace laconic::commands {
namespace {

// Debian's packages belong to Debian's Python, whatever `python3` in the PATH is.
constexpr const char* python = "/usr/bin/python3";

}  // namespace

bool is_analysis(const char* command) {
  const std::string_view name = command;
  return name == "plot" || name == "report" || name == "compare";
}

int run_analysis(int argc, char** argv) {
  const std::string program = program_file(), folder = shipped("analysis");
  if (folder.empty()) {
    fmt::print(stderr,
               "laconic {}: there is no folder analysis in ../share/laconic beside the program, nor in the source tree "
               "that it was built from\n",
               argv[1]);
    return 2;
  }
  setenv("LACONIC_PROGRAM", program.c_str(), 1);  // the report asks it for the platform's picture
  setenv("PYTHONDONTWRITEBYTECODE", "1", 0);      // nothing is left beside installed files
  std::vector<char*> words{const_cast<char*>(python), const_cast<char*>(folder.c_str())};
  words.insert(words.end(), argv + 1, argv + argc);
  words.push_back(nullptr);
  execv(python, words.data());
  fmt::print(stderr, "laconic {}: cannot start {}: {}; install Debian's python3\n", argv[1], python,
             std::strerror(errno));
  return 2;
}

}  // namespace laconic::commands
