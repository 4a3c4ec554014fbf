#pragma once

#include <string>
#include <string_view>

namespace laconic {

/// A token as messages show it: in quotes, cut when long, and with nothing in it that a terminal could obey.
std::string shown_token(std::string_view token);

enum class NumberFault { none, malformed, too_large, not_finite };

/// Reads the number that [at, end) begins with and leaves `at` behind it; a '+' may stand before it. Too small for a
/// double is 0.
NumberFault read_number(const char*& at, const char* end, double& x);

/// What should have stood there instead.
inline const char* expected_of(NumberFault fault) {
  return fault == NumberFault::too_large    ? "a number within the range of a double"
         : fault == NumberFault::not_finite ? "a finite number"
                                            : "a number";
}

}  // namespace laconic
