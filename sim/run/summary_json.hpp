#pragma once

#include <filesystem>
#include <string>

namespace laconic::run {

/// What `--json` prints of a finished run or sweep: its folder, what run.json or sweep.json says of its end and of its
/// tuning, and the rows of summary.csv, as one line of JSON. Throws InputError if they are not there.
std::string summary_json(const std::filesystem::path& folder);

}  // namespace laconic::run
