#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace laconic::scenario {

/// JSON text to a value. Throws InputError "<name>:line:column: not JSON: ..." for what is not JSON, including numbers
/// beyond double's range; and "<name>: /pointer: ..." for a key that stands twice in one object, which JSON readers
/// silently drop, and for nesting beyond 200 levels.
nlohmann::json parse_json(std::string_view text, const std::string& name);

/// Parses a file as parse_json does a text; "-" is the standard input. Throws InputError "<path>: ..." if it cannot be
/// read.
nlohmann::json read_json(const std::filesystem::path& path);

/// The command line's --set: "/pointer=value", the value JSON or else a string. A missing last key is made, everything
/// before it must exist. Throws InputError "--set ...: ...".
void apply_set(nlohmann::json& scenario, const std::string& assignment);

/// Puts a value where a pointer leads, as apply_set does. `where` opens messages.
void set_at(nlohmann::json& scenario, const std::string& pointer, nlohmann::json value, const std::string& where);

}  // namespace laconic::scenario
