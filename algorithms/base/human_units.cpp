#include "algorithms/base/human_units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "algorithms/base/text.hpp"

namespace laconic {
namespace {

std::string scaled(double x, const char* unit) {
  static constexpr const char* prefixes[] = {"", "k", "M", "G", "T", "P", "E", "Z"};
  if (!std::isfinite(x)) return "no limit";
  std::size_t i = 0;
  for (; x >= 999.5 && i + 1 < std::size(prefixes); ++i) x /= 1000;
  return fmt::format("{:.3g} {}{}", x, prefixes[i], unit);
}

// Zeros among them, as in a table: 1.50. From 1 on.
std::string three_digits(double x) {
  if (x >= 1e5) return fmt::format("{:.2e}", x);
  if (x >= 999.5) return fmt::format("{:.0f}", x);
  return fmt::format("{:.{}f}", x, x >= 99.95 ? 0 : x >= 9.995 ? 1 : 2);
}

}  // namespace

std::string rate_words(double bytes_per_second) { return scaled(8 * bytes_per_second, "bps"); }

std::string speed_words(double flops) { return scaled(flops, "f"); }

std::string time_words(double seconds) {
  if (seconds == 0) return "0 s";
  if (seconds < 999.5e-9) return fmt::format("{:.3g} ns", seconds * 1e9);
  if (seconds < 999.5e-6) return fmt::format("{:.3g} µs", seconds * 1e6);
  if (seconds < 0.9995) return fmt::format("{:.3g} ms", seconds * 1e3);
  return fmt::format("{:.3g} s", seconds);
}

std::string human(double value, const char* unit) {
  static constexpr const char* prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  std::size_t i = 0;
  while (value >= 999.5 && i + 1 < std::size(prefixes)) {
    value /= 1000;
    ++i;
  }
  return fmt::format("{:.{}f} {}{}", value, i == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2, prefixes[i], unit);
}

std::string human_time(double s) {
  if (s <= 0) return "0 s";
  // The smallest value, in s, of which a unit is told; analysis/columns.py and analysis/page/format.js agree.
  static constexpr struct {
    double least, seconds;
    const char* name;
  } units[] = {{1e11, 31557600, "years"}, {172080, 86400, "d"},    {7170, 3600, "h"},       {599.5, 60, "min"},
               {0.9995, 1, "s"},          {0.9995e-3, 1e-3, "ms"}, {0.9995e-6, 1e-6, "µs"}, {0.9995e-9, 1e-9, "ns"}};
  for (const auto& unit : units)
    if (s >= unit.least) return fmt::format("{} {}", three_digits(s / unit.seconds), unit.name);
  return fmt::format("{:.2e} s", s);
}

std::size_t text_width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string aligned(std::vector<std::vector<std::string>> rows) {
  for (auto& row : rows)
    for (auto& cell : row) cell = printable(cell);
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], text_width(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - text_width(row[i]), ' ');
      line += (i == 0 ? "" : "  ") + (i == 0 ? row[i] + pad : pad + row[i]);
    }
    out += line.erase(line.find_last_not_of(' ') + 1) + '\n';
  }
  return out;
}

}  // namespace laconic
