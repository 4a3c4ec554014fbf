#include "sim/results/answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "algorithms/base/human_units.hpp"
#include "sim/results/swept_values.hpp"
#include "sim/results/verdict.hpp"
#include "sim/results/verdict_sentence.hpp"

namespace laconic::results {
namespace {

using Place = std::vector<std::size_t>;  // of a point: which of each pointer's values
using Verdicts = std::map<Place, Decision>;
using Land = std::vector<Place>;

constexpr std::size_t few_points = 4;  // of which each has a sentence

struct Field {
  std::vector<SweptValues> scales;
  Verdicts seen;
};

Field field_of(const Raced& raced) {
  Field out;
  for (std::size_t axis = 0; axis < raced.pointers.size(); ++axis) {
    std::vector<std::string> texts;
    for (const auto& run : raced.runs)
      if (std::find(texts.begin(), texts.end(), run.point[axis]) == texts.end()) texts.push_back(run.point[axis]);
    out.scales.push_back(swept_values(raced.pointers[axis], std::move(texts)));
  }
  std::map<Place, std::vector<std::pair<std::string, CostsBySeed>>> costs;
  for (const auto& run : raced.runs) {
    Place place;
    for (std::size_t axis = 0; axis < out.scales.size(); ++axis) {
      const auto& texts = out.scales[axis].texts;
      place.push_back(static_cast<std::size_t>(std::find(texts.begin(), texts.end(), run.point[axis]) - texts.begin()));
    }
    auto& here = costs[place];
    auto own = std::find_if(here.begin(), here.end(), [&](const auto& pair) { return pair.first == run.algorithm; });
    if (own == here.end()) own = here.insert(here.end(), {run.algorithm, {}});
    own->second[run.seed] = run.cost;
  }
  for (const auto& [place, here] : costs) out.seen.emplace(place, decide(here));
  return out;
}

std::string metric_title(std::string metric) {
  if (metric == "grad_norm") return "gradient norm";
  if (metric == "consensus") return "distance from consensus";
  std::replace(metric.begin(), metric.end(), '_', ' ');
  return metric;
}

bool rises(const std::string& metric) { return metric.find("accuracy") != std::string::npos; }

std::string aim_words(const Raced& raced) {
  return fmt::format("{} {} {:g}", metric_title(raced.metric), rises(raced.metric) ? "≥" : "≤", raced.value);
}

std::string amount_words(const std::string& cost, double value) {
  if (cost == "sim_time_s") return human_time(value);
  const bool whole = value == std::floor(value) && value < 1e7;
  std::string number = whole           ? fmt::format("{:.0f}", value)
                       : value < 999.5 ? fmt::format("{:#.3g}", value)
                       : value < 1e5   ? fmt::format("{:.0f}", value)
                                       : fmt::format("{:.2e}", value);
  if (number.ends_with('.')) number.pop_back();
  return fmt::format("{} round{}", number, value == 1 ? "" : "s");
}

std::string nearest_words(const Raced& raced) {
  const auto best = raced.best ? raced.best() : std::vector<std::pair<std::string, double>>{};
  if (best.empty()) return "";
  const auto less = [](const auto& a, const auto& b) { return a.second < b.second; };
  const double value = (rises(raced.metric) ? *std::max_element(best.begin(), best.end(), less)
                                            : *std::min_element(best.begin(), best.end(), less))
                           .second;
  std::vector<std::string> names;
  for (const auto& [label, own] : best)
    if (fmt::format("{:.3g}", own) == fmt::format("{:.3g}", value)) names.push_back(label);
  return fmt::format("nearest {} with {:.3g}", listed(names), value);
}

std::string words_of_place(const Field& field, const Place& place) {
  std::string out;
  for (std::size_t axis = 0; axis < place.size(); ++axis)
    out += fmt::format("{}{} {}", axis == 0 ? "" : ", ", field.scales[axis].title(),
                       field.scales[axis].label(place[axis]));
  return out;
}

// A sentence for each point, or one where all points agree to the word; and whether the winner changes.
std::vector<std::string> of_each_point(const Raced& raced, const Field& field) {
  SentenceWords words{"reached " + aim_words(raced), [&](double x) { return amount_words(raced.cost, x); },
                      raced.cost == "sim_time_s" ? "long" : "many"};
  const auto nobody = [](const auto& pair) { return pair.second.lead == Lead::nobody; };
  if (std::any_of(field.seen.begin(), field.seen.end(), nobody)) words.nearest = nearest_words(raced);
  std::vector<std::string> said, names;
  for (const auto& [place, verdict] : field.seen) {
    said.push_back(sentence(verdict, words));
    const std::string winner = verdict.winner();
    if (!winner.empty() && std::find(names.begin(), names.end(), winner) == names.end()) names.push_back(winner);
  }
  if (std::count(said.begin(), said.end(), said.front()) == static_cast<std::ptrdiff_t>(said.size())) {
    said.resize(1);
    // A sentence's own first word begins with a capital; a label stays as it is.
    if (said[0].starts_with("nobody ") || said[0].starts_with("not decided "))
      said[0].front() = static_cast<char>(said[0].front() - 'a' + 'A');
  } else {
    std::size_t at = 0;
    for (const auto& [place, verdict] : field.seen) {
      said[at] = fmt::format("At {}: {}", words_of_place(field, place), said[at]);
      ++at;
    }
  }
  if (names.size() > 1) {
    const std::string last = names.back();
    names.pop_back();
    said.push_back(fmt::format("The winner changes: to {}, it is {} or {}.", aim_words(raced), listed(names), last));
  }
  return said;
}

// "latency up to 0.3 ms": from one value to another; empty if these are all there are.
std::string side_words(const SweptValues& scale, std::size_t first, std::size_t last) {
  const bool begins = first == 0, ends = last + 1 == scale.texts.size();
  if (begins && ends) return "";
  if (first == last) return scale.title() + ' ' + scale.label(first);
  if (!scale.sized) {
    std::string out = scale.title() + ' ' + scale.label(first);
    for (std::size_t i = first + 1; i <= last; ++i) out += " or " + scale.label(i);
    return out;
  }
  if (begins) return fmt::format("{} up to {}", scale.title(), scale.label(last));
  return fmt::format("{} from {}{}", scale.title(), scale.label(first), ends ? "" : " to " + scale.label(last));
}

// The box that holds all of a winner's points and nobody else's, in words; empty if that is everywhere, nothing if
// there is no such box.
std::optional<std::string> region_words(const Field& field, const Land& land) {
  Place low = land.front(), high = land.front();
  for (const Place& place : land)
    for (std::size_t axis = 0; axis < place.size(); ++axis) {
      low[axis] = std::min(low[axis], place[axis]);
      high[axis] = std::max(high[axis], place[axis]);
    }
  std::size_t within = 0;
  for (const auto& [place, verdict] : field.seen) {
    bool inside = true;
    for (std::size_t axis = 0; axis < place.size(); ++axis)
      inside = inside && low[axis] <= place[axis] && place[axis] <= high[axis];
    within += inside;
  }
  if (within > land.size()) return std::nullopt;
  std::vector<std::string> sides;
  for (std::size_t axis = 0; axis < low.size(); ++axis)
    if (std::string side = side_words(field.scales[axis], low[axis], high[axis]); !side.empty())
      sides.push_back(std::move(side));
  return sides.empty() ? "" : listed(sides);
}

// "by 1.07 to 1.2 times"
std::string lead_words(const Field& field, const Land& land) {
  double least = std::numeric_limits<double>::infinity(), most = 0;
  bool others = false;
  for (const Place& place : land) {
    const Decision& verdict = field.seen.at(place);
    others = others || verdict.entries.size() > 1;
    if (!std::isfinite(verdict.factor)) continue;
    least = std::min(least, verdict.factor);
    most = std::max(most, verdict.factor);
  }
  if (std::isinf(least)) return others ? "alone" : "";
  const std::string one = fmt::format("{:.3g}", least), other = fmt::format("{:.3g}", most);
  return fmt::format("by {}{} times", one, one == other ? "" : " to " + other);
}

// The winners, of the largest land first, each with where it is first; one that has no box is first "elsewhere".
std::vector<std::string> land_words(const Field& field) {
  std::vector<std::pair<std::string, Land>> lands;
  for (const auto& [place, verdict] : field.seen) {
    const std::string winner = verdict.winner();
    if (winner.empty()) continue;
    auto own = std::find_if(lands.begin(), lands.end(), [&](const auto& pair) { return pair.first == winner; });
    if (own == lands.end()) own = lands.insert(lands.end(), {winner, {}});
    own->second.push_back(place);
  }
  std::stable_sort(lands.begin(), lands.end(),
                   [](const auto& a, const auto& b) { return a.second.size() > b.second.size(); });
  std::map<std::string, std::optional<std::string>> where;
  std::vector<std::string> vague;
  for (const auto& [label, land] : lands) {
    where[label] = region_words(field, land);
    if (!where[label]) vague.push_back(label);
  }
  if (vague.size() == 1 && lands.size() > 1) {
    where[vague[0]] = "elsewhere";
    std::stable_partition(lands.begin(), lands.end(), [&](const auto& pair) { return pair.first != vague[0]; });
  }
  std::vector<std::string> out;
  for (const auto& [label, land] : lands) {
    const std::string place = where[label].value_or(""), by = lead_words(field, land);
    const std::string more = place + (place.empty() || by.empty() ? "" : ", ") + by;
    out.push_back(label +
                  (out.empty() ? fmt::format(" at {} of {} points", land.size(), field.seen.size())
                               : fmt::format(" at {}", land.size())) +
                  (more.empty() ? "" : " (" + more + ')'));
  }
  return out;
}

std::string of_many_points(const Raced& raced, const Field& field) {
  std::map<Lead, std::size_t> kinds;
  for (const auto& [place, verdict] : field.seen) ++kinds[verdict.lead];
  const std::string aim = aim_words(raced);
  if (kinds[Lead::nobody] == field.seen.size()) {
    const std::string near = nearest_words(raced);
    return fmt::format("Nobody reached {}, at any of {} points{}.", aim, field.seen.size(),
                       near.empty() ? "" : ": " + near);
  }
  std::vector<std::string> others;
  for (const auto& [lead, words] : {std::pair{Lead::tied, "the first are tied"},
                                    {Lead::close, "the first are within 5 % of each other"},
                                    {Lead::undecided, "the seeds do not decide"},
                                    {Lead::nobody, "nobody gets there"}})
    if (kinds[lead] > 0) others.push_back(fmt::format("at {} {}", kinds[lead], words));
  const auto parts = land_words(field);
  std::string out = parts.empty() ? fmt::format("To {}, nobody is first at any of {} points:", aim, field.seen.size())
                                  : fmt::format("To {}, the first{} is {}", aim,
                                                raced.cost == "sim_time_s" ? "" : " by rounds", listed(parts));
  for (std::size_t i = 0; i < others.size(); ++i) out += (i == 0 && parts.empty() ? " " : "; ") + others[i];
  return out + '.';
}

}  // namespace

std::vector<std::string> answers(const Raced& raced) {
  if (raced.runs.empty()) return {};
  const Field field = field_of(raced);
  if (field.seen.size() <= few_points) return of_each_point(raced, field);
  return {of_many_points(raced, field)};
}

}  // namespace laconic::results
