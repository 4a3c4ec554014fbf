#pragma once

#include <map>
#include <string>
#include <string_view>

namespace laconic {

/// What an expression may name: L, L_max, M, d, K.
using Constants = std::map<std::string, double, std::less<>>;

/// The value of an expression such as "1/L", "0.5/(M L_max)" or "2/sqrt(K)": numbers, names, + - * / ^, parentheses,
/// sqrt(), log(), exp(), and a space or a parenthesis for a product. "1/M L" is refused, as it reads both ways.
/// Throws std::invalid_argument whose what() completes the sentence `"..." <what>`.
double evaluate_expression(std::string_view text, const Constants& constants);

}  // namespace laconic
