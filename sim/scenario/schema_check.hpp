#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace laconic::scenario {

/// scenarios/schema.json, the one description of the format, as compiled in.
const nlohmann::json& scenario_schema();

/// Validates against the schema (with valijson). Throws InputError with a line for each mistake,
/// "file: /pointer: expected <what>, got <value>"; unknown keys come with the nearest known one.
void check_schema(const nlohmann::json& given, const std::string& file);

/// Turns numbers such as 25e6 into whole ones where the schema wants those, and leaves all others as they are.
void make_whole(nlohmann::json& scenario);

}  // namespace laconic::scenario
