#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace laconic {

/// JSON for a file; without `indent` on one line. Bytes that are no UTF-8, as names of files and hosts may hold, become
/// U+FFFD.
template <class Json>
std::string json_text(const Json& value, int indent = -1) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace laconic
