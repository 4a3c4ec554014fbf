#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "algorithms/base/params.hpp"

namespace laconic {

/// The file a scenario names under `key`; a relative path is looked up in `folder`, which is the scenario's, then in
/// $LACONIC_DATA, then in data/, then in the current folder. An absolute one is taken as it is. `what` describes the
/// key. Throws InputError with every place looked at if there is no such file.
std::filesystem::path find_file(Params& in, const std::string& key, const char* what,
                                const std::filesystem::path& folder);

/// Where find_file would find that path; nothing if there is no such file.
std::optional<std::filesystem::path> locate(const std::filesystem::path& path, const std::filesystem::path& folder);

}  // namespace laconic
