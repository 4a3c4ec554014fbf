#include "sim/scenario/json_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iostream>
#include <iterator>
#include <set>
#include <vector>

#include "algorithms/base/error.hpp"
#include "algorithms/base/input_file.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/base/params.hpp"

namespace laconic::scenario {
namespace {

using nlohmann::json;

std::string place(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto start = before.rfind('\n');
  return fmt::format("{}:{}", line, before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1);
}

// What the library says after its own name and its own idea of the place.
std::string plain(std::string what) {
  for (const char* marker : {"syntax error while ", "] "}) {
    if (const auto at = what.find(marker); at != std::string::npos) {
      what = what.substr(at + std::strlen(marker));
      break;
    }
  }
  for (char& c : what)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return what;
}

// Follows the parser through the text to see what the finished value no longer shows.
class Watcher {
 public:
  explicit Watcher(const std::string& name) : name_(name) {}

  bool operator()(int depth, json::parse_event_t event, json& parsed) {
    using Event = json::parse_event_t;
    if (depth > 200) throw InputError(fmt::format("{}: nested more than 200 levels deep", name_));
    switch (event) {
      case Event::object_start:
        levels_.push_back({});
        break;
      case Event::array_start:
        levels_.push_back({{}, {}, 0});
        break;
      case Event::object_end:
      case Event::array_end:
        levels_.pop_back();
        passed();
        break;
      case Event::value:
        passed();
        break;
      case Event::key:
        levels_.back().key = parsed.get<std::string>();
        if (!levels_.back().keys.insert(levels_.back().key).second) {
          const std::string key = std::move(levels_.back().key);
          levels_.pop_back();
          throw InputError(fmt::format("{}: {}: the key {} stands twice", name_, pointer(), shown(key)));
        }
        break;
    }
    return true;
  }

 private:
  struct Level {
    std::set<std::string> keys;
    std::string key;
    long index = -1;  // the next array element's; -1: an object
  };

  void passed() {
    if (!levels_.empty() && levels_.back().index >= 0) ++levels_.back().index;
  }
  std::string pointer() const {
    std::string out;
    for (const auto& level : levels_) out += '/' + (level.index >= 0 ? std::to_string(level.index) : level.key);
    return out.empty() ? "/" : out;
  }

  const std::string& name_;
  std::vector<Level> levels_;
};

std::string unescaped(std::string token) {
  for (const auto& [from, to] : {std::pair{"~1", "/"}, {"~0", "~"}})
    for (std::size_t at = 0; (at = token.find(from, at)) != std::string::npos; ++at) token.replace(at, 2, to);
  return token;
}

std::vector<std::string> split_pointer(const std::string& pointer) {
  std::vector<std::string> tokens;
  for (std::size_t start = 1; start <= pointer.size();) {
    const auto end = std::min(pointer.find('/', start), pointer.size());
    tokens.push_back(unescaped(pointer.substr(start, end - start)));
    start = end + 1;
  }
  return tokens;
}

bool is_utf8(const std::string& text) {
  try {
    (void)json(text).dump();
    return true;
  } catch (const json::type_error&) {
    return false;
  }
}

std::vector<std::string> keys_of(const json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

// The member `token` of `value`; `make` makes a missing key.
json& member(json& value, const std::string& token, bool make, const std::string& where) {
  if (value.is_object()) {
    if (make || value.contains(token)) return value[token];
    throw InputError(fmt::format("{}: there is no \"{}\"{}; there are {}", where, token,
                                 did_you_mean(token, keys_of(value)), quoted_choices(keys_of(value), " and ")));
  }
  if (!value.is_array())
    throw InputError(fmt::format("{}: \"{}\" cannot be found inside {}", where, token, shown(value)));
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc{} || end != token.data() + token.size() || index >= value.size())
    throw InputError(fmt::format("{}: expected an index from 0 to {}, got \"{}\"", where, value.size() - 1, token));
  return value[index];
}

}  // namespace

json parse_json(std::string_view text, const std::string& name) {
  const auto mark = text.starts_with("\xEF\xBB\xBF") ? std::size_t{3} : 0;
  if (text.find_first_not_of(" \t\r\n", mark) == std::string_view::npos)
    throw InputError(fmt::format("{}:1:1: not JSON: there is nothing in it", name));
  try {
    return json::parse(text, Watcher(name));
  } catch (const json::parse_error& e) {
    throw InputError(
        fmt::format("{}:{}: not JSON: {}", name, place(text, e.byte > 0 ? e.byte - 1 : 0), plain(e.what())));
  } catch (const json::out_of_range& e) {
    const std::string what = plain(e.what());
    const auto first = what.find('\''), last = what.rfind('\'');
    const auto at = first < last ? text.find(what.substr(first + 1, last - first - 1)) : std::string_view::npos;
    throw InputError(fmt::format("{}:{}: not JSON: {}", name, place(text, at), what));
  }
}

namespace {

// It can be read once, and a scenario is asked for more than once.
const std::string& standard_input() {
  static const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  return text;
}

}  // namespace

json read_json(const std::filesystem::path& path) {
  if (path == "-") return parse_json(standard_input(), path.string());
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw InputError(fmt::format("{}: is a folder, not a file", path.string()));
  return parse_json(read_input(path), path.string());
}

void apply_set(json& scenario, const std::string& assignment) {
  if (!is_utf8(assignment)) throw InputError(fmt::format("--set: expected UTF-8, got {}", shown(assignment)));
  const auto equals = assignment.find('=');
  if (equals == std::string::npos || assignment[0] != '/' || equals < 2)
    throw InputError(
        fmt::format("--set: expected /pointer=value, e.g. /platform/latency=10ms, got \"{}\"", assignment));
  const std::string pointer = assignment.substr(0, equals), text = assignment.substr(equals + 1);
  const std::string where = "--set " + pointer;

  json value = text;
  try {
    value = parse_json(text, where);
  } catch (const InputError&) {
    if (!text.empty() && std::string_view("[{\"").find(text[0]) != std::string_view::npos) throw;  // meant as JSON
  }
  set_at(scenario, pointer, std::move(value), where);
}

void set_at(json& scenario, const std::string& pointer, json value, const std::string& where) {
  const auto tokens = split_pointer(pointer);
  json* at = &scenario;
  for (std::size_t i = 0; i < tokens.size(); ++i) at = &member(*at, tokens[i], i + 1 == tokens.size(), where);
  *at = std::move(value);
}

}  // namespace laconic::scenario
