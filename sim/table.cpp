#include "sim/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace laconic {

std::string human(double value, const char* unit) {
  static constexpr const char* prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  std::size_t i = 0;
  while (value >= 999.5 && i + 1 < std::size(prefixes)) {
    value /= 1000;
    ++i;
  }
  return fmt::format("{:.{}f} {}{}", value, i == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2, prefixes[i], unit);
}

std::string human_time(double s) {
  if (s <= 0) return "0 s";
  if (s < 1e-3) return fmt::format("{:.3g} us", s * 1e6);
  if (s < 1) return fmt::format("{:.3g} ms", s * 1e3);
  if (s < 599.5) return fmt::format("{:.{}f} s", s, s < 9.995 ? 2 : 1);
  if (s > 1e11) return fmt::format("{:.3g} years", s / 31557600);
  const auto minutes = std::llround(s / 60);
  if (minutes < 60) return fmt::format("{} min", minutes);
  if (minutes < 48 * 60) return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
  return fmt::format("{} d {} h", minutes / 1440, minutes % 1440 / 60);
}

// Width on a terminal: UTF-8 continuation bytes take none.
static std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - width(row[i]), ' ');
      line += (i == 0 ? "" : "  ") + (i == 0 ? row[i] + pad : pad + row[i]);
    }
    out += line.erase(line.find_last_not_of(' ') + 1) + '\n';
  }
  return out;
}

std::string result_table(const Scenario& s, const std::vector<std::optional<JobResult>>& results) {
  const auto named = [&](Metric metric) { return s.record.needs(metric); };
  const Metric final_metric = named(Metric::loss_gap) ? Metric::loss_gap : Metric::loss;
  std::vector<std::string> header{"algorithm", "rounds", "uploads", "bits up", "bits down"};
  if (s.cluster.platform) header.push_back("simulated time");
  for (Metric metric : {final_metric, Metric::grad_norm, Metric::accuracy})
    if (named(metric)) header.push_back(metric_names[static_cast<int>(metric)]);
  header.push_back("stopped by");

  std::vector<std::vector<std::string>> rows{header};
  for (std::size_t i = 0; i < results.size(); ++i) {
    std::vector<std::string> line{s.algorithms[i].label};
    if (!results[i]) {
      line.push_back("failed");
      rows.push_back(line);
      continue;
    }
    const Row& row = results[i]->last;
    line.push_back(fmt::format("{}", row.round));
    line.push_back(fmt::format("{}", row.ledger.uploads));
    line.push_back(human(static_cast<double>(row.ledger.upload_bits), "bit"));
    line.push_back(human(static_cast<double>(row.ledger.download_bits), "bit"));
    if (s.cluster.platform) line.push_back(human_time(row.sim_time_s));
    for (Metric metric : {final_metric, Metric::grad_norm, Metric::accuracy}) {
      if (!named(metric)) continue;
      const auto& value = row.metrics[static_cast<int>(metric)];
      line.push_back(!value                       ? ""
                     : metric == Metric::accuracy ? fmt::format("{:.4f}", *value)
                                                  : fmt::format("{:.3e}", *value));
    }
    line.push_back(results[i]->stop == Stop::diverged ? "DIVERGED" : stop_names[static_cast<int>(results[i]->stop)]);
    rows.push_back(line);
  }
  return (s.data.stand_in.empty() ? "" : fmt::format("stand-in: {}\n", s.data.stand_in)) + aligned(rows);
}

}  // namespace laconic
