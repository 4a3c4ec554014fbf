#include "algorithms/base/program.hpp"

#include <fstream>

namespace laconic {

namespace fs = std::filesystem;

fs::path program_file() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored);
}

fs::path shipped(const fs::path& name) {
  const fs::path folder = program_file().parent_path();
  std::vector<fs::path> places{folder.parent_path() / "share/laconic"};
  for (const fs::path& build : {folder, folder.parent_path()})
    if (std::string source; std::getline(std::ifstream(build / "source-tree.txt"), source)) places.emplace_back(source);
  std::error_code ignored;
  for (const fs::path& place : places)
    if (fs::exists(place / name, ignored)) return place / name;
  return {};
}

std::vector<fs::path> places_of_library(const std::string& file) {
  const fs::path folder = program_file().parent_path();
  return {folder / file, folder.parent_path() / "lib/laconic" / file, folder.parent_path() / file};
}

}  // namespace laconic
