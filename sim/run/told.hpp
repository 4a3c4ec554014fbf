#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace laconic::run {

/// What a finished run or sweep told of itself, its run.json or sweep.json: an object whose "scenario" fits the schema,
/// whose "file" is a string, and whose "formats" this program can read. Throws InputError "<path>: /<pointer>: expected
/// ..., got ..." in one line if that is not so, as in a damaged file.
nlohmann::json read_told(const std::filesystem::path& path);

}  // namespace laconic::run
