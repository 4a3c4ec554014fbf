#include "sim/scenario/source.hpp"

#include <fmt/format.h>

#include "algorithms/base/error.hpp"
#include "algorithms/base/find_file.hpp"
#include "sim/scenario/json_input.hpp"
#include "sim/scenario/other_platform.hpp"
#include "sim/scenario/schema_check.hpp"

namespace laconic::scenario {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// {"file": "x.json"} stands for the block kept in that file, {"file": "x.xml"} for the topology "file".
// Returns whether a file was read.
bool inline_platform(json& source, const std::string& file, const fs::path& folder) {
  json& platform = source["platform"];
  if (!platform.contains("file") || platform.value("type", "") == "file") return false;
  if (fs::path(platform["file"].get<std::string>()).extension() == ".xml") {
    if (!platform.contains("type")) platform["type"] = "file";
    return false;
  }
  if (platform.size() > 1 + platform.count("comment"))
    throw InputError(
        fmt::format("{}: /platform: \"file\" stands for the whole platform: expected no other key beside it", file));
  Params in(platform, file, "/platform");
  const fs::path path = find_file(in, "file", "a platform", folder);
  json inner = read_json(path);
  if (inner.is_object()) {
    if (inner.contains("calibrated"))
      throw InputError(
          fmt::format("{}: {} was written by `laconic calibrate`: give it to --platform, or put its \"platform\" and "
                      "\"network\" into the scenario",
                      in.where("file"), path.string()));
    if (inner.contains("file") &&
        fs::path(inner["file"].is_string() ? inner["file"].get<std::string>() : "").extension() != ".xml")
      throw InputError(
          fmt::format("{}: expected a platform block, which may not name another such file", path.string()));
    // What it names beside itself is not beside the scenario.
    for (const char* key : {"file", "path"}) {
      if (!inner.contains(key) || !inner[key].is_string()) continue;
      const fs::path beside = path.parent_path() / inner[key].get<std::string>();
      std::error_code ignored;
      if (fs::exists(beside, ignored)) inner[key] = fs::absolute(beside).lexically_normal().string();
    }
    if (inner.contains("file") && !inner.contains("type")) inner["type"] = "file";
  }
  platform = std::move(inner);
  return true;
}

}  // namespace

Params Source::block(const char* key) const {
  static const nlohmann::json nothing = nlohmann::json::object();
  const auto found = json.find(key);
  return Params(found == json.end() ? nothing : *found, file, fmt::format("/{}", key));
}

Source open_source(json given, const std::string& file, const fs::path& folder) {
  check_schema(given, file);
  make_whole(given);
  if (inline_platform(given, file, folder)) {
    check_schema(given, file);
    make_whole(given);
  }
  return {std::move(given), file, folder};
}

json read_source(const fs::path& file, const ScenarioOptions& options) {
  json source = read_json(file);
  if (source.is_object() && source.contains("full")) {
    check_schema(source, file.string());
    json full = source;
    full.erase("full");
    for (const auto& [pointer, value] : source["full"].items())
      if (pointer.starts_with('/'))
        set_at(full, pointer, value, fmt::format("{}: /full: \"{}\"", file.string(), pointer));
    check_schema(full, file.string() + ": with \"full\"");
    if (options.full) source = std::move(full);
  }
  if (!options.platform.empty()) put_platform(source, options.platform);
  for (const auto& assignment : options.set) apply_set(source, assignment);
  if (options.seed && source.is_object()) source["seed"] = *options.seed;
  return source;
}

}  // namespace laconic::scenario
