#include "algorithms/base/expression.hpp"

#include <charconv>
#include <cmath>
#include <stdexcept>

#include "algorithms/base/names.hpp"

namespace laconic {
namespace {

class Parser {
 public:
  Parser(std::string_view text, const Constants& constants) : text_(text), constants_(constants) {}

  double parse() {
    const double value = sum();
    if (!at_end()) fail("has an unexpected \"" + std::string(1, text_[at_]) + "\"");
    return value;
  }

 private:
  double sum() {
    double value = product();
    for (;;) {
      if (take('+'))
        value += product();
      else if (take('-'))
        value -= product();
      else
        return value;
    }
  }

  double product() {
    double value = signed_power();
    bool divided = false;
    for (;;) {
      if (take('*')) {
        value *= signed_power();
        divided = false;
      } else if (take('/')) {
        value /= signed_power();
        divided = true;
      } else if (starts_operand()) {
        if (divided) fail("reads both ways: write 1/(a b) or (1/a) b");
        value *= signed_power();
      } else {
        return value;
      }
    }
  }

  double signed_power() {
    if (take('-')) return -signed_power();
    const double base = operand();
    return take('^') ? std::pow(base, signed_power()) : base;
  }

  double operand() {
    if (take('(')) return parenthesised();
    if (at_end()) fail("ends where a number or a name was expected");
    const char c = text_[at_];
    if (is_digit(c) || c == '.') return number();
    if (is_letter(c)) return named();
    fail("has an unexpected \"" + std::string(1, c) + "\"");
  }

  double parenthesised() {
    if (++depth_ > 100) fail("is nested too deeply");
    const double value = sum();
    if (!take(')')) fail("lacks a \")\"");
    --depth_;
    return value;
  }

  double number() {
    double value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc{}) fail("has a number that cannot be read");
    at_ = static_cast<std::size_t>(end - text_.data());
    return value;
  }

  double named() {
    const std::size_t start = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]) || text_[at_] == '_')) ++at_;
    const std::string_view name = text_.substr(start, at_ - start);
    if (name == "sqrt" || name == "log" || name == "exp") {
      if (!take('(')) fail("lacks a \"(\" after " + std::string(name));
      const double x = parenthesised();
      return name == "sqrt" ? std::sqrt(x) : name == "log" ? std::log(x) : std::exp(x);
    }
    if (const auto found = constants_.find(name); found != constants_.end()) return found->second;
    std::vector<std::string> known{"sqrt", "log", "exp"};
    for (const auto& [constant, value] : constants_) known.push_back(constant);
    fail("names \"" + std::string(name) + "\"" + did_you_mean(name, known) + "; known: " + quoted_choices(known));
  }

  bool starts_operand() {
    skip_space();
    return at_ < text_.size() &&
           (text_[at_] == '(' || text_[at_] == '.' || is_digit(text_[at_]) || is_letter(text_[at_]));
  }
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    skip_space();
    return true;
  }
  bool at_end() {
    skip_space();
    return at_ == text_.size();
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
  [[noreturn]] static void fail(const std::string& what) { throw std::invalid_argument(what); }

  std::string_view text_;
  const Constants& constants_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

double evaluate_expression(std::string_view text, const Constants& constants) {
  if (text.size() > 1000) throw std::invalid_argument("is longer than 1000 characters");
  return Parser(text, constants).parse();
}

}  // namespace laconic
