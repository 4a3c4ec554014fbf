#include "platforms/topologies/site_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "algorithms/base/error.hpp"
#include "algorithms/base/params.hpp"
#include "algorithms/base/text.hpp"
#include "platforms/input_text.hpp"

namespace laconic::platforms {
namespace {

using Words = std::vector<std::string>;

struct Line {
  std::size_t number;
  std::string text;
};

std::vector<Line> lines_of(const std::string& text) {
  std::vector<Line> out;
  std::size_t number = 0;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find('\n', start), text.size());
    std::string line = text.substr(start, end - start);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    ++number;
    if (line.find_first_not_of(" \t") != std::string::npos) out.push_back({number, std::move(line)});
    start = end + 1;
  }
  return out;
}

bool blank(char c) { return c == ' ' || c == '\t'; }

// The character between fields: a comma or a semicolon where the first line has one outside of quotes, a tab where some
// field between tabs is empty, else any number of blanks.
char separator_of(const std::vector<Line>& lines) {
  bool quoted = false;
  for (const char c : lines[0].text) {
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == ',' || c == ';')) return c;
  }
  const auto has_empty = [](const Line& line) {
    return line.text.front() == '\t' || line.text.find("\t\t") != std::string::npos;
  };
  return std::any_of(lines.begin(), lines.end(), has_empty) ? '\t' : ' ';
}

// Splits a line; between commas, semicolons and tabs fields may be empty. Fields may stand in quotes, in which a quote
// is written twice.
Words fields_of(const std::string& line, char separator) {
  Words out;
  const bool may_be_empty = separator != ' ';
  std::size_t at = 0;
  while (true) {
    while (at < line.size() && blank(line[at]) && line[at] != separator) ++at;
    while (!may_be_empty && at < line.size() && blank(line[at])) ++at;
    std::string field;
    if (at < line.size() && line[at] == '"') {
      for (++at; at < line.size(); ++at) {
        if (line[at] == '"' && (at + 1 == line.size() || line[at + 1] != '"')) break;
        if (line[at] == '"') ++at;
        field += line[at];
      }
      at = std::min(at + 1, line.size());
    }
    const auto ends = [&](char c) { return may_be_empty ? c == separator : blank(c); };
    const std::size_t start = at;
    while (at < line.size() && !ends(line[at])) ++at;
    field += line.substr(start, at - start);
    while (start < at && !field.empty() && blank(field.back())) field.pop_back();
    if (may_be_empty || !field.empty()) out.push_back(std::move(field));
    if (at >= line.size()) return out;
    ++at;
  }
}

std::optional<double> number_of(const std::string& text) {
  double x = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), x);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return x;
}

class SiteReader {
 public:
  explicit SiteReader(const std::filesystem::path& path) : path_(path.string()), lines_(lines_of(read_text(path))) {}

  SiteFile read() {
    if (lines_.empty()) throw InputError(fmt::format("{}: is empty", path_));
    separator_ = separator_of(lines_);
    const Words head = fields(lines_[0]);
    if (head.size() > 2 && delays().count(head[2])) return pairs();
    return matrix();
  }

 private:
  [[noreturn]] void fail(const Line& line, const std::string& what) const {
    throw InputError(fmt::format("{}:{}: {}", path_, line.number, what));
  }

  // SimGrid's arithmetic gets these right (quantity.cpp): times up to 1e9 s, bandwidths from 1e-3 to 1e18 bytes/s.
  double delay(const Line& line, const std::string& text) const {
    const auto ms = number_of(text);
    if (!ms || !(*ms >= 0 && *ms <= 1e12))
      fail(line, fmt::format("expected a delay in ms, a number that is not negative, got {}", shown_token(text)));
    return *ms * 1e-3;
  }

  double bandwidth(const Line& line, const std::string& text, double unit) const {
    const auto x = number_of(text);
    if (!x || !(*x * unit >= 1e-3 && *x * unit <= 1e18))
      fail(line, fmt::format("expected a positive bandwidth, got {}", shown_token(text)));
    return *x * unit;
  }

  SiteFile pairs() const {
    const Line& head = lines_[0];
    const Words names = fields(head);
    const auto& delays = SiteReader::delays();
    const std::map<std::string, double> rates{{"bandwidth_gbps", 1.25e8}, {"bandwidth_mbps", 1.25e5}};
    if (names.size() < 3 || names.size() > 4 || !delays.count(names[2]) ||
        (names.size() == 4 && !rates.count(names[3])))
      fail(head, header_expected());
    SiteFile out;
    out.round_trip = delays.at(names[2]);
    std::map<std::string, std::size_t> index;
    struct Pair {
      std::size_t a, b;
      double delay, bandwidth;
      Line line;
    };
    std::vector<Pair> found;
    for (std::size_t i = 1; i < lines_.size(); ++i) {
      const Line& line = lines_[i];
      const Words fields = this->fields(line);
      if (fields.size() != names.size())
        fail(line, fmt::format("expected {} fields, as the header has, got {}", names.size(), fields.size()));
      for (int k : {0, 1}) {
        if (fields[static_cast<std::size_t>(k)].empty()) fail(line, "expected the name of a site, got nothing");
        if (index.try_emplace(fields[static_cast<std::size_t>(k)], out.sites.size()).second)
          out.sites.push_back(fields[static_cast<std::size_t>(k)]);
      }
      // A few lines could ask for a matrix that no machine holds.
      if (constexpr std::size_t most = 5000; out.sites.size() > most)
        fail(line, fmt::format("expected at most {} sites", most));
      if (fields[0] == fields[1])
        fail(line, fmt::format("expected a pair of two sites, got {} twice", shown(fields[0])));
      found.push_back({index[fields[0]], index[fields[1]], delay(line, fields[2]),
                       names.size() == 4 ? bandwidth(line, fields[3], rates.at(names[3])) : 0, line});
    }
    if (found.empty()) fail(head, "expected a line for each pair of sites, got the header alone");
    const std::size_t n = out.sites.size();
    constexpr double unknown = -1;
    out.delay.assign(n, std::vector<double>(n, unknown));
    if (names.size() == 4) out.bandwidth.assign(n, std::vector<double>(n, 0));
    std::map<std::pair<std::size_t, std::size_t>, const Pair*> first;
    for (std::size_t i = 0; i < n; ++i) out.delay[i][i] = 0;
    for (const Pair& p : found) {
      const auto [at, is_new] = first.try_emplace({p.a, p.b}, &p);
      if (!is_new && (at->second->delay != p.delay || at->second->bandwidth != p.bandwidth))
        fail(p.line, fmt::format("{} and {} differ from line {}: expected a pair once in each direction",
                                 shown(out.sites[p.a]), shown(out.sites[p.b]), at->second->line.number));
    }
    for (const auto& [way, p] : first) {
      const bool both = !first.count({p->b, p->a});
      out.delay[p->a][p->b] = p->delay;
      if (both) out.delay[p->b][p->a] = p->delay;
      if (out.bandwidth.empty()) continue;
      out.bandwidth[p->a][p->b] = p->bandwidth;
      if (both) out.bandwidth[p->b][p->a] = p->bandwidth;
    }
    return out;
  }

  // Whether the first line of n + 1 lines of n + 1 fields names the sites, as the first fields of the others do then. A
  // corner on the diagonal of a matrix without names may be anything, and names may be numbers.
  bool names_around(const std::vector<Words>& rows) const {
    const Words& first = rows[0];
    if (first.size() + 1 == rows.size() || std::any_of(first.begin() + 1, first.end(), is_name)) return true;
    if (number_of(first[0])) return false;
    bool counted = true;
    for (std::size_t i = 1; i < rows.size() && i < first.size(); ++i) {
      if (rows[i].empty() || rows[i][0] != first[i]) return false;
      counted = counted && (first[i] == std::to_string(i) || first[i] == std::to_string(i - 1));
    }
    return counted || rows[1].size() < 2 || rows[1][1] != first[0];
  }

  SiteFile matrix() const {
    std::vector<Words> rows;
    for (const auto& line : lines_) rows.push_back(fields(line));
    if (rows[0].empty()) fail(lines_[0], header_expected());
    const std::size_t lines = rows.size(), width = rows.back().size();
    const auto named = [](const Words& row) { return std::any_of(row.begin(), row.end(), is_name); };
    const auto begins_named = [](const Words& row) { return !row.empty() && is_name(row[0]); };
    const bool around = lines > 1 && width == lines && rows[0].size() + 1 >= lines && names_around(rows);
    const bool head = around || (width + 1 == lines && named(rows[0]));
    const bool column = around || (width == lines + 1 && std::any_of(rows.begin(), rows.end(), begins_named));
    if (!head && !column && !number_of(rows[0][0]) && width != lines) fail(lines_[0], header_expected());
    if (!head && !column && lines == 1 && is_name(rows[0][0])) fail(lines_[0], header_expected());
    return matrix(std::move(rows), head, column);
  }

  SiteFile matrix(std::vector<Words> rows, bool head, bool column) const {
    SiteFile out;
    out.round_trip = true;
    Words names;
    if (head) {
      names = std::move(rows[0]);
      rows.erase(rows.begin());
      if (names.size() == rows.size() + 1) names.erase(names.begin());
      if (names.size() != rows.size())
        fail(lines_[0], fmt::format("expected {} names, as many as lines follow, got {}", rows.size(), names.size()));
    }
    const std::size_t n = rows.size();
    for (std::size_t i = 0; i < n; ++i) {
      const Line& line = lines_[i + (head ? 1 : 0)];
      Words& row = rows[i];
      std::string name = head ? names[i] : std::to_string(i);
      if (column && !row.empty()) {
        if (head && row[0] != name)
          fail(line, fmt::format("expected the line of {}, in the order of the first line, got that of {}",
                                 shown_token(name), shown_token(row[0])));
        name = row[0];
        row.erase(row.begin());
      }
      if (row.size() != n)
        fail(line, fmt::format("expected {} numbers, as many as the matrix has lines, got {}", n, row.size()));
      if (name.empty()) fail(line, "expected the name of a site, got nothing");
      if (std::find(out.sites.begin(), out.sites.end(), name) != out.sites.end())
        fail(line, fmt::format("expected a name of its own for each site, got {} again", shown_token(name)));
      out.sites.push_back(std::move(name));
      auto& delays = out.delay.emplace_back();
      for (std::size_t j = 0; j < n; ++j) delays.push_back(i == j ? 0 : is_gap(row[j]) ? -1 : delay(line, row[j]));
    }
    return out;
  }

  std::string header_expected() const {
    return fmt::format(
        "expected a header such as \"region_a,region_b,delay_ms,bandwidth_gbps\", with delay_ms, latency_ms or rtt_ms "
        "and perhaps bandwidth_gbps or bandwidth_mbps, or a matrix of round-trip times in ms, got {}",
        shown(lines_[0].text));
  }

  static const std::map<std::string, bool>& delays() {
    static const std::map<std::string, bool> out{{"delay_ms", false}, {"latency_ms", false}, {"rtt_ms", true}};
    return out;
  }

  static bool is_gap(const std::string& field) { return field.empty() || field == "-" || field == "*"; }
  static bool is_name(const std::string& field) { return !is_gap(field) && !number_of(field); }
  Words fields(const Line& line) const { return fields_of(line.text, separator_); }

  std::string path_;
  std::vector<Line> lines_;
  char separator_ = ' ';
};

}  // namespace

SiteFile read_sites(const std::filesystem::path& path) { return SiteReader(path).read(); }

}  // namespace laconic::platforms
