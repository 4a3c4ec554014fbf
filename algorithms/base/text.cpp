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

namespace {

// How many bytes at `at` are a character that must not reach a terminal; its number is left in `code`.
std::size_t control_at(std::string_view text, std::size_t at, unsigned& code) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  code = byte(at);
  if (code < 0x20 || code == 0x7F) return 1;
  if (code == 0xC2 && byte(at + 1) >= 0x80 && byte(at + 1) < 0xA0) {  // the controls of eight bits
    code = byte(at + 1);
    return 2;
  }
  if (code != 0xE2) return 0;
  code = 0x2000 + ((byte(at + 1) - 0x80) << 6) + (byte(at + 2) - 0x80);
  const bool turns = (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return turns ? 3 : 0;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    unsigned code = 0;
    const std::size_t length = text[i] == '\n' ? 0 : control_at(text, i, code);
    if (length == 0)
      out += text[i++];
    else
      out += code < 0x100 ? fmt::format("\\x{:02X}", code) : fmt::format("\\u{:04X}", code);
    i += length;
  }
  return out;
}

bool has_controls(std::string_view text) {
  unsigned code = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (control_at(text, i, code) > 0) return true;
  return false;
}

std::string csv_field(std::string_view text) {
  const bool guarded = !text.empty() && std::string_view("=+-@'\t\r\n").find(text[0]) != std::string_view::npos;
  std::string whole = (guarded ? "'" : "") + std::string(text);
  if (whole.find_first_of(",\"\n\r") == std::string::npos) return whole;
  std::string out = "\"";
  for (const char c : whole) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

std::string text_of_csv(std::string field) {
  if (field.size() > 1 && field[0] == '\'' && std::string_view("=+-@'\t\r\n").find(field[1]) != std::string_view::npos)
    field.erase(0, 1);
  return field;
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
