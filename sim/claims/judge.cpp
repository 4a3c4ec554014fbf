#include "sim/claims/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "algorithms/base/error.hpp"
#include "sim/results/over_seeds.hpp"

namespace laconic::claims {

using namespace results;
using namespace scenario;

const char* const outcome_names[3] = {"holds", "fails", "not decidable"};
const char* const standing_names[5] = {"nobody", "first", "tied", "close", "undecided"};

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// The ratio of two numbers that are not negative; where both may be infinite, or both 0, it may be any.
Known ratio(const Known& a, const Known& b) {
  if (a.low < 0 || b.low < 0) return {};
  const auto quotient = [](double x, double y, double otherwise) {
    const double q = x / y;
    return std::isnan(q) ? otherwise : q;
  };
  return {quotient(a.low, b.high, 0), quotient(a.high, b.low, infinity)};
}

Outcome within(const Known& x, double least, double most) {
  if (x.low >= least && x.high <= most) return Outcome::holds;
  if (x.high < least || x.low > most) return Outcome::fails;
  return Outcome::undecided;
}

// What the seeds say: their median, if it decides and the interval of the median lies on the same side. `outcome_of`
// says what a number, or all of an interval, would mean.
template <class Meaning>
void judge_seeds(const Claim& claim, const std::vector<Known>& values, const Meaning& outcome_of, Verdict& verdict) {
  verdict.ratio = median(values);
  verdict.outcome = outcome_of(verdict.ratio);
  if (values.size() < 2) return;
  verdict.range = range_of(values);
  if (verdict.outcome == Outcome::undecided) return;
  verdict.interval = interval_of_median(values, claim.confidence.value_or(usual_confidence));
  if (outcome_of(*verdict.interval) != Outcome::undecided) return;
  verdict.outcome = Outcome::undecided;
  verdict.seeds = values.size();
  verdict.why = fmt::format("not decided by {} seeds", verdict.seeds);
}

Known read(const Claim& claim, const Results& results, const Curve& curve) {
  return value_at(claim.metric, claim.to, results, curve);
}

struct Line {
  double slope = 0, r_squared = 0, decades = 0;
  std::size_t rows = 0;
};

// The least-squares line of log10(metric) over rounds, down to where rounding errors rule.
Line fit(const Claim& claim, const Results& results, const Curve& curve) {
  const std::size_t metric = results.column(claim.metric), loss = results.column("loss"),
                    round = results.column("round");
  std::vector<double> x, y;
  for (const auto& row : curve.rows) {
    if (row[round] < static_cast<double>(claim.from)) continue;
    const double floor = claim.metric == "loss_gap" ? 1e-12 * std::abs(row[loss]) : 1e-13;
    if (!(row[metric] > floor)) break;
    x.push_back(row[round]);
    y.push_back(std::log10(row[metric]));
  }
  Line out;
  out.rows = x.size();
  if (x.size() < 2) return out;
  const auto n = static_cast<double>(x.size());
  double mean_x = 0, mean_y = 0, xx = 0, xy = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mean_x += x[i] / n;
    mean_y += y[i] / n;
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
  }
  out.slope = xy / xx;
  out.r_squared = yy > 0 ? xy * xy / (xx * yy) : 0;
  out.decades = y.front() - y.back();
  return out;
}

using Curves = std::vector<const Curve*>;

void judge_bounds(const Claim& claim, const Results& results, const Curves& of, const Curves& times, Verdict& verdict) {
  std::vector<Known> values, others, ratios;
  for (const Curve* curve : of) {
    values.push_back(read(claim, results, *curve));
    ratios.push_back(values.back());
    if (!claim.times) continue;
    const auto same = std::find_if(times.begin(), times.end(), [&](const Curve* c) { return c->seed == curve->seed; });
    if (same == times.end()) throw InputError(fmt::format("{}: no run of {}", claim.pointer, *claim.times));
    others.push_back(read(claim, results, **same));
    ratios.back() = ratio(values.back(), others.back());
  }
  verdict.of = median(values);
  if (claim.times) verdict.times = median(others);
  const double least = claim.at_least.value_or(-infinity), most = claim.at_most.value_or(infinity);
  judge_seeds(
      claim, ratios, [&](const Known& x) { return within(x, least, most); }, verdict);
  if (verdict.outcome != Outcome::undecided || verdict.seeds > 0) return;
  if (!claim.to || !claim.to->target) {
    verdict.why = "the budget was not used up";
    if (!claim.to) verdict.why = "nothing was measured";
    return;
  }
  const auto missed = [](const Known& x) { return !x.exact() || std::isinf(x.low); };
  std::string who = missed(verdict.of) ? claim.of : "";
  if (claim.times && missed(verdict.times)) who += (who.empty() ? "" : " and ") + *claim.times;
  verdict.why = who.empty() ? "the ratio of these numbers means nothing" : "target not reached by " + who;
}

void judge_line(const Claim& claim, const Results& results, const Curves& of, Verdict& verdict) {
  std::vector<Known> values, slopes, decades;
  std::size_t fewest = of.front()->rows.size();
  for (const Curve* curve : of) {
    const Line line = fit(claim, results, *curve);
    const double r = curve->diverged || line.slope >= 0 ? 0 : line.r_squared;
    values.push_back({r, r});
    slopes.push_back({line.slope, line.slope});
    decades.push_back({line.decades, line.decades});
    fewest = std::min(fewest, line.rows);
  }
  judge_seeds(
      claim, values, [&](const Known& x) { return within(x, claim.r_squared, infinity); }, verdict);
  verdict.of = verdict.ratio;
  verdict.slope = median(slopes).low;
  // Any short piece of a curve is a line.
  const auto cannot_tell = [&](const char* why) {
    verdict.outcome = Outcome::undecided;
    verdict.why = why;
    verdict.seeds = 0;
    verdict.interval.reset();
  };
  if (fewest < 5) {
    cannot_tell("fewer than 5 rows to fit a line to");
    verdict.of = verdict.ratio = {};
    verdict.slope.reset();
    verdict.range.reset();
  } else if (verdict.ratio.low >= claim.r_squared && median(decades).low < 1) {
    cannot_tell("it falls by less than a factor of 10: too little to tell");
  }
}

void judge_stay(const Claim& claim, const Results& results, const Curves& of, Verdict& verdict) {
  const std::size_t metric = results.column(claim.metric), round = results.column("round");
  std::vector<Known> extremes;
  for (const Curve* curve : of) {
    double extreme = claim.stays_above ? infinity : -infinity;
    std::size_t rows = 0;
    for (const auto& row : curve->rows) {
      if (row[round] < static_cast<double>(claim.from)) continue;
      ++rows;
      const double x = std::isnan(row[metric]) ? infinity : row[metric];
      extreme = claim.stays_above ? std::min(extreme, x) : std::max(extreme, x);
    }
    extremes.push_back(rows > 0 || curve->diverged ? Known{extreme, extreme} : Known{});
  }
  const auto outcome_of = [&](const Known& x) {
    const bool stays = claim.stays_above ? x.low > *claim.stays_above : x.high < *claim.stays_below;
    const bool leaves = claim.stays_above ? x.high <= *claim.stays_above : x.low >= *claim.stays_below;
    return stays ? Outcome::holds : leaves ? Outcome::fails : Outcome::undecided;
  };
  judge_seeds(claim, extremes, outcome_of, verdict);
  verdict.of = verdict.ratio;
  if (verdict.outcome == Outcome::undecided && verdict.seeds == 0)
    verdict.why = fmt::format("no row from round {} on", claim.from);
}

// "10ms" and 0.01 of a claim's "at", as the CSV has them.
std::string text_of_value(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

bool speaks_of(const Claim& claim, const Results& results, const std::vector<std::string>& point) {
  for (std::size_t i = 0; i < results.swept.size(); ++i)
    if (claim.at.contains(results.swept[i]) && text_of_value(claim.at[results.swept[i]]) != point[i]) return false;
  return true;
}

bool same(const Known& a, const Known& b) { return a.low == b.low && a.high == b.high; }
bool alike(const Verdict& a, const Verdict& b) {
  return a.outcome == b.outcome && same(a.of, b.of) && same(a.times, b.times) && same(a.ratio, b.ratio) &&
         a.slope == b.slope && a.why == b.why && a.range.has_value() == b.range.has_value() &&
         (!a.range || same(*a.range, *b.range)) && a.interval.has_value() == b.interval.has_value() &&
         (!a.interval || same(*a.interval, *b.interval));
}

std::vector<std::vector<std::string>> points_of(const Results& results) {
  std::vector<std::vector<std::string>> points;
  for (const Curve& curve : results.curves)
    if (std::find(points.begin(), points.end(), curve.point) == points.end()) points.push_back(curve.point);
  return points;
}

Curves curves_of(const Results& results, const std::string& label, const std::vector<std::string>& point) {
  Curves out;
  for (const Curve& curve : results.curves)
    if (curve.algorithm == label && curve.point == point && !curve.rows.empty()) out.push_back(&curve);
  return out;
}

}  // namespace

std::vector<Verdict> judge(const Claim& claim, const Results& results) {
  std::vector<Verdict> out;
  for (const auto& point : points_of(results)) {
    if (!speaks_of(claim, results, point)) continue;
    const Curves of = curves_of(results, claim.of, point);
    if (of.empty()) continue;
    Verdict verdict;
    verdict.point = point;
    switch (claim.kind) {
      case Claim::Kind::compares:
        judge_bounds(claim, results, of, claim.times ? curves_of(results, *claim.times, point) : Curves{}, verdict);
        break;
      case Claim::Kind::converges:
        judge_line(claim, results, of, verdict);
        break;
      case Claim::Kind::stays:
        judge_stay(claim, results, of, verdict);
        break;
    }
    out.push_back(std::move(verdict));
  }
  if (out.empty()) throw InputError(fmt::format("{}: no run of {}", claim.pointer, claim.of));
  if (out.size() > 1 &&
      std::all_of(out.begin(), out.end(), [&](const Verdict& verdict) { return alike(verdict, out.front()); })) {
    out.resize(1);
    out.front().point.clear();
  }
  return out;
}

namespace {

// Each seed's time to the target.
using Times = std::map<std::uint64_t, Known>;

// The second's median in units of the first's, and its interval over the seeds that both ran.
struct Lead {
  double factor = infinity;
  std::optional<Known> interval;
};

// Infinite where half of the seeds do not arrive.
double cost_of(const Times& times) {
  std::vector<Known> all;
  for (const auto& [seed, time] : times) all.push_back(time);
  const Known found = median(all);
  return found.exact() ? found.low : infinity;
}

Lead lead_of(const Times& first, const Times& second) {
  std::vector<Known> both[2];
  for (const auto& [seed, time] : first)
    if (const auto same = second.find(seed); same != second.end()) {
      both[0].push_back(time);
      both[1].push_back(same->second);
    }
  const double low = cost_of(first), high = cost_of(second);
  Lead out{low > 0 ? high / low : high > 0 ? infinity : 1, {}};
  const std::size_t n = both[0].size();
  if (n < 2) return out;
  std::vector<Known> drawn[2] = {std::vector<Known>(n), std::vector<Known>(n)};
  out.interval = bootstrap_interval(n, usual_confidence, [&](const std::vector<std::size_t>& places) {
    for (int who = 0; who < 2; ++who)
      for (std::size_t i = 0; i < n; ++i) drawn[who][i] = both[who][places[i]];
    const Known one = median(drawn[0]), other = median(drawn[1]);
    return one.exact() && same(one, other) ? Known{1, 1} : ratio(other, one);
  });
  return out;
}

// What lies between the first and another one; Standing::first if that is behind. As analysis/decide.py says it.
Standing standing_of(const Lead& lead) {
  constexpr double equal = 1.0005, close = 1.05;  // the same to three digits, and no difference worth a headline
  const Known interval = lead.interval.value_or(Known{lead.factor, lead.factor});
  if (lead.factor <= equal && interval.low >= 1 / equal && interval.high <= equal) return Standing::tied;
  if (lead.factor <= close) return interval.low >= 1 / close ? Standing::close : Standing::undecided;
  return interval.low <= 1 ? Standing::undecided : Standing::first;
}

First first_of(std::vector<std::pair<std::string, Times>> all, std::vector<std::string> point) {
  First out;
  out.point = std::move(point);
  std::erase_if(all, [](const auto& one) {
    return std::none_of(one.second.begin(), one.second.end(),
                        [](const auto& time) { return time.second.exact() && std::isfinite(time.second.low); });
  });
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return cost_of(a.second) < cost_of(b.second); });
  if (all.empty() || std::isinf(cost_of(all[0].second))) return out;
  out.algorithm = all[0].first;
  out.time = cost_of(all[0].second);
  out.standing = Standing::first;
  out.seeds = all[0].second.size();
  for (std::size_t i = 1; i < all.size(); ++i) {
    const Lead lead = lead_of(all[0].second, all[i].second);
    if (i == 1 && std::isfinite(cost_of(all[i].second))) {
      out.second = all[i].first;
      out.margin = lead.factor;
    }
    const Standing standing = standing_of(lead);
    out.standing = std::max(out.standing, standing);
    if (standing == Standing::undecided) out.open.push_back(all[i].first);
  }
  return out;
}

}  // namespace

std::vector<First> first_to(const Reading& target, const Results& results) {
  Claim time;
  time.metric = "sim_time_s";
  time.to = target;
  std::vector<std::string> labels;
  for (const Curve& curve : results.curves)
    if (std::find(labels.begin(), labels.end(), curve.algorithm) == labels.end()) labels.push_back(curve.algorithm);
  std::vector<First> out;
  for (const auto& point : points_of(results)) {
    std::vector<std::pair<std::string, Times>> all;
    for (const auto& label : labels) {
      Times times;
      for (const Curve* curve : curves_of(results, label, point)) times[curve->seed] = read(time, results, *curve);
      if (!times.empty()) all.emplace_back(label, std::move(times));
    }
    out.push_back(first_of(std::move(all), point));
  }
  return out;
}

}  // namespace laconic::claims
