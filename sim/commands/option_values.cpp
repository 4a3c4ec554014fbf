#include "sim/commands/option_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "algorithms/base/names.hpp"
#include "algorithms/base/params.hpp"

namespace laconic::commands {

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most, const char* words) {
  return CLI::Validator(
      [=](std::string& text) -> std::string {
        const auto fills = [&](auto& number) {
          const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
          return error == std::errc{} && end == text.data() + text.size();
        };
        std::uint64_t value = 0;
        bool whole = fills(value);
        if (double x = 0; !whole && fills(x) && x >= 0 && x <= 0x1p53 && x == std::floor(x)) {  // 25e6, as in a file
          whole = true;
          value = static_cast<std::uint64_t>(x);
          text = fmt::format("{}", value);
        }
        return whole && value >= least && value <= most ? "" : fmt::format("expected {}, got {}", words, shown(text));
      },
      "");
}

std::uint64_t size_of(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  constexpr std::pair<std::string_view, double> units[] = {
      {"", 1},      {"B", 1},        {"kB", 1e3},     {"MB", 1e6},     {"GB", 1e9},
      {"TB", 1e12}, {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40}};
  for (const auto& [name, factor] : units)
    if (error == std::errc{} && unit == name && number * factor >= 1 && number * factor <= 1e15)
      return static_cast<std::uint64_t>(number * factor);
  return 0;
}

CLI::Validator one_of(const std::vector<std::string>& names) {
  return CLI::Validator(
      [=](std::string& text) -> std::string {
        if (std::find(names.begin(), names.end(), text) != names.end()) return "";
        return fmt::format("expected {}, got {}{}", quoted_choices(names), shown(text), did_you_mean(text, names));
      },
      "");
}

std::pair<Round, Round> range_of(const std::string& text) {
  Round first = 0, last = 0;
  const char* const end = text.data() + text.size();
  const auto a = std::from_chars(text.data(), end, first);
  if (a.ec != std::errc{} || a.ptr == end || *a.ptr != ':') return {};
  const auto b = std::from_chars(a.ptr + 1, end, last);
  if (b.ec != std::errc{} || b.ptr != end || first < 1 || last < first) return {};
  return {first, last};
}

CLI::Validator round_range() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        if (range_of(text).first > 0) return "";
        return fmt::format("expected two whole numbers such as 1:100, the first and the last round, got {}",
                           shown(text));
      },
      "");
}

}  // namespace laconic::commands
