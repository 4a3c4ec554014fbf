#include "sim/claims/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "algorithms/base/error.hpp"

namespace laconic::claims {

using namespace results;
using namespace scenario;

const char* const outcome_names[3] = {"holds", "fails", "not decidable"};

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double median_of(std::vector<double> values, bool upper) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  const double low = values[(n - 1) / 2], high = values[n / 2];
  if (std::isfinite(low) && std::isfinite(high)) return low + (high - low) / 2;
  return upper ? high : low;
}

Known median(const std::vector<Known>& values) {
  std::vector<double> lows, highs;
  for (const Known& value : values) {
    lows.push_back(value.low);
    highs.push_back(value.high);
  }
  return {median_of(lows, false), median_of(highs, true)};
}

// The percentile interval of the median under resampling of the seeds (Efron and Tibshirani, An Introduction to the
// Bootstrap, 1993, section 13.3). A ratio is a seed's own, so that what a seed does to both is resampled together.
Known bootstrap_interval(const std::vector<Known>& values, double confidence) {
  constexpr std::size_t resamples = 2000;
  const std::size_t n = values.size();
  std::vector<double> lows, highs;
  std::vector<Known> drawn(n);
  std::mt19937_64 random(n);  // its numbers, unlike those of the standard's distributions, are the same everywhere
  for (std::size_t r = 0; r < resamples; ++r) {
    for (Known& one : drawn) one = values[random() % n];
    const Known found = median(drawn);
    lows.push_back(found.low);
    highs.push_back(found.high);
  }
  std::sort(lows.begin(), lows.end());
  std::sort(highs.begin(), highs.end());
  const auto tail = static_cast<std::size_t>((1 - confidence) / 2 * resamples);
  return {lows[tail], highs[resamples - 1 - tail]};
}

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
  verdict.ratio = median(ratios);
  if (ratios.size() > 1) {
    verdict.range = ratios.front();
    for (const Known& r : ratios)
      verdict.range = Known{std::min(verdict.range->low, r.low), std::max(verdict.range->high, r.high)};
  }
  const double least = claim.at_least.value_or(-infinity), most = claim.at_most.value_or(infinity);
  verdict.outcome = within(verdict.ratio, least, most);
  if (claim.confidence && ratios.size() > 1 && verdict.outcome != Outcome::undecided) {
    verdict.interval = bootstrap_interval(ratios, *claim.confidence);
    verdict.outcome = within(*verdict.interval, least, most);
    if (verdict.outcome != Outcome::undecided) return;
    verdict.seeds = ratios.size();
    verdict.why = fmt::format("not decided by {} seeds", verdict.seeds);
    return;
  }
  if (verdict.outcome != Outcome::undecided) return;
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
  std::vector<Known> values;
  std::vector<double> slopes, decades;
  std::size_t fewest = of.front()->rows.size();
  for (const Curve* curve : of) {
    const Line line = fit(claim, results, *curve);
    const double r = curve->diverged || line.slope >= 0 ? 0 : line.r_squared;
    values.push_back({r, r});
    slopes.push_back(line.slope);
    decades.push_back(line.decades);
    fewest = std::min(fewest, line.rows);
  }
  verdict.of = verdict.ratio = median(values);
  verdict.slope = median_of(slopes, false);
  if (values.size() > 1) {
    verdict.range = values.front();
    for (const Known& r : values)
      verdict.range = Known{std::min(verdict.range->low, r.low), std::max(verdict.range->high, r.high)};
  }
  verdict.outcome = within(verdict.ratio, claim.r_squared, infinity);
  // Any short piece of a curve is a line.
  if (fewest < 5) {
    verdict.why = "fewer than 5 rows to fit a line to";
    verdict.of = verdict.ratio = {};
    verdict.slope.reset();
    verdict.range.reset();
  } else if (verdict.outcome == Outcome::holds && median_of(decades, false) < 1) {
    verdict.why = "it falls by less than a factor of 10: too little to tell";
  }
  if (!verdict.why.empty()) verdict.outcome = Outcome::undecided;
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
  verdict.of = verdict.ratio = median(extremes);
  if (extremes.size() > 1) {
    verdict.range = extremes.front();
    for (const Known& x : extremes)
      verdict.range = Known{std::min(verdict.range->low, x.low), std::max(verdict.range->high, x.high)};
  }
  if (verdict.of.low == -infinity && verdict.of.high == infinity) {
    verdict.why = fmt::format("no row from round {} on", claim.from);
    return;
  }
  const bool stays = claim.stays_above ? verdict.of.low > *claim.stays_above : verdict.of.high < *claim.stays_below;
  verdict.outcome = stays ? Outcome::holds : Outcome::fails;
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

std::vector<First> first_to(const Reading& target, const Results& results) {
  Claim time;
  time.metric = "sim_time_s";
  time.to = target;
  std::vector<std::string> labels;
  for (const Curve& curve : results.curves)
    if (std::find(labels.begin(), labels.end(), curve.algorithm) == labels.end()) labels.push_back(curve.algorithm);
  std::vector<First> out;
  for (const auto& point : points_of(results)) {
    std::vector<std::pair<double, std::string>> times;
    for (const auto& label : labels) {
      std::vector<Known> each;
      for (const Curve* curve : curves_of(results, label, point)) each.push_back(read(time, results, *curve));
      if (each.empty()) continue;
      const Known t = median(each);
      if (t.exact() && std::isfinite(t.low)) times.emplace_back(t.low, label);
    }
    std::stable_sort(times.begin(), times.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    First first{point, "", "", 0, 0};
    if (!times.empty()) {
      first.algorithm = times[0].second;
      first.time = times[0].first;
    }
    if (times.size() > 1) {
      first.second = times[1].second;
      first.margin = times[0].first > 0 ? times[1].first / times[0].first : infinity;
    }
    out.push_back(std::move(first));
  }
  return out;
}

}  // namespace laconic::claims
