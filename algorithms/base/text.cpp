#include "algorithms/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace laconic {
namespace {

/// from_chars says "out of range" of 1e400 and of 1e-400 alike. True if `number` is of the second kind: its first
/// significant digit stands for less than 1.
bool vanishes(std::string_view number) {
  const std::size_t e = std::min(number.find_first_of("eE"), number.size());
  const std::string_view digits = number.substr(0, e);
  const auto point = static_cast<std::int64_t>(std::min(digits.find('.'), digits.size()));
  const auto leading = static_cast<std::int64_t>(std::min(digits.find_first_of("123456789"), digits.size()));
  std::int64_t exponent = 0;
  if (e < number.size()) {
    const bool plus = number[e + 1] == '+';
    if (std::from_chars(number.data() + e + 1 + plus, number.data() + number.size(), exponent).ec != std::errc{})
      return number[e + 1] == '-';
  }
  return exponent < leading - point;
}

}  // namespace

std::string shown_token(std::string_view token) {
  constexpr std::size_t most = 40;
  std::string out = "\"";
  for (const char c : token.substr(0, most)) {
    if (c < ' ' || c > '~')
      out += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
    else
      out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  }
  return out + (token.size() > most ? "...\"" : "\"");
}

NumberFault read_number(const char*& at, const char* end, double& x) {
  const bool plus = at != end && *at == '+';
  const char* const first = at + plus;  // from_chars knows no '+'
  const auto [after, error] = std::from_chars(first, end, x);
  if (error == std::errc::invalid_argument || (plus && *first == '-')) return NumberFault::malformed;
  at = after;
  if (error == std::errc::result_out_of_range) {
    if (!vanishes({first, after})) return NumberFault::too_large;
    x = 0;
  }
  return std::isfinite(x) ? NumberFault::none : NumberFault::not_finite;
}

}  // namespace laconic
