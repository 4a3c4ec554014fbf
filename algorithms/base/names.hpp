#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace laconic {

/// The known name closest to `given` in edits (insert, delete, replace, swap of neighbours), if it is close enough to
/// be a likely slip of the keyboard; else the shortest name that begins so; empty if there is none.
std::string nearest(std::string_view given, const std::vector<std::string>& known);

/// `a, b or c`, each in double quotes; `last` joins the last two.
std::string quoted_choices(const std::vector<std::string>& names, const char* last = " or ");

/// The sentence part that follows an unknown name: ` (did you mean "top-k"?)`, or nothing.
std::string did_you_mean(std::string_view given, const std::vector<std::string>& known);

}  // namespace laconic
