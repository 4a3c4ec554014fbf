#include "algorithms/base/params.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

#include "algorithms/base/error.hpp"
#include "algorithms/base/names.hpp"

namespace laconic {

using nlohmann::json;

bool Range::contains(double x) const {
  if (std::isnan(x) || std::isinf(x)) return false;
  return (low_open ? x > low : x >= low) && (high_open ? x < high : x <= high);
}

std::string shown(const json& value) {
  constexpr std::size_t most = 60;
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > most) text = text.substr(0, most - 3) + "...";
  return text;
}

struct Params::Node {
  const json* object;
  std::string file, pointer;
  Constants constants;
  Node* outer;  // where a part looks next; it owns the part
  std::set<std::string> read;
  std::shared_ptr<std::vector<Description>> described;
  std::vector<std::shared_ptr<Node>> parts;
  std::string reader;
};

Params::Params(const json& object, std::string file, std::string pointer, const Constants& constants)
    : node_(std::make_shared<Node>(Node{&object,
                                        std::move(file),
                                        std::move(pointer),
                                        constants,
                                        nullptr,
                                        {"comment"},
                                        std::make_shared<std::vector<Description>>(),
                                        {},
                                        {}})) {}

// The innermost object that holds the key; if none does, the outermost, where a user would add it.
Params::Node* Params::owner(const std::string& key) const {
  Node* node = node_.get();
  while (!node->object->contains(key) && node->outer) node = node->outer;
  return node;
}

bool Params::has(const std::string& key) const { return owner(key)->object->contains(key); }
bool Params::owns(const std::string& key) const { return node_->object->contains(key); }
void Params::ignore(const std::string& key) { node_->read.insert(key); }
const std::vector<Params::Description>& Params::described() const { return *node_->described; }
const std::string& Params::file() const { return node_->file; }
const Constants& Params::constants() const { return node_->constants; }

std::string Params::where(const std::string& key) const { return file() + ": " + pointer_of(key); }
std::string Params::pointer_of(const std::string& key) const { return owner(key)->pointer + "/" + key; }

const json* Params::look(const std::string& key, const std::string& fallback, const std::string& allowed,
                         const std::string& meaning) {
  // A part with an object of its own reads there first and in the entry next: the key is known in both.
  for (Node* node = node_.get(); node; node = node->outer) node->read.insert(key);
  auto& list = *node_->described;
  if (std::none_of(list.begin(), list.end(), [&](const auto& d) { return d.key == key; }))
    list.push_back({key, fallback, allowed, meaning});
  const Node* node = owner(key);
  const auto found = node->object->find(key);
  return found == node->object->end() ? nullptr : &*found;
}

void Params::fail(const std::string& key, const std::string& expected) const {
  const json& object = *owner(key)->object;
  if (!object.contains(key)) {
    const Node* node = owner(key);
    throw InputError(fmt::format("{}: {}: missing \"{}\": expected {}", node->file,
                                 node->pointer.empty() ? "/" : node->pointer, key, expected));
  }
  throw InputError(fmt::format("{}: expected {}, got {}", where(key), expected, shown(object[key])));
}

void Params::refuse(const std::string& key, const std::string& what) const {
  throw InputError(fmt::format("{}: {}", where(key), what));
}

double Params::number(const std::string& key, std::optional<double> fallback, const Range& range, const char* meaning) {
  const json* value = look(key, fallback ? fmt::format("{}", *fallback) : "required", range.words, meaning);
  if (!value && fallback) return *fallback;
  if (!value || !value->is_number() || !range.contains(value->get<double>())) fail(key, range.words);
  return value->get<double>();
}

double evaluated(const json& value, const std::string& where, const Range& range, const Constants& constants,
                 bool given) {
  const std::string expected = fmt::format("{} or an expression such as \"1/L\"", range.words);
  double x = 0;
  if (value.is_string()) {
    try {
      x = evaluate_expression(value.get_ref<const std::string&>(), constants);
    } catch (const std::invalid_argument& e) {
      if (!given)
        throw InputError(fmt::format("{}: missing: expected {}, since the default, {}, {}", where, range.words,
                                     shown(value), e.what()));
      throw InputError(fmt::format("{}: expected {}, got {}, which {}", where, expected, shown(value), e.what()));
    }
    if (!range.contains(x))
      throw InputError(fmt::format("{}: expected {}, got {}, which is {}", where, expected, shown(value), x));
    return x;
  }
  if (!value.is_number() || !range.contains(value.get<double>()))
    throw InputError(fmt::format("{}: expected {}, got {}", where, expected, shown(value)));
  return value.get<double>();
}

double Params::expression(const std::string& key, const char* fallback, const Range& range, const char* meaning) {
  const std::string allowed = fmt::format("{} or an expression such as \"1/L\"", range.words);
  const json* value = look(key, fallback ? fallback : "required", allowed, meaning);
  if (!value && !fallback) fail(key, allowed);
  return evaluated(value ? *value : json(fallback), where(key), range, constants(), value != nullptr);
}

std::int64_t Params::count(const std::string& key, std::optional<std::int64_t> fallback, std::int64_t least,
                           const char* meaning, std::int64_t most) {
  const std::string allowed = most < std::int64_t{1} << 53 ? fmt::format("a whole number from {} to {}", least, most)
                                                           : fmt::format("a whole number, {} or more", least);
  const json* value = look(key, fallback ? fmt::format("{}", *fallback) : "required", allowed, meaning);
  if (!value && fallback) return *fallback;
  if (!value || !value->is_number()) fail(key, allowed);
  const double x = value->get<double>();
  if (x != std::floor(x) || x < static_cast<double>(least) || x > static_cast<double>(most)) fail(key, allowed);
  return static_cast<std::int64_t>(x);
}

bool Params::flag(const std::string& key, bool fallback, const char* meaning) {
  const json* value = look(key, fallback ? "true" : "false", "true or false", meaning);
  if (!value) return fallback;
  if (!value->is_boolean()) fail(key, "true or false");
  return value->get<bool>();
}

std::string Params::text(const std::string& key, std::optional<std::string> fallback, const char* allowed,
                         const char* meaning) {
  const json* value = look(key, fallback.value_or("required"), allowed, meaning);
  if (!value && fallback) return *fallback;
  if (!value || !value->is_string()) fail(key, allowed);
  return value->get<std::string>();
}

std::string Params::choice(const std::string& key, std::optional<std::string> fallback,
                           const std::vector<std::string>& choices, const char* meaning) {
  const std::string allowed = quoted_choices(choices);
  const json* value = look(key, fallback.value_or("required"), allowed, meaning);
  if (!value && fallback) return *fallback;
  if (!value || !value->is_string()) fail(key, allowed);
  const auto& name = value->get_ref<const std::string&>();
  if (std::find(choices.begin(), choices.end(), name) == choices.end())
    refuse(key, fmt::format("expected {}, got {}{}", allowed, shown(*value), did_you_mean(name, choices)));
  return name;
}

std::vector<double> Params::weights(const std::string& key, std::size_t D, std::vector<double> fallback,
                                    const char* fallback_words, const char* meaning) {
  const std::string allowed = "a number that is not negative, an expression, or a list of D of them";
  const json* value = look(key, fallback_words, allowed, meaning);
  if (!value) return fallback;
  if (!value->is_array()) return std::vector<double>(D, evaluated(*value, where(key), non_negative, constants()));
  if (value->size() != D)
    refuse(key, fmt::format("expected a list of D = {} weights, got {} of them", D, value->size()));
  std::vector<double> out;
  for (std::size_t i = 0; i < D; ++i)
    out.push_back(evaluated((*value)[i], fmt::format("{}/{}", where(key), i), non_negative, constants()));
  return out;
}

std::string Params::part_name(const std::string& key, const std::string& fallback,
                              const std::vector<std::string>& known, const char* meaning, const char* fallback_words) {
  const std::string allowed = quoted_choices(known);
  const json* value = look(key, fallback_words ? fallback_words : fallback, allowed, meaning);
  if (!value) return fallback;
  const json* name = value;
  if (value->is_object()) name = value->contains("type") ? &(*value)["type"] : nullptr;
  if (!name) refuse(key, fmt::format("missing \"type\": expected {}", allowed));
  const std::string at = where(key) + (value->is_object() ? "/type" : "");
  if (!name->is_string()) throw InputError(fmt::format("{}: expected {}, got {}", at, allowed, shown(*name)));
  const auto text = name->get<std::string>();
  if (std::find(known.begin(), known.end(), text) == known.end())
    throw InputError(fmt::format("{}: expected {}, got {}{}", at, allowed, shown(*name), did_you_mean(text, known)));
  return text;
}

Params Params::part(const std::string& key) {
  const auto found = node_->object->find(key);
  if (found == node_->object->end() || !found->is_object()) return *this;
  auto inner = std::make_shared<Node>(Node{&*found,
                                           file(),
                                           node_->pointer + "/" + key,
                                           constants(),
                                           node_.get(),
                                           {"comment", "type"},
                                           node_->described,
                                           {},
                                           {}});
  inner->reader = found->value("type", key);
  node_->parts.push_back(inner);
  return Params(inner);
}

void Params::finish(const std::string& reader) const {
  for (const auto& [key, value] : node_->object->items()) {
    if (node_->read.contains(key)) continue;
    std::vector<std::string> known(node_->read.begin(), node_->read.end());
    std::erase(known, "comment");
    throw InputError(fmt::format("{}: {}: \"{}\" means nothing to {}{}; it reads {}", node_->file,
                                 node_->pointer.empty() ? "/" : node_->pointer, key, reader, did_you_mean(key, known),
                                 quoted_choices(known, " and ")));
  }
  for (const auto& part : node_->parts) Params(part).finish(part->reader);
}

}  // namespace laconic
