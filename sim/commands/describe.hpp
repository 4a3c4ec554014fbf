#pragma once

#include <string>
#include <utility>
#include <vector>

namespace laconic::commands {

/// Everything a scenario may name, a line each, by kind; or one kind. Throws InputError for an unknown kind.
std::string list_names(const std::string& wanted = "");

/// The names of each kind, as list_names() has them.
std::vector<std::pair<std::string, std::vector<std::string>>> names_by_kind();

/// What a name stands for: the method's box, parameters with defaults and meaning, bits, source. A name that stands for
/// several things ("le-signgd" is one, "none" is two) is described as each. Throws InputError for an unknown name.
std::string describe(const std::string& wanted);

}  // namespace laconic::commands
