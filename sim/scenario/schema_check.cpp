#include "sim/scenario/schema_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "algorithms/base/error.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/base/params.hpp"
#include "algorithms/base/text.hpp"
#include "schema_text.hpp"

// valijson judges; what follows turns its findings, which name a place and a rule of JSON Schema, into sentences. The
// words come from the schema itself: "errorMessage" completes "expected ...".

namespace laconic::scenario {
namespace {

using nlohmann::json;
using Path = std::vector<std::string>;

const valijson::Schema& compiled_schema() {
  static const valijson::Schema* schema = [] {
    auto* out = new valijson::Schema;
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(scenario_schema()), *out);
    return out;
  }();
  return *schema;
}

const json& resolved(const json& schema) {
  const auto ref = schema.find("$ref");
  return ref == schema.end() ? schema : scenario_schema().at(json::json_pointer(ref->get<std::string>().substr(1)));
}

// The schema itself and the alternatives below it.
std::vector<const json*> alternatives(const json& schema) {
  std::vector<const json*> out{&resolved(schema)};
  if (const auto any = out[0]->find("anyOf"); any != out[0]->end())
    for (const auto& one : *any) out.push_back(&resolved(one));
  return out;
}

bool is_index(const std::string& token) {
  return !token.empty() && token.find_first_not_of("0123456789") == std::string::npos;
}

// The schemas that speak of the value at `path`; the first is the one that speaks of all its alternatives.
std::vector<const json*> schemas_at(const Path& path) {
  std::vector<const json*> now = alternatives(scenario_schema());
  for (const auto& token : path) {
    std::vector<const json*> next;
    for (const json* schema : now) {
      const json* child = nullptr;
      if (const auto p = schema->find("properties"); p != schema->end() && p->contains(token))
        child = &(*p)[token];
      else if (const auto named = schema->find("patternProperties"); named != schema->end())
        child = &named->front();
      else if (const auto items = schema->find("items"); items != schema->end() && is_index(token))
        child = &*items;
      if (!child) continue;
      const auto more = alternatives(*child);
      next.insert(next.end(), more.begin(), more.end());
    }
    now = std::move(next);
  }
  return now;
}

const json* value_at(const json& value, const Path& path) {
  const json* at = &value;
  for (const auto& token : path) {
    if (at->is_object() && at->contains(token)) {
      at = &(*at)[token];
      continue;
    }
    std::size_t index = 0;
    std::from_chars(token.data(), token.data() + token.size(), index);
    if (!at->is_array() || index >= at->size()) return nullptr;
    at = &(*at)[index];
  }
  return at;
}

std::string pointer(const Path& path) {
  std::string out;
  for (const auto& token : path) out += '/' + token;
  return out.empty() ? "/" : out;
}

// The object schema at a path: the one whose keys the value was measured against.
const json* object_schema(const Path& path) {
  for (const json* schema : schemas_at(path))
    if (schema->contains("properties")) return schema;
  return nullptr;
}

// Where else the schema knows a key: it may be the right key in the wrong place.
std::string place_of_key(const std::string& key) {
  std::vector<std::string> places;
  const auto knows = [&](const Path& path) {
    const auto schemas = schemas_at(path);
    return std::any_of(schemas.begin(), schemas.end(), [&](const json* schema) {
      const auto properties = schema->find("properties");
      return properties != schema->end() && properties->contains(key);
    });
  };
  if (knows({})) places.emplace_back("at the top");
  for (const auto& [block, unused] : scenario_schema()["properties"].items()) {
    if (knows({block})) places.push_back(fmt::format("in \"{}\"", block));
    if (knows({block, "0"})) places.push_back(fmt::format("in an entry of \"{}\"", block));
  }
  if (places.empty()) return "";
  std::string out = " (it stands ";
  for (std::size_t i = 0; i < places.size(); ++i)
    out += (i == 0 ? "" : i + 1 == places.size() ? " or " : ", ") + places[i];
  return out + ")";
}

std::string unknown_keys(const json& object, const Path& path) {
  const json* schema = object_schema(path);
  std::vector<std::string> known;
  for (const auto& [key, child] : (*schema)["properties"].items())
    if (key != "comment" && key != "$schema") known.push_back(key);
  std::string out;
  for (const auto& [key, child] : object.items()) {
    if ((*schema)["properties"].contains(key)) continue;
    const std::string elsewhere = place_of_key(key);
    out += fmt::format("{}{}: unknown key {}{}; known: {}", out.empty() ? "" : "\n", pointer(path), shown(key),
                       elsewhere.empty() ? did_you_mean(key, known) : elsewhere, quoted_choices(known, " and "));
  }
  return out;
}

std::string expectation(const json& schema, const json* value) {
  if (schema.contains("enum")) {
    std::vector<std::string> names;
    for (const json& choice : schema["enum"]) {
      if (!choice.is_string()) return schema.value("errorMessage", "");
      names.push_back(choice);
    }
    return quoted_choices(names) +
           (value && value->is_string() ? "\x1f" + did_you_mean(value->get<std::string>(), names) : "");
  }
  return schema.value("errorMessage", "");
}

std::string missing_keys(const json& object, const Path& path) {
  const json* schema = object_schema(path);
  std::string out;
  for (const auto& key : (*schema)["required"]) {
    const auto name = key.get<std::string>();
    if (object.contains(name)) continue;
    out += fmt::format("{}{}: missing \"{}\": expected {}", out.empty() ? "" : "\n", pointer(path), name,
                       expectation(resolved((*schema)["properties"][name]), nullptr));
  }
  return out;
}

std::string wrong_value(const json& value, const Path& path, const std::string& rule) {
  for (const json* schema : schemas_at(path)) {
    std::string expected = expectation(*schema, &value);
    if (expected.empty()) continue;
    std::string hint;
    if (const auto at = expected.find('\x1f'); at != std::string::npos) {
      hint = expected.substr(at + 1);
      expected.resize(at);
    }
    return fmt::format("{}: expected {}, got {}{}", pointer(path), expected, shown(value), hint);
  }
  return fmt::format("{}: {}, got {}", pointer(path), rule, shown(value));
}

bool starts(const std::string& text, const char* prefix) { return text.rfind(prefix, 0) == 0; }

// A finding that only repeats, further out, what another says of a place further in.
bool is_echo(const std::string& rule) {
  return starts(rule, "Failed to validate against schema associated") || starts(rule, "Failed to validate item") ||
         starts(rule, "Failed to validate against child schema") ||
         starts(rule, "Failed to validate against any schemas");
}

std::string without_lines(std::string text) {
  std::erase_if(text, [](char c) { return c == '\n' || c == '\t'; });
  return text;
}

// Nothing that a terminal could obey stands in a name, a path or a key: what is written there is shown in messages,
// tables and figures. A "comment" is shown nowhere; a separator may be a tab, and a profile has lines.
void check_texts(const json& value, const Path& path, const std::string& file) {
  const auto refuse = [&](const std::string& text) {
    throw InputError(fmt::format("{}: {}: expected text without control characters, got {}", file,
                                 printable(pointer(path)), shown(text)));
  };
  if (value.is_string() && has_controls(without_lines(value.get<std::string>()))) refuse(value.get<std::string>());
  if (!value.is_structured()) return;
  std::size_t i = 0;
  for (const auto& [key, child] : value.items()) {
    if (value.is_object() && key == "comment") continue;
    if (value.is_object() && has_controls(key)) refuse(key);
    Path inner = path;
    inner.push_back(value.is_object() ? key : std::to_string(i++));
    check_texts(child, inner, file);
  }
}

// 25e6 is a whole number, though JSON's readers make it a floating-point one.
void make_whole(json& value, Path& path) {
  if (value.is_number_float()) {
    const double x = value.get<double>();
    if (x != std::floor(x) || std::abs(x) > 0x1p53) return;
    bool whole = false;
    for (const json* schema : schemas_at(path)) {
      const json type = schema->value("type", json());
      const auto is = [&](const char* name) {
        return type == name || (type.is_array() && std::find(type.begin(), type.end(), name) != type.end());
      };
      if (is("number")) return;
      whole = whole || is("integer");
    }
    if (whole) value = static_cast<std::int64_t>(x);
  } else if (value.is_structured()) {
    std::size_t i = 0;
    for (auto item = value.begin(); item != value.end(); ++item) {
      path.push_back(value.is_object() ? item.key() : std::to_string(i++));
      make_whole(*item, path);
      path.pop_back();
    }
  }
}

}  // namespace

void make_whole(json& scenario) {
  Path path;
  make_whole(scenario, path);
}

const json& scenario_schema() {
  static const json schema = json::parse(fmt::format("{}", fmt::join(schema_text, "")));
  return schema;
}

void check_schema(const json& given, const std::string& file) {
  check_texts(given, {}, file);
  json scenario = given;
  make_whole(scenario);
  valijson::adapters::NlohmannJsonAdapter target(scenario);
  valijson::ValidationResults results;
  static valijson::Validator validator(valijson::Validator::kStrongTypes);  // keeps the schema's patterns compiled
  if (validator.validate(compiled_schema(), target, &results)) return;

  std::map<Path, std::vector<std::string>> findings;
  for (const auto& error : results) {
    if (is_echo(error.description)) continue;
    Path path;
    for (std::size_t i = 1; i < error.context.size(); ++i)
      path.push_back(error.context[i].substr(1, error.context[i].size() - 2));
    findings[path].push_back(error.description);
  }

  std::vector<std::string> lines;
  for (const auto& [path, rules] : findings) {
    const json* value = value_at(scenario, path);
    if (!value) continue;
    const auto has = [&, &found = rules](const char* rule) {
      return std::any_of(found.begin(), found.end(), [&](const auto& r) { return starts(r, rule); });
    };
    const bool unknown = has("Object contains a property"), missing = has("Missing required");
    if (unknown) lines.push_back(unknown_keys(*value, path));
    if (missing) lines.push_back(missing_keys(*value, path));
    // Where one of several alternatives was entered, its inner mistake is the one to tell.
    const bool inner = std::any_of(findings.begin(), findings.end(), [&, &outer = path](const auto& other) {
      return other.first.size() > outer.size() && std::equal(outer.begin(), outer.end(), other.first.begin());
    });
    if (!unknown && !missing && !inner) lines.push_back(wrong_value(*value, path, rules.front()));
  }
  if (lines.empty()) lines.push_back("/: does not fit the schema: " + results.begin()->description);
  std::string text;
  for (const auto& block : lines) {
    for (std::size_t start = 0; start < block.size();) {
      const auto end = std::min(block.find('\n', start), block.size());
      text += (text.empty() ? "" : "\n") + file + ": " + block.substr(start, end - start);
      start = end + 1;
    }
  }
  throw InputError(text);
}

}  // namespace laconic::scenario
