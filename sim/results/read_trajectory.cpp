#include "sim/results/read_trajectory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "algorithms/base/error.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/base/params.hpp"
#include "algorithms/base/text.hpp"
#include "sim/results/table_lines.hpp"

namespace laconic::results {
namespace {

// Which of the columns is what.
struct Header {
  std::vector<std::string> names;
  std::vector<std::size_t> swept, numbers;
  std::size_t algorithm = 0, seed = 0, round = 0, loss = 0;  // the latter two among the numbers
};

Header read_header(const std::string& line, const std::string& path, Results& out) {
  Header h;
  h.names = fields_of(line);
  const std::size_t none = h.names.size();
  h.algorithm = h.seed = none;
  bool leading = true;  // swept values stand before "scenario"
  for (std::size_t i = 0; i < none; ++i) {
    const std::string& name = h.names[i];
    if (std::find(h.names.begin(), h.names.begin() + static_cast<std::ptrdiff_t>(i), name) !=
        h.names.begin() + static_cast<std::ptrdiff_t>(i))
      throw InputError(fmt::format("{}:1: the column {} stands twice", path, shown(name)));
    if (name == "scenario") {
      leading = false;
    } else if (leading) {
      if (name == "/seed") continue;
      h.swept.push_back(i);
      out.swept.push_back(name);
    } else if (name == "algorithm") {
      h.algorithm = i;
    } else if (name == "seed") {
      h.seed = i;
    } else {
      h.numbers.push_back(i);
      out.columns.push_back(name);
    }
  }
  if (h.algorithm == none || h.seed == none)
    throw InputError(
        fmt::format("{}: is no trajectory: expected the columns \"scenario\", \"algorithm\" and \"seed\"", path));
  for (const char* needed : {"round", "loss"})
    if (std::find(out.columns.begin(), out.columns.end(), needed) == out.columns.end())
      throw InputError(fmt::format("{}: there is no column {}", path, shown(needed)));
  h.round = out.column("round");
  h.loss = out.column("loss");
  return h;
}

// Rounds rise in the rows of a run, unless somebody has sorted the file.
void check_rounds(const Curve& curve, const std::vector<std::size_t>& lines, std::size_t round,
                  const std::string& path) {
  std::vector<std::pair<double, std::size_t>> rounds;
  for (std::size_t i = 0; i < lines.size(); ++i) rounds.emplace_back(curve.rows[i][round], lines[i]);
  if (std::is_sorted(rounds.begin(), rounds.end(), [](const auto& a, const auto& b) { return a.first <= b.first; }))
    return;
  std::sort(rounds.begin(), rounds.end());
  for (std::size_t i = 1; i < rounds.size(); ++i)
    if (rounds[i].first == rounds[i - 1].first)
      throw InputError(fmt::format("{}:{}: round {} of {}, seed {}, stands in line {} already", path, rounds[i].second,
                                   rounds[i].first, shown(curve.algorithm), curve.seed, rounds[i - 1].second));
}

std::uint64_t seed_of(const std::string& field, const std::string& where) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), seed);
  if (error != std::errc{} || end != field.data() + field.size())
    throw InputError(
        fmt::format("{}: expected a seed, a whole number that is not negative, got {}", where, shown(field)));
  return seed;
}

Results read_lines(TableLines& in) {
  std::string line;
  in.next(line);
  Results out;
  const Header h = read_header(line, in.path(), out);
  std::vector<std::vector<std::size_t>> lines;  // of each curve's rows
  while (in.next(line)) {
    const auto fields = fields_of(line);
    const auto where = in.where();
    if (fields.size() != h.names.size())
      throw InputError(fmt::format("{}: expected {} fields, got {}", where, h.names.size(), fields.size()));
    Curve curve;
    curve.algorithm = text_of_csv(fields[h.algorithm]);
    curve.seed = seed_of(fields[h.seed], where);
    for (const auto i : h.swept) curve.point.push_back(text_of_csv(fields[i]));
    // Mostly the one before; not so in a file that somebody has sorted.
    auto known = std::find_if(out.curves.rbegin(), out.curves.rend(), [&](const Curve& c) {
      return c.algorithm == curve.algorithm && c.seed == curve.seed && c.point == curve.point;
    });
    if (known == out.curves.rend()) {
      out.curves.push_back(std::move(curve));
      lines.emplace_back();
      known = out.curves.rbegin();
    }
    lines[static_cast<std::size_t>(out.curves.rend() - known) - 1].push_back(in.number());
    auto& row = known->rows.emplace_back();
    for (const auto i : h.numbers) row.push_back(number_of(fields[i], where));
    known->diverged = !fields[h.numbers[h.loss]].empty() && !std::isfinite(row[h.loss]);
  }
  if (out.curves.empty()) throw InputError(in.path() + ": no row: the run is empty");
  for (std::size_t i = 0; i < lines.size(); ++i) check_rounds(out.curves[i], lines[i], h.round, in.path());
  return out;
}

}  // namespace

std::size_t Results::column(const std::string& name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end())
    throw InputError(fmt::format("there is no column {}{}", shown(name), did_you_mean(name, columns)));
  return static_cast<std::size_t>(found - columns.begin());
}

Results read_results(const std::filesystem::path& path, const std::optional<TableFacts>& promise) {
  TableLines in(path);
  Results out = read_lines(in);
  check_promise(in.facts(), promise, path.string());
  return out;
}

Results results_of(std::string_view text, const std::string& name) {
  TableLines in(text, name);
  return read_lines(in);
}

void each_row(
    const std::filesystem::path& path,
    const std::function<void(const std::vector<std::string>& names, const std::vector<std::string>& fields)>& row) {
  TableLines in(path);
  std::string line;
  in.next(line);
  const auto names = fields_of(line);
  while (in.next(line)) {
    const auto fields = fields_of(line);
    if (fields.size() != names.size())
      throw InputError(fmt::format("{}: expected {} fields, got {}", in.where(), names.size(), fields.size()));
    row(names, fields);
  }
}

nlohmann::ordered_json rows_of_table(const std::filesystem::path& path) {
  auto out = nlohmann::ordered_json::array();
  std::size_t number = 1;
  each_row(path, [&](const auto& names, const auto& fields) {
    ++number;
    nlohmann::ordered_json row;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const bool text =
          names[i] == "scenario" || names[i] == "algorithm" || names[i] == "stopped_by" || names[i].starts_with('/');
      if (text) {
        row[names[i]] = text_of_csv(fields[i]);
        continue;
      }
      const double x = number_of(fields[i], fmt::format("{}:{}", path.string(), number));
      row[names[i]] = std::isfinite(x) ? nlohmann::ordered_json::parse(fields[i]) : nlohmann::ordered_json(nullptr);
    }
    out.push_back(std::move(row));
  });
  return out;
}

std::filesystem::path trajectory_in(const std::filesystem::path& folder, const nlohmann::json& told) {
  auto plain = folder / "trajectory.csv", packed = folder / "trajectory.csv.gz";
  std::error_code ignored;
  if (!std::filesystem::exists(packed, ignored)) return plain;
  if (!std::filesystem::exists(plain, ignored)) return packed;
  const auto files = told.find("files");
  const bool is_plain = files != told.end() && files->contains("trajectory.csv"),
             is_packed = files != told.end() && files->contains("trajectory.csv.gz");
  if (is_plain == is_packed)
    throw InputError(
        fmt::format("{}: both trajectory.csv and trajectory.csv.gz are there, and nothing says which is "
                    "the result's: remove the other",
                    folder.string()));
  fmt::print(stderr, "note: {} is left aside: the result's own is {}\n", (is_plain ? packed : plain).string(),
             (is_plain ? plain : packed).filename().string());
  return is_plain ? plain : packed;
}

}  // namespace laconic::results
