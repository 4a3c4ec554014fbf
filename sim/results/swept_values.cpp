#include "sim/results/swept_values.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <numeric>
#include <regex>

namespace laconic::results {
namespace {

using nlohmann::ordered_json;

struct SweptQuantity {
  double value;
  std::string unit;
};

// Powers of 1000 or 1024 by SI's and IEC's letters; nothing for what is no prefix.
std::optional<double> prefix_factor(std::string prefix) {
  if (prefix.empty()) return 1;
  static const std::string letters = "kMGTP", binary = "KMGT";
  const bool is_binary = prefix.size() == 2 && prefix[1] == 'i';
  const auto at = (is_binary ? binary : letters).find(prefix[0]);
  if (at == std::string::npos || (prefix.size() > 1 && !is_binary)) return std::nullopt;
  double out = 1;
  for (std::size_t i = 0; i <= at; ++i) out *= is_binary ? 1024 : 1000;
  return out;
}

// SimGrid's "10ms" or "100Mbps"; nothing for other text. Bytes per second become bits per second.
std::optional<SweptQuantity> swept_quantity(const std::string& text, const std::string& pointer) {
  static const std::regex form(R"(\s*\+?(-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*((?:[A-Za-z]|µ)*)\s*)");
  std::smatch parts;
  if (!std::regex_match(text, parts, form)) return std::nullopt;
  const std::string digits = parts[1], suffix = parts[2];
  double value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (suffix.empty()) {
    const std::string word = pointer.substr(pointer.rfind('/') + 1);
    if (word.ends_with("latency")) return SweptQuantity{value, "s"};
    if (word.ends_with("bandwidth")) return SweptQuantity{8 * value, "bit/s"};
    return SweptQuantity{value, word.ends_with("speed") ? "flop/s" : ""};
  }
  static const std::pair<const char*, double> times[] = {{"ps", 1e-12}, {"ns", 1e-9}, {"us", 1e-6}, {"µs", 1e-6},
                                                         {"ms", 1e-3},  {"s", 1},     {"m", 60},    {"h", 3600},
                                                         {"d", 86400},  {"w", 604800}};
  for (const auto& [name, seconds] : times)
    if (suffix == name) return SweptQuantity{value * seconds, "s"};
  static const struct {
    const char *ending, *unit;
    double factor;
  } units[] = {{"bps", "bit/s", 1}, {"Bps", "bit/s", 8}, {"f", "flop/s", 1}, {"B", "B", 1}, {"W", "W", 1}};
  for (const auto& unit : units)
    if (suffix.ends_with(unit.ending))
      if (const auto factor = prefix_factor(suffix.substr(0, suffix.size() - std::string(unit.ending).size())))
        return SweptQuantity{value * *factor * unit.factor, unit.unit};
  return std::nullopt;
}

std::string spaced(const std::string& word) {
  std::string out = word;
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

// A value of a scenario for people: blocks without their braces, a space before a unit.
std::string value_words(const ordered_json& value) {
  const auto join = [](std::string& to, const std::string& more) { to += (to.empty() ? "" : ", ") + more; };
  std::string out;
  if (value.is_object()) {
    if (value.size() == 2 && value.contains("timeout") && value.contains("then"))
      return value_words(value["then"]) + " after " + value_words(value["timeout"]);
    if (value.contains("type")) out = value_words(value["type"]);
    for (const auto& [key, inner] : value.items())
      if (key != "type") join(out, spaced(key) + ' ' + value_words(inner));
    return out;
  }
  if (value.is_array()) {
    for (const auto& inner : value) join(out, value_words(inner));
    return '(' + out + ')';
  }
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  static const std::regex unit(R"(([-+.\deE]*\d)([A-Za-z]+))");
  out = value.is_string() ? value.get<std::string>() : value.is_null() ? "None" : value.dump();
  std::smatch parts;
  if (!std::regex_match(out, parts, unit)) return out;
  return parts[1].str() + ' ' + (parts[2] == "us" ? "µs" : parts[2].str());
}

}  // namespace

SweptValues swept_values(const std::string& pointer, std::vector<std::string> texts) {
  SweptValues out{pointer, std::move(texts)};
  std::vector<std::pair<double, std::string>> sized;
  std::string unit;
  for (const std::string& text : out.texts) {
    const auto quantity = swept_quantity(text, pointer);
    if (!quantity || (!sized.empty() && quantity->unit != unit)) return out;
    unit = quantity->unit;
    sized.emplace_back(quantity->value, text);
  }
  std::sort(sized.begin(), sized.end());
  std::transform(sized.begin(), sized.end(), out.texts.begin(), [](const auto& pair) { return pair.second; });
  out.sized = true;
  return out;
}

std::string SweptValues::title() const {
  std::string out, word;
  const auto take = [&] {
    if (!word.empty() && !std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; }))
      out = word;
    word.clear();
  };
  for (const char c : pointer) {
    if (c == '/')
      take();
    else
      word += c;
  }
  take();
  return out.empty() ? pointer : spaced(out);
}

std::string SweptValues::label(std::size_t place) const {
  const std::string& text = texts[place];
  if (text.starts_with('{') || text.starts_with('['))
    if (auto parsed = ordered_json::parse(text, nullptr, false); !parsed.is_discarded()) return value_words(parsed);
  const auto first = text.find_first_not_of('"'), last = text.find_last_not_of('"');
  return value_words(first == std::string::npos ? "" : text.substr(first, last - first + 1));
}

}  // namespace laconic::results
