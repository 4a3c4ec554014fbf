#include "algorithms/base/find_file.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <vector>

namespace laconic {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> places(const fs::path& folder) {
  const char* data = std::getenv("LACONIC_DATA");
  std::vector<fs::path> out{folder};
  if (data && *data) out.emplace_back(data);
  out.emplace_back("data");
  // Last, so that a path which --set gives may be meant from where the command is typed.
  if (!folder.empty() && folder != ".") out.emplace_back("");
  return out;
}

}  // namespace

std::optional<fs::path> locate(const fs::path& path, const fs::path& folder) {
  std::error_code ignored;
  if (path.is_absolute()) return fs::exists(path, ignored) ? std::optional(path) : std::nullopt;
  for (const auto& place : places(folder))
    if (fs::exists(place / path, ignored)) return place / path;
  return {};
}

fs::path find_file(Params& in, const std::string& key, const char* what, const fs::path& folder) {
  const auto meaning = fmt::format(
      "{}; a relative path is looked up beside the scenario, in $LACONIC_DATA, in data/, in the current folder", what);
  fs::path path = in.text(key, {}, "the path of a file", meaning.c_str());
  if (path.is_absolute()) return path;
  if (const auto found = locate(path, folder)) return *found;
  std::string tried;
  for (const auto& place : places(folder))
    tried += (tried.empty() ? "" : ", ") + (place / path).lexically_normal().string();
  const char* data = std::getenv("LACONIC_DATA");
  in.refuse(key,
            fmt::format("no such file: looked for {} ($LACONIC_DATA is {})", tried, data && *data ? "set" : "not set"));
}

}  // namespace laconic
