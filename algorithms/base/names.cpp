#include "algorithms/base/names.hpp"

#include <algorithm>

namespace laconic {
namespace {

// Optimal string alignment distance.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

// "Batch_Size" and "batch-size" are the same slip-free name to a person.
std::string folded(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c == '-' || c == '_' || c == ' ') continue;
    out += (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

}  // namespace

std::string nearest(std::string_view given, const std::vector<std::string>& known) {
  constexpr std::size_t longest = 64;  // nobody mistypes a novel; and the distance is quadratic
  if (given.size() > longest) return {};
  const std::string wanted = folded(given);
  std::string best;
  // One edit turns any letter into any other: a name of one or two says nothing.
  std::size_t best_edits = wanted.size() <= 2 ? 1 : std::max<std::size_t>(1, wanted.size() / 3) + 1;
  for (const auto& name : known) {
    const std::size_t e = edits(wanted, folded(name));
    if (e < best_edits) {
      best_edits = e;
      best = name;
    }
  }
  if (!best.empty() || wanted.size() < 2) return best;
  for (const auto& name : known)
    if (folded(name).starts_with(wanted) && (best.empty() || name.size() < best.size())) best = name;
  return best;
}

std::string quoted_choices(const std::vector<std::string>& names, const char* last) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? last : ", ";
    out += '"' + names[i] + '"';
  }
  return out;
}

std::string did_you_mean(std::string_view given, const std::vector<std::string>& known) {
  const std::string name = nearest(given, known);
  return name.empty() ? "" : " (did you mean \"" + name + "\"?)";
}

}  // namespace laconic
