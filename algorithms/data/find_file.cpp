#include "algorithms/data/find_file.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <vector>

namespace laconic {

namespace fs = std::filesystem;

fs::path find_file(Params& in, const std::string& key, const char* what, const fs::path& folder) {
  const auto meaning =
      fmt::format("{}; a relative path is looked up beside the scenario, in $LACONIC_DATA, in data/", what);
  const fs::path path = in.text(key, {}, "the path of a file", meaning.c_str());
  if (path.is_absolute()) return path;
  const char* data = std::getenv("LACONIC_DATA");
  std::vector<fs::path> places{folder};
  if (data && *data) places.emplace_back(data);
  places.emplace_back("data");
  std::string tried;
  for (const auto& place : places) {
    std::error_code ignored;
    if (fs::exists(place / path, ignored)) return place / path;
    tried += (tried.empty() ? "" : ", ") + (place / path).lexically_normal().string();
  }
  in.refuse(key,
            fmt::format("no such file: looked for {} ($LACONIC_DATA is {})", tried, data && *data ? "set" : "not set"));
}

}  // namespace laconic
