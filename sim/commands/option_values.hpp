#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algorithms/core/types.hpp"

// What the text of an option may be. A validator says what is wrong about it; CLI11 puts the option's name before that.

namespace laconic::commands {

/// A whole number in a range, which `words` name.
CLI::Validator whole_number(std::uint64_t least, std::uint64_t most, const char* words);
/// One of these names.
CLI::Validator one_of(const std::vector<std::string>& names);
/// Bytes of "20GB"; 0 where it is no size.
std::uint64_t size_of(std::string_view text);
/// The rounds of "A:B"; 0 where it is no range.
std::pair<Round, Round> range_of(const std::string& text);
CLI::Validator round_range();

}  // namespace laconic::commands
