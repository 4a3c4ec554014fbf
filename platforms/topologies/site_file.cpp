#include "platforms/topologies/site_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "algorithms/base/error.hpp"
#include "algorithms/base/input_file.hpp"
#include "algorithms/base/params.hpp"

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

// Splits comma-separated text, whose fields may be empty, or text separated by any number of blanks.
Words fields_of(const std::string& line) {
  Words out;
  const bool commas = line.find(',') != std::string::npos;
  const char* separators = commas ? "," : " \t";
  for (std::size_t start = 0; start <= line.size();) {
    const auto end = std::min(line.find_first_of(separators, start), line.size());
    const auto from = line.find_first_not_of(" \t", start);
    std::string field = from < end ? line.substr(from, end - from) : "";
    while (!field.empty() && (field.back() == ' ' || field.back() == '\t')) field.pop_back();
    if (commas || !field.empty()) out.push_back(std::move(field));
    start = end + 1;
  }
  return out;
}

std::optional<double> number_of(const std::string& text) {
  double x = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), x);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return x;
}

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : path_(path.string()), lines_(lines_of(read_input(path))) {}

  SiteFile read() {
    if (lines_.empty()) throw InputError(fmt::format("{}: is empty", path_));
    return number_of(fields_of(lines_[0].text).at(0)) ? matrix() : pairs();
  }

 private:
  [[noreturn]] void fail(const Line& line, const std::string& what) const {
    throw InputError(fmt::format("{}:{}: {}", path_, line.number, what));
  }

  // SimGrid's arithmetic gets these right (quantity.cpp): times up to 1e9 s, bandwidths from 1e-3 to 1e18 bytes/s.
  double delay(const Line& line, const std::string& text) const {
    const auto ms = number_of(text);
    if (!ms || !(*ms >= 0 && *ms <= 1e12))
      fail(line, fmt::format("expected a delay in ms, a number that is not negative, got {}", shown(text)));
    return *ms * 1e-3;
  }

  double bandwidth(const Line& line, const std::string& text, double unit) const {
    const auto x = number_of(text);
    if (!x || !(*x * unit >= 1e-3 && *x * unit <= 1e18))
      fail(line, fmt::format("expected a positive bandwidth, got {}", shown(text)));
    return *x * unit;
  }

  SiteFile pairs() const {
    const Line& head = lines_[0];
    const Words names = fields_of(head.text);
    const std::map<std::string, bool> delays{{"delay_ms", false}, {"latency_ms", false}, {"rtt_ms", true}};
    const std::map<std::string, double> rates{{"bandwidth_gbps", 1.25e8}, {"bandwidth_mbps", 1.25e5}};
    if (names.size() < 3 || names.size() > 4 || !delays.count(names[2]) ||
        (names.size() == 4 && !rates.count(names[3])))
      fail(head, fmt::format("expected a header such as \"region_a,region_b,delay_ms,bandwidth_gbps\", with delay_ms, "
                             "latency_ms or rtt_ms and perhaps bandwidth_gbps or bandwidth_mbps, or a matrix of "
                             "round-trip times in ms, got {}",
                             shown(head.text)));
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
      const Words fields = fields_of(line.text);
      if (fields.size() != names.size())
        fail(line, fmt::format("expected {} fields, as the header has, got {}", names.size(), fields.size()));
      for (int k : {0, 1}) {
        if (fields[static_cast<std::size_t>(k)].empty()) fail(line, "expected the name of a site, got nothing");
        if (index.try_emplace(fields[static_cast<std::size_t>(k)], out.sites.size()).second)
          out.sites.push_back(fields[static_cast<std::size_t>(k)]);
      }
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
      const auto [at, is_new] = first.try_emplace(std::minmax(p.a, p.b), &p);
      if (!is_new && (at->second->delay != p.delay || at->second->bandwidth != p.bandwidth))
        fail(p.line, fmt::format("{} and {} differ from line {}: expected a pair once, or the same both ways",
                                 shown(out.sites[p.a]), shown(out.sites[p.b]), at->second->line.number));
      out.delay[p.a][p.b] = out.delay[p.b][p.a] = p.delay;
      if (!out.bandwidth.empty()) out.bandwidth[p.a][p.b] = out.bandwidth[p.b][p.a] = p.bandwidth;
    }
    return out;
  }

  SiteFile matrix() const {
    SiteFile out;
    out.round_trip = true;
    const std::size_t n = lines_.size();
    for (std::size_t i = 0; i < n; ++i) {
      const Words fields = fields_of(lines_[i].text);
      if (fields.size() != n)
        fail(lines_[i], fmt::format("expected {} numbers, as many as the matrix has lines, got {}", n, fields.size()));
      auto& row = out.delay.emplace_back();
      for (const auto& field : fields) row.push_back(delay(lines_[i], field));
      if (row[i] != 0) fail(lines_[i], fmt::format("expected 0 ms from site {} to itself, got {}", i, fields[i]));
      for (std::size_t j = 0; j < i; ++j)
        if (row[j] != out.delay[j][i])
          fail(lines_[i], fmt::format("{} ms from site {} to {}, and {} back on line {}: expected a symmetric matrix",
                                      fields[j], i, j, out.delay[j][i] * 1e3, lines_[j].number));
      out.sites.push_back(std::to_string(i));
    }
    return out;
  }

  std::string path_;
  std::vector<Line> lines_;
};

}  // namespace

SiteFile read_sites(const std::filesystem::path& path) { return Reader(path).read(); }

}  // namespace laconic::platforms
