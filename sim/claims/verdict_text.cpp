#include "sim/claims/verdict_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "algorithms/base/human_units.hpp"
#include "algorithms/base/text.hpp"
#include "sim/results/over_seeds.hpp"
#include "sim/run/provenance.hpp"

namespace laconic::claims {

using namespace results;
using namespace scenario;

namespace {

using nlohmann::ordered_json;

bool is_measure(const std::string& metric) {
  return std::any_of(std::begin(metric_names), std::end(metric_names),
                     [&](const char* name) { return metric == name; });
}

std::string in_unit(const std::string& metric, double x) {
  if (std::isinf(x)) return x > 0 ? "infinite" : "-infinite";
  if (metric.ends_with("_bits")) return human(x, "bit");
  if (metric.starts_with("wire_bytes")) return human(x, "B");
  if (metric.ends_with("_s")) return human_time(x);
  if (metric == "energy_j") return human(x, "J");
  if (metric == "flops") return human(x, "flop");
  const bool measure =
      std::any_of(std::begin(metric_names), std::end(metric_names), [&](const char* name) { return metric == name; });
  return measure ? fmt::format("{:.4g}", x) : fmt::format("{:.10g}", x);
}

std::string in_words(const std::string& metric, const Known& x) {
  if (x.exact() && std::isinf(x.low)) return is_measure(metric) ? "diverged" : "never";
  if (x.exact()) return in_unit(metric, x.low);
  if (std::isfinite(x.low)) return "over " + in_unit(metric, x.low);
  return "unknown";
}

std::string ratio_words(const Known& x) {
  if (x.exact()) return std::isinf(x.low) ? "infinite" : fmt::format("{:.3g}", x.low);
  if (std::isfinite(x.high)) return fmt::format("under {:.3g}", x.high);
  if (std::isfinite(x.low) && x.low > 0) return fmt::format("over {:.3g}", x.low);
  return "unknown";
}

std::string bounds_words(const Claim& c) {
  const auto bound = [&](double x) { return c.times ? fmt::format("{:.4g}", x) : in_unit(c.metric, x); };
  if (c.within) return fmt::format("within {:g} %", *c.within * 100);
  if (c.at_least && c.at_most) return fmt::format("{} to {}", bound(*c.at_least), bound(*c.at_most));
  return c.at_most ? "at most " + bound(*c.at_most) : "at least " + bound(*c.at_least);
}

ordered_json number(double x) { return std::isfinite(x) ? ordered_json(x) : ordered_json(nullptr); }
// The number itself, or the one bound that is known.
ordered_json number(const Known& x) {
  return number(std::isfinite(x.low) && (x.exact() || x.low > 0) ? x.low : x.high);
}
std::string kind_of_bound(const Known& x) {
  return x.exact()                           ? "exact"
         : std::isfinite(x.high)             ? "at most"
         : std::isfinite(x.low) && x.low > 0 ? "at least"
                                             : "unknown";
}

ordered_json bounds_json(const Claim& c) {
  switch (c.kind) {
    case Claim::Kind::converges:
      return {{"r_squared", c.r_squared}};
    case Claim::Kind::stays:
      if (c.stays_above) return {{"stays_above", *c.stays_above}};
      return {{"stays_below", *c.stays_below}};
    case Claim::Kind::compares:
      break;
  }
  if (c.within) return {{"within", *c.within}};
  ordered_json out = ordered_json::object();
  if (c.at_least) out["at_least"] = *c.at_least;
  if (c.at_most) out["at_most"] = *c.at_most;
  return out;
}

ordered_json point_json(const Checked& checked, const std::vector<std::string>& point) {
  if (point.empty()) return nullptr;
  ordered_json out = ordered_json::object();
  for (std::size_t i = 0; i < point.size(); ++i) {
    out[checked.pointers[i]] = point[i];
    for (const auto& value : checked.swept.value(checked.pointers[i], nlohmann::json::array()))
      if ((value.is_string() ? value.get<std::string>() : value.dump()) == point[i]) out[checked.pointers[i]] = value;
  }
  return out;
}

ordered_json claim_json(const Checked& checked, const Claim& c, const Verdict& v) {
  ordered_json out{{"what", c.what},
                   {"verdict", outcome_names[static_cast<int>(v.outcome)]},
                   {"expected", c.expected_to_fail ? "fails" : "holds"},
                   {"of", c.of},
                   {"times", c.times ? ordered_json(*c.times) : ordered_json(nullptr)},
                   {"metric", c.metric},
                   {"to", c.to ? ordered_json{{c.to->key, c.to->value}} : ordered_json(nullptr)},
                   {"value_of", number(v.of)},
                   {"value_times", c.times ? number(v.times) : ordered_json(nullptr)},
                   {"ratio", c.times ? number(v.ratio) : ordered_json(nullptr)},
                   {"bound", bounds_json(c)},
                   {"range", nullptr},
                   {"at", point_json(checked, v.point)},
                   {"cause", c.cause.empty() ? ordered_json(nullptr) : ordered_json(c.cause)},
                   {"note", c.note.empty() ? ordered_json(nullptr) : ordered_json(c.note)},
                   {"measured", measured(c, v)}};
  if (v.range) out["range"] = {number(v.range->low), number(v.range->high)};
  if (v.interval) out["interval"] = {number(v.interval->low), number(v.interval->high)};
  if (!v.of.exact()) out["value_of_is"] = kind_of_bound(v.of);
  if (c.times && !v.times.exact()) out["value_times_is"] = kind_of_bound(v.times);
  if (c.times && !v.ratio.exact()) out["ratio_is"] = kind_of_bound(v.ratio);
  if (c.kind == Claim::Kind::converges) out["converges"] = "linearly";
  if (v.slope) out["slope"] = number(*v.slope);
  if (!v.why.empty()) out["why"] = v.why;
  return out;
}

std::string title(const Checked& checked) {
  std::string out;
  if (checked.reduced) out += "reduced scale";
  if (!checked.stand_in.empty()) out += (out.empty() ? "" : "; ") + std::string("stand-in: ") + checked.stand_in;
  return out;
}

}  // namespace

std::string remark_of(const Claim& claim) {
  return claim.cause + (claim.cause.empty() || claim.note.empty() ? "" : " ") + claim.note;
}

// How near the scenario is to the paper's experiment.
std::string setting_words(const Checked& checked) {
  if (checked.paper.empty()) return "";
  if (!checked.stand_in.empty()) return "stand-in";
  if (checked.paper["setting"] == "reading") return "a reading of our own";
  return checked.reduced ? "stated, at a reduced scale" : "stated";
}

std::string race_words(const First& first) {
  if (first.algorithm.empty()) return "nobody";
  std::string out = fmt::format("{} in {}", first.algorithm, human_time(first.time));
  if (first.standing == Standing::undecided)
    return out + fmt::format(", or {}: not decided by {} seed{}", fmt::join(first.open, ", "), first.seeds,
                             first.seeds == 1 ? "" : "s");
  if (first.second.empty()) return out + ", alone";
  if (first.standing == Standing::tied) return out + fmt::format(", tied with {}", first.second);
  if (first.standing == Standing::close) return out + fmt::format(", and {} within 5 %", first.second);
  return out + fmt::format(", {} times sooner than {}",
                           std::isinf(first.margin) ? "infinitely many" : fmt::format("{:.4g}", first.margin),
                           first.second);
}

std::string target_words(const Reading& to) {
  return fmt::format("{} {} {:g}", to.key, to.target == Metric::accuracy ? "at least" : "at most", to.value);
}

std::string verdict_words(const Claim& claim, const Verdict& verdict) {
  std::string word = verdict.seeds > 0 ? verdict.why : outcome_names[static_cast<int>(verdict.outcome)];
  if (!claim.expected_to_fail) return word;
  return verdict.outcome == Outcome::fails   ? word + (claim.cause.empty() ? ", as expected" : ", cause known")
         : verdict.outcome == Outcome::holds ? word + ", though expected to fail"
                                             : word;
}

std::string measured(const Claim& c, const Verdict& v) {
  std::string out;
  const auto range = [&](const auto& words) {
    return v.range ? fmt::format(", seeds {} .. {}", words(v.range->low), words(v.range->high)) : "";
  };
  switch (c.kind) {
    case Claim::Kind::converges: {
      if (!v.of.exact()) break;
      out = fmt::format("R^2 = {:.4g} (at least {:g}){}", v.of.low, c.r_squared,
                        range([](double x) { return fmt::format("{:.4g}", x); }));
      if (v.slope && *v.slope < 0) out += fmt::format(", a factor of 10 in {:.3g} rounds", -1 / *v.slope);
      break;
    }
    case Claim::Kind::stays: {
      const auto words = [&](double x) { return in_unit(c.metric, x); };
      if (std::isfinite(v.of.low) || v.of.exact())
        out = fmt::format("{} {} ({} {}){}", c.stays_above ? "least" : "largest", words(v.of.low),
                          c.stays_above ? "above" : "below", words(c.stays_above ? *c.stays_above : *c.stays_below),
                          range(words));
      break;
    }
    case Claim::Kind::compares:
      out = in_words(c.metric, v.of);
      if (c.times) {
        out += fmt::format(" / {} = {}", in_words(c.metric, v.times), ratio_words(v.ratio));
        out += fmt::format(" ({}){}", bounds_words(c), range([](double x) { return ratio_words({x, x}); }));
      } else {
        out += fmt::format(" ({}){}", bounds_words(c), range([&](double x) { return in_unit(c.metric, x); }));
      }
  }
  // Fewer than six seeds have intervals as wide as their range.
  if (v.interval && (v.interval->low != v.range->low || v.interval->high != v.range->high))
    out +=
        fmt::format(", {:g} % interval {} .. {}", c.confidence.value_or(usual_confidence) * 100,
                    c.times ? ratio_words({v.interval->low, v.interval->low}) : in_unit(c.metric, v.interval->low),
                    c.times ? ratio_words({v.interval->high, v.interval->high}) : in_unit(c.metric, v.interval->high));
  if (!v.why.empty() && v.seeds == 0) out += (out.empty() ? "" : "; ") + v.why;
  return out;
}

namespace {

// A swept value in a line of text: a long list, such as the speeds of many workers, is told by its length.
std::string in_line(const std::string& value) {
  const auto parsed = nlohmann::json::parse(value, nullptr, false);
  return parsed.is_array() && parsed.size() > 8 ? fmt::format("of {} values", parsed.size()) : value;
}

}  // namespace

std::string place_of(const Checked& checked, const std::vector<std::string>& point) {
  std::string out;
  for (std::size_t i = 0; i < point.size(); ++i) {
    const auto& pointer = checked.pointers[i];
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", pointer.substr(pointer.rfind('/') + 1), in_line(point[i]));
  }
  return out;
}

std::map<std::string, int> winners(const Checked::Race& race) {
  std::map<std::string, int> out;
  for (const auto& first : race.first)
    if (first.standing == Standing::first) ++out[first.algorithm];
  return out;
}

ordered_json claims_json(const Checked& checked) {
  ordered_json out{{"formats", run::formats()},
                   {"scenario", checked.name},
                   {"file", checked.file},
                   {"scale", checked.reduced ? "reduced" : "full"}};
  if (!checked.stand_in.empty()) out["stand_in"] = checked.stand_in;
  if (const auto words = setting_words(checked); !words.empty()) out["setting"] = words;
  out["claims"] = ordered_json::array();
  for (const auto& [claim, verdict] : checked.claims) out["claims"].push_back(claim_json(checked, claim, verdict));
  out["first"] = ordered_json::array();
  for (const auto& race : checked.races)
    for (const auto& first : race.first)
      out["first"].push_back(
          {{"to", {{race.target.key, race.target.value}}},
           {"at", point_json(checked, first.point)},
           {"algorithm", first.algorithm.empty() ? ordered_json(nullptr) : ordered_json(first.algorithm)},
           {"sim_time_s", first.algorithm.empty() ? ordered_json(nullptr) : ordered_json(first.time)},
           {"second", first.second.empty() ? ordered_json(nullptr) : ordered_json(first.second)},
           {"margin", first.second.empty() ? ordered_json(nullptr) : number(first.margin)},
           {"standing", standing_names[static_cast<int>(first.standing)]}});
  return out;
}

// "2 of 3 claims hold, 1 fails (as expected).", as analysis/section.py counts them.
std::string counted(const Checked& checked) {
  std::size_t holding = 0, failing = 0, open = 0, known = 0;
  for (const auto& [claim, verdict] : checked.claims) {
    holding += verdict.outcome == Outcome::holds;
    failing += verdict.outcome == Outcome::fails;
    known += verdict.outcome == Outcome::fails && claim.expected_to_fail;
    open += verdict.outcome == Outcome::undecided;
  }
  const std::size_t all = checked.claims.size();
  if (all == 1)
    return fmt::format("The claim {}.", outcome_names[static_cast<int>(checked.claims.front().second.outcome)]);
  std::string out = fmt::format("{} of {} claims hold", holding, all);
  if (failing > 0) out += fmt::format(", {} fail{}", failing, failing == 1 ? "s" : "");
  if (known > 0) out += known == failing ? " (as expected)" : fmt::format(" ({} as expected)", known);
  if (open > 0) out += fmt::format(", {} {}", open, outcome_names[static_cast<int>(Outcome::undecided)]);
  return out + '.';
}

std::string claim_lines(const Checked& checked) {
  std::string out = checked.name;
  if (const auto more = title(checked); !more.empty()) out += fmt::format(" ({})", more);
  out += '\n';
  for (const auto& [claim, verdict] : checked.claims) {
    const std::string place = place_of(checked, verdict.point);
    out += fmt::format("  {:<13}  {}{}: {}\n", verdict_words(claim, verdict), claim.what,
                       place.empty() ? "" : fmt::format(" [{}]", place), measured(claim, verdict));
    if (const std::string remark = remark_of(claim);
        !remark.empty() && (claim.expected_to_fail || verdict.outcome != Outcome::holds))
      out += fmt::format("  {:<13}  ({})\n", "", remark);
  }
  for (const std::string& answer : checked.answers) out += fmt::format("  {}\n", printable(answer));
  return out + fmt::format("  {}\n", counted(checked));
}

}  // namespace laconic::claims
