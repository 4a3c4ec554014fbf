#include "sim/scenario/other_platform.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "algorithms/base/error.hpp"
#include "algorithms/base/params.hpp"
#include "sim/scenario/json_input.hpp"

namespace laconic::scenario {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

// What stands beside the scenario that names it does not stand beside another one.
json found_beside(json platform, const fs::path& file) {
  std::error_code ignored;
  if (platform.is_object())
    for (const char* key : {"file", "path"}) {
      if (!platform.contains(key) || !platform[key].is_string()) continue;
      const fs::path beside = file.parent_path() / platform[key].get<std::string>();
      if (fs::exists(beside, ignored)) platform[key] = fs::absolute(beside).lexically_normal().string();
    }
  return platform;
}

}  // namespace

void put_platform(json& scenario, const std::string& given) {
  if (!scenario.is_object()) return;  // the schema says so
  const auto first = given.find_first_not_of(" \t\n");
  if (first != std::string::npos && given[first] == '{') {
    scenario["platform"] = parse_json(given, "--platform");
    return;
  }
  std::error_code ignored;
  if (!fs::exists(given, ignored))
    throw InputError(fmt::format("--platform: expected a file, or JSON that begins with {{, got {}: no such file",
                                 shown(json(given))));
  if (fs::path(given).extension() != ".xml") {
    const json inner = read_json(given);
    const bool holds_one = inner.is_object() && inner.contains("platform");
    if (holds_one && inner.contains("calibrated") && inner.contains("network"))
      put_network(scenario, inner["network"], given.c_str());
    if (holds_one && (inner.contains("algorithms") || inner.contains("calibrated"))) {
      scenario["platform"] = found_beside(inner["platform"], given);
      return;
    }
  }
  scenario["platform"] = {{"file", fs::absolute(given).lexically_normal().string()}};
}

void put_network(json& scenario, const json& keys, const char* where) {
  if (!keys.is_object())
    throw InputError(fmt::format("{}: expected an object of keys to replace, got {}", where, shown(keys)));
  json& network = scenario["network"];
  if (!network.is_object()) network = json::object();
  network.update(keys);
}

}  // namespace laconic::scenario
