#pragma once

#include <string>
#include <string_view>

namespace laconic {

/// A token as messages show it: in quotes, cut when long, and with nothing in it that a terminal could obey.
std::string shown_token(std::string_view token);

/// Text for a terminal: whatever a terminal could obey, and what reverses the order of letters, is shown as \x1B or
/// \u202E; line breaks stay.
std::string printable(std::string_view text);

/// Whether printable() would change it, or it holds a line break.
bool has_controls(std::string_view text);

/// Text as a field of CSV: in quotes where it holds a comma, a quote or a line break. What a spreadsheet would run as a
/// formula (it begins with = + - @, a tab or a line break), and what begins with an apostrophe, gets an apostrophe
/// before it, which text_of_csv() takes away again.
std::string csv_field(std::string_view text);
std::string text_of_csv(std::string field);

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
