#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace laconic {

/// Where this program lies: its file, links followed.
std::filesystem::path program_file();

/// What comes with Laconic under a name such as "analysis" or "scenarios/papers". An installed program has it in
/// ../share/laconic beside itself, wherever that has been moved; one in a build folder has it in the source tree, which
/// source-tree.txt there names. Empty where neither has it.
std::filesystem::path shipped(const std::filesystem::path& name);

/// Where a library that is loaded at run time may lie: beside the program, in ../lib/laconic, in the folder above
/// (tests lie one below the build folder).
std::vector<std::filesystem::path> places_of_library(const std::string& file);

}  // namespace laconic
