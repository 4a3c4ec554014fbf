#include "sim/tuning/choices.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "algorithms/base/human_units.hpp"
#include "sim/run/provenance.hpp"

namespace laconic::tuning {

using namespace results;
using namespace scenario;

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::string value_words(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

// "a, b and c"
std::string listed(const std::vector<std::string>& words) {
  if (words.size() < 2) return words.empty() ? "" : words[0];
  return fmt::format("{} and {}", fmt::join(words.begin(), words.end() - 1, ", "), words.back());
}

std::string target_words(const Tuning& tuning) {
  if (!tuning.to) return fmt::format("{} at the end", tuning.metric);
  const std::string to = fmt::format("{} {} {:g}", tuning.to->key,
                                     tuning.to->target == Metric::accuracy ? "at least" : "at most", tuning.to->value);
  return tuning.to->target ? fmt::format("{} to {}", tuning.metric, to) : fmt::format("{} with {}", tuning.metric, to);
}

}  // namespace

Choices::Choices(const Trials& trials, Tried tried, std::string file)
    : trials_(trials), tried_(std::move(tried)), file_(std::move(file)) {
  for (const auto& point : tried_) {
    auto& best = best_.emplace_back();
    for (const auto& entry : point) best.push_back(best_of(entry));
  }
}

void Choices::put(json& entry, std::size_t point, std::size_t k) const {
  put_values(entry, trials_.tuning().entries[k].parameters, chosen(point, k).values);
}

std::string Choices::words_of(std::size_t k, const Trial& trial) const {
  const auto& parameters = trials_.tuning().entries[k].parameters;
  std::string out;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    out += fmt::format("{}{} {}", i == 0 ? "" : ", ", parameters[i].name, value_words(trial.values[i]));
  return out;
}

std::string Choices::title() const {
  const Tuning& tuning = trials_.tuning();
  return tuning.equal_budgets() ? fmt::format("best of {}", tuning.most_trials()) : "tuned";
}

std::string Choices::note() const {
  const Tuning& tuning = trials_.tuning();
  std::vector<std::string> seeds, budgets;
  for (const auto seed : tuning.seeds) seeds.push_back(fmt::format("{}", seed));
  for (const TunedEntry& entry : tuning.entries) budgets.push_back(fmt::format("{} {}", entry.label, entry.budget()));
  const std::size_t trials = tuning.most_trials();
  return fmt::format("tuned by {}, {} {}; {}", target_words(tuning),
                     seeds.size() > 1 ? "median over the seeds" : "on the seed", listed(seeds),
                     tuning.equal_budgets() ? fmt::format("{} trial{} each", trials, trials == 1 ? "" : "s")
                                            : fmt::format("trials: {}", listed(budgets)));
}

std::string Choices::lines() const {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t k = 0; k < trials_.tuning().entries.size(); ++k) {
    std::vector<std::pair<std::string, std::size_t>> counts;  // in the order of the points
    for (std::size_t p = 0; p < tried_.size(); ++p) {
      const std::string own = words(p, k);
      const auto known = std::find_if(counts.begin(), counts.end(), [&](const auto& one) { return one.first == own; });
      known == counts.end() ? static_cast<void>(counts.emplace_back(own, 1)) : static_cast<void>(++known->second);
    }
    std::stable_sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    constexpr std::size_t most = 4;
    std::vector<std::string> words;
    for (std::size_t i = 0; i < std::min(counts.size(), most); ++i)
      words.push_back(counts.size() == 1 ? counts[i].first
                                         : fmt::format("{} at {} points", counts[i].first, counts[i].second));
    if (counts.size() > most) words.push_back(fmt::format("{} others", counts.size() - most));
    rows.push_back({trials_.tuning().entries[k].label, fmt::format("  {}", fmt::join(words, "; "))});
  }
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, text_width(row[0]));
  std::string out = note() + '\n';
  for (const auto& row : rows) out += row[0] + std::string(width - text_width(row[0]), ' ') + row[1] + '\n';
  return out;
}

std::string Choices::places(const std::vector<std::size_t>& points) const {
  if (tried_.size() == 1) return "";
  if (points.size() > 1) return fmt::format(" at {} of {} points", points.size(), tried_.size());
  std::vector<std::string> words;
  for (const auto& [pointer, value] : trials_.points()[points[0]].items())
    words.push_back(fmt::format("{} = {}", pointer, value_words(value)));
  return fmt::format(" at {}", fmt::join(words, ", "));
}

void Choices::warn_of_edges(std::size_t k, std::vector<std::string>& out) const {
  const TunedEntry& entry = trials_.tuning().entries[k];
  for (std::size_t i = 0; i < entry.parameters.size(); ++i) {
    std::map<std::pair<bool, std::string>, std::vector<std::size_t>> found;  // largest, value: points
    for (std::size_t p = 0; p < tried_.size(); ++p) {
      const json& best = chosen(p, k).values[i];
      if (!best.is_number() || !std::isfinite(chosen(p, k).median())) continue;
      bool less = false, more = false;
      for (const Trial& trial : tried_[p][k]) {
        less = less || (trial.values[i].is_number() && trial.values[i] < best);
        more = more || (trial.values[i].is_number() && trial.values[i] > best);
      }
      if (less != more) found[{less, value_words(best)}].push_back(p);
    }
    for (const auto& [edge, points] : found)
      out.push_back(
          fmt::format("{}: warning: {}: {}'s best {}, {}, is the {} that was tried{}: a better one may lie "
                      "beyond",
                      file_, entry.parameters[i].pointer, entry.label, entry.parameters[i].name, edge.second,
                      edge.first ? "largest" : "smallest", places(points)));
  }
}

void Choices::warn_of_misses(std::vector<std::string>& out) const {
  const Tuning& tuning = trials_.tuning();
  std::vector<std::size_t> nobody;
  std::map<std::size_t, std::vector<std::size_t>> missed;  // entry: points
  for (std::size_t p = 0; p < tried_.size(); ++p) {
    std::vector<std::size_t> who;
    for (std::size_t k = 0; k < tuning.entries.size(); ++k)
      if (!std::isfinite(chosen(p, k).median())) who.push_back(k);
    if (who.size() == tuning.entries.size())
      nobody.push_back(p);
    else
      for (const auto k : who) missed[k].push_back(p);
  }
  const auto add = [&](const std::string& pointer, const std::string& who, const std::vector<std::size_t>& points) {
    out.push_back(
        fmt::format("{}: warning: {}: no trial of {} reached the target with most seeds ({}){}: the nearest "
                    "is taken for the best",
                    file_, pointer, who, target_words(tuning), places(points)));
  };
  if (!nobody.empty()) add(tuning.to ? tuning.to_pointer : "/tune/by", "any algorithm", nobody);
  for (const auto& [k, points] : missed) add(tuning.entries[k].pointer, tuning.entries[k].label, points);
}

// "step 0.3 (101), step 0.1 (102 and 103)"; empty where the chosen one is the best of each seed.
std::string Choices::seeds_words(std::size_t k, std::size_t p) const {
  const auto& seeds = trials_.tuning().seeds;
  const auto& trials = tried_[p][k];
  std::vector<std::pair<std::string, std::vector<std::string>>> by_choice;
  bool differ = false;
  for (std::size_t s = 0; s < seeds.size(); ++s) {
    std::size_t own = best(p, k);
    for (std::size_t t = 0; t < trials.size(); ++t)
      if (trials[t].runs[s].cost < trials[own].runs[s].cost) own = t;
    differ = differ || own != best(p, k);
    const std::string name = words_of(k, trials[own]);
    auto known = std::find_if(by_choice.begin(), by_choice.end(), [&](const auto& one) { return one.first == name; });
    if (known == by_choice.end()) known = by_choice.insert(known, {name, {}});
    known->second.push_back(fmt::format("{}", seeds[s]));
  }
  if (!differ) return "";
  std::vector<std::string> parts;
  for (const auto& [name, own] : by_choice) parts.push_back(fmt::format("{} ({})", name, listed(own)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

void Choices::warn_of_seeds(std::size_t k, std::vector<std::string>& out) const {
  std::vector<std::size_t> points;
  std::string first;
  for (std::size_t p = 0; p < tried_.size(); ++p) {
    if (!std::isfinite(chosen(p, k).median())) continue;
    const std::string found = seeds_words(k, p);
    if (found.empty()) continue;
    if (points.empty()) first = found;
    points.push_back(p);
  }
  if (points.empty()) return;
  const TunedEntry& entry = trials_.tuning().entries[k];
  out.push_back(fmt::format("{}: warning: {}: {}'s best values differ by seed{}: {}{}; {} by the median", file_,
                            entry.pointer, entry.label, places(points), first,
                            points.size() > 1 ? fmt::format("{}, for example", places({points[0]})) : "",
                            words(points[0], k)));
}

std::vector<std::string> Choices::warnings() const {
  std::vector<std::string> out;
  const Tuning& tuning = trials_.tuning();
  if (!tuning.equal_budgets())
    out.push_back(
        fmt::format("{}: warning: {}: budgets are not equal: the algorithm with more trials has the better "
                    "chance",
                    file_, tuning.entries.front().pointer));
  warn_of_misses(out);
  for (std::size_t k = 0; k < tuning.entries.size(); ++k) {
    warn_of_edges(k, out);
    warn_of_seeds(k, out);
  }
  return out;
}

ordered_json Choices::told(const json& source) const {
  const Tuning& tuning = trials_.tuning();
  ordered_json out{{"by", {{"metric", tuning.metric}}}, {"seeds", tuning.seeds}, {"trials", tuning.most_trials()}};
  if (tuning.to) out["by"]["to"] = {{tuning.to->key, tuning.to->value}};
  out["note"] = note();
  out["chosen"] = ordered_json::array();
  for (std::size_t p = 0; p < tried_.size(); ++p)
    for (std::size_t k = 0; k < tuning.entries.size(); ++k) {
      const Trial& trial = chosen(p, k);
      ordered_json one;
      if (!trials_.points()[p].empty()) one["at"] = trials_.points()[p];
      one["algorithm"] = tuning.entries[k].label;
      one["trials"] = tried_[p][k].size();
      one["values"] = ordered_json::object();
      for (std::size_t i = 0; i < trial.values.size(); ++i)
        one["values"][tuning.entries[k].parameters[i].name] = trial.values[i];
      const double median = tuning.metric == "accuracy" ? -trial.median() : trial.median();
      one["median"] = std::isfinite(median) ? ordered_json(median) : ordered_json(nullptr);
      one["reached"] = trial.reached();
      out["chosen"].push_back(std::move(one));
    }
  out["warnings"] = warnings();
  out["scenario"] = source;
  return out;
}

Chosen Choices::of_run(const json& source) const {
  Chosen out{title(), std::vector<std::string>(source["algorithms"].size()), note(), told(source)};
  const Tuning& tuning = trials_.tuning();
  for (std::size_t k = 0; k < tuning.entries.size(); ++k)
    out.cells[tuning.entries[k].entry] =
        words(0, k) + (tuning.equal_budgets() ? "" : fmt::format(" (of {})", tuning.entries[k].budget()));
  return out;
}

}  // namespace laconic::tuning
