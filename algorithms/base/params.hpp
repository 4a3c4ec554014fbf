#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/base/expression.hpp"

namespace laconic {

/// The numbers a parameter admits, and the words for them in a message.
struct Range {
  const char* words;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;
  bool high_open = false;
  bool contains(double x) const;
};
inline constexpr Range any_number{"a number"};
inline constexpr Range positive{"a positive number", 0, std::numeric_limits<double>::infinity(), true};
inline constexpr Range non_negative{"a number that is not negative", 0};

/// What one part reads from its JSON object: the only description of its parameters. Every getter takes the key, the
/// default (none: required) and the meaning, so that `laconic describe` speaks from the same line that reads.
///
/// A part's parameters stand in its own object ({"type": "top-k", "k": 10}) or beside its name in the enclosing entry.
/// Mistakes throw InputError "file: /pointer: expected ..., got ...". After all parts are made, finish() refuses
/// the keys nobody read.
class Params {
 public:
  /// A parameter as describe shows it.
  struct Description {
    std::string key, fallback, allowed, meaning;
    bool required() const { return fallback == "required"; }
  };

  /// Refers to `object`, which must outlive it.
  Params(const nlohmann::json& object, std::string file, std::string pointer, const Constants& constants = {});
  Params(nlohmann::json&&, std::string, std::string, const Constants& = {}) = delete;

  double number(const std::string& key, std::optional<double> fallback, const Range& range, const char* meaning);
  /// A number given by an expression over the constants, e.g. "1/L"; `fallback` is such an expression too.
  double expression(const std::string& key, const char* fallback, const Range& range, const char* meaning);
  std::int64_t count(const std::string& key, std::optional<std::int64_t> fallback, std::int64_t least,
                     const char* meaning, std::int64_t most = std::int64_t{1} << 53);
  bool flag(const std::string& key, bool fallback, const char* meaning);
  std::string text(const std::string& key, std::optional<std::string> fallback, const char* allowed,
                   const char* meaning);
  std::string choice(const std::string& key, std::optional<std::string> fallback,
                     const std::vector<std::string>& choices, const char* meaning);
  /// D non-negative weights: one for all, an expression, or a list of D; `fallback_words` describes `fallback`.
  std::vector<double> weights(const std::string& key, std::size_t D, std::vector<double> fallback,
                              const char* fallback_words, const char* meaning);

  /// The part's name under `key`: a string, or an object's "type"; `fallback` if absent.
  /// `fallback_words`: what describe says of the default, if that depends.
  std::string part_name(const std::string& key, const std::string& fallback, const std::vector<std::string>& known,
                        const char* meaning, const char* fallback_words = nullptr);
  /// Where that part reads its parameters: its own object, with this one behind it, which must outlive it.
  Params part(const std::string& key);

  bool has(const std::string& key) const;
  /// Whether the part's own object has the key, and not merely the one behind it.
  bool owns(const std::string& key) const;
  /// Forgets nothing, reads nothing: marks a key as known although this part takes it from elsewhere.
  void ignore(const std::string& key);
  /// The raw value, or nullptr; notes the parameter for describe, a `fallback` of "required" meaning that there is
  /// none. The getters above, and other rooms' own, build on it.
  const nlohmann::json* look(const std::string& key, const std::string& fallback, const std::string& allowed,
                             const std::string& meaning);
  /// Throws "file: /pointer/key: expected <expected>, got <value>"; "missing" if the key is absent.
  [[noreturn]] void fail(const std::string& key, const std::string& expected) const;
  /// Throws "file: /pointer/key: <what>", for what is wrong about a value that is well formed.
  [[noreturn]] void refuse(const std::string& key, const std::string& what) const;
  /// Throws if a key of this object, or of a part's object, was read by nobody. `reader` names the reader.
  void finish(const std::string& reader) const;

  const std::vector<Description>& described() const;
  const std::string& file() const;
  const Constants& constants() const;
  std::string where(const std::string& key) const;       ///< "file: /pointer/key"
  std::string pointer_of(const std::string& key) const;  ///< "/pointer/key"

 private:
  struct Node;
  explicit Params(std::shared_ptr<Node> node) : node_(std::move(node)) {}
  Node* owner(const std::string& key) const;

  std::shared_ptr<Node> node_;
};

/// A number, or the value of an expression over the constants. Throws InputError "<where>: expected ..., got ...";
/// `given`: whether the value is the user's, who is then told of it.
double evaluated(const nlohmann::json& value, const std::string& where, const Range& range, const Constants& constants,
                 bool given = true);

/// A JSON value for a message, shortened if it is long.
std::string shown(const nlohmann::json& value);

}  // namespace laconic
