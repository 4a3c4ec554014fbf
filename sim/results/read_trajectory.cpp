#include "sim/results/read_trajectory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>

#include "algorithms/base/error.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/base/params.hpp"
#include "algorithms/base/text.hpp"

namespace laconic::results {
namespace {

// The fields of a line; those with commas in them stand in quotes.
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      out.back() += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      out.emplace_back();
    } else if (c != '\r') {
      out.back() += c;
    }
  }
  return out;
}

double number_of(const std::string& field, const std::string& where) {
  if (field.empty()) return std::numeric_limits<double>::quiet_NaN();
  double x = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), x);
  if (error != std::errc{} || end != field.data() + field.size())
    throw InputError(fmt::format("{}: expected a number, got {}", where, shown(field)));
  return x;
}

std::uint64_t seed_of(const std::string& field, const std::string& where) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), seed);
  if (error != std::errc{} || end != field.data() + field.size())
    throw InputError(
        fmt::format("{}: expected a seed, a whole number that is not negative, got {}", where, shown(field)));
  return seed;
}

}  // namespace

std::size_t Results::column(const std::string& name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end())
    throw InputError(fmt::format("there is no column {}{}", shown(name), did_you_mean(name, columns)));
  return static_cast<std::size_t>(found - columns.begin());
}

Results read_results(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw InputError(fmt::format("{}: cannot read", path.string()));
  std::string line;
  std::getline(in, line);
  const auto names = fields_of(line);
  Results out;
  std::vector<std::size_t> swept, numbers;
  std::size_t algorithm = names.size(), seed = names.size();
  bool leading = true;  // swept values stand before "scenario"
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == "scenario") {
      leading = false;
    } else if (leading) {
      if (names[i] == "/seed") continue;
      swept.push_back(i);
      out.swept.push_back(names[i]);
    } else if (names[i] == "algorithm") {
      algorithm = i;
    } else if (names[i] == "seed") {
      seed = i;
    } else {
      numbers.push_back(i);
      out.columns.push_back(names[i]);
    }
  }
  if (algorithm == names.size() || seed == names.size())
    throw InputError(fmt::format("{}: is no trajectory: expected the columns \"scenario\", \"algorithm\" and \"seed\"",
                                 path.string()));
  for (const char* needed : {"round", "loss"})
    if (std::find(out.columns.begin(), out.columns.end(), needed) == out.columns.end())
      throw InputError(fmt::format("{}: there is no column {}", path.string(), shown(needed)));
  const std::size_t loss = out.column("loss");
  for (std::size_t number = 2; std::getline(in, line); ++number) {
    const auto fields = fields_of(line);
    const auto where = fmt::format("{}:{}", path.string(), number);
    if (fields.size() != names.size())
      throw InputError(fmt::format("{}: expected {} fields, got {}", where, names.size(), fields.size()));
    Curve curve;
    curve.algorithm = text_of_csv(fields[algorithm]);
    curve.seed = seed_of(fields[seed], where);
    for (const auto i : swept) curve.point.push_back(text_of_csv(fields[i]));
    // Mostly the one before; not so in a file that somebody has sorted.
    auto known = std::find_if(out.curves.rbegin(), out.curves.rend(), [&](const Curve& c) {
      return c.algorithm == curve.algorithm && c.seed == curve.seed && c.point == curve.point;
    });
    if (known == out.curves.rend()) {
      out.curves.push_back(std::move(curve));
      known = out.curves.rbegin();
    }
    auto& row = known->rows.emplace_back();
    for (const auto i : numbers) row.push_back(number_of(fields[i], where));
    known->diverged = !fields[numbers[loss]].empty() && !std::isfinite(row[loss]);
  }
  if (out.curves.empty()) throw InputError(path.string() + ": no row: the run is empty");
  return out;
}

}  // namespace laconic::results
