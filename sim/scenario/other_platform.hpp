#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace laconic::scenario {

/// Puts another platform into a scenario: JSON that begins with {, or a file: a platform block, SimGrid's XML, a
/// scenario, whose platform it is, or what `laconic calibrate` has written, whose platform and network it is. Throws
/// InputError "--platform: ...".
void put_platform(nlohmann::json& scenario, const std::string& given);

/// Replaces keys of a scenario's "network". Throws InputError "<where>: ..." if `keys` is no object.
void put_network(nlohmann::json& scenario, const nlohmann::json& keys, const char* where);

}  // namespace laconic::scenario
