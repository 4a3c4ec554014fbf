#include "platforms/words.hpp"

#include <fmt/format.h>

#include <cmath>

namespace laconic {
namespace {

std::string scaled(double x, const char* unit) {
  static constexpr const char* prefixes[] = {"", "k", "M", "G", "T", "P", "E", "Z"};
  if (!std::isfinite(x)) return "no limit";
  std::size_t i = 0;
  for (; x >= 999.5 && i + 1 < std::size(prefixes); ++i) x /= 1000;
  return fmt::format("{:.3g} {}{}", x, prefixes[i], unit);
}

}  // namespace

std::string rate_words(double bytes_per_second) { return scaled(8 * bytes_per_second, "bps"); }

std::string speed_words(double flops) { return scaled(flops, "f"); }

std::string time_words(double seconds) {
  if (seconds == 0) return "0 s";
  if (seconds < 999.5e-9) return fmt::format("{:.3g} ns", seconds * 1e9);
  if (seconds < 999.5e-6) return fmt::format("{:.3g} us", seconds * 1e6);
  if (seconds < 0.9995) return fmt::format("{:.3g} ms", seconds * 1e3);
  return fmt::format("{:.3g} s", seconds);
}

}  // namespace laconic
