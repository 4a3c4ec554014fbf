#include "sim/results/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace laconic::results {
namespace {

constexpr double equal_ratio = 1.0005, close_ratio = 1.05;
constexpr double unreached = std::numeric_limits<double>::infinity();
constexpr std::size_t resamples = 2000;

struct Span {
  double low, high;
};

// Takes ordered numbers, with infinity as one of them.
double middle_of(const std::vector<double>& ordered) {
  const double low = ordered[(ordered.size() - 1) / 2], high = ordered[ordered.size() / 2];
  return low == high ? low : (low + high) / 2;
}

std::vector<double> values_of(const CostsBySeed& costs) {
  std::vector<double> out;
  for (const auto& [seed, cost] : costs) out.push_back(cost);
  return out;
}

Entrant entrant_of(const std::string& label, const CostsBySeed& costs) {
  auto values = values_of(costs);
  std::sort(values.begin(), values.end());
  const auto arrived = std::count_if(values.begin(), values.end(), [](double x) { return std::isfinite(x); });
  return {label, middle_of(values), values.front(), values.back(), static_cast<std::size_t>(arrived), values.size()};
}

double ratio_of(double other, double first) {
  if (other == first) return 1;
  if (first > 0 && std::isfinite(first)) return other / first;
  return other > first ? unreached : 0;
}

// Calls `take(place of the seed)` for each draw of each resample: numbers of SplitMix64 (Steele, Lea and Flood, 2014),
// which are the same in every language.
template <class Take>
void resample(std::size_t seeds, std::uint64_t stream, const Take& take) {
  std::uint64_t state = 2 * seeds + stream;
  for (std::size_t i = 0; i < resamples * seeds; ++i) {
    std::uint64_t z = state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    take(static_cast<std::size_t>((((z ^ (z >> 31)) >> 32) * seeds) >> 32));
  }
}

std::vector<double> resampled_middles(const std::vector<double>& costs, std::uint64_t stream) {
  std::vector<double> out, drawn;
  resample(costs.size(), stream, [&](std::size_t place) {
    drawn.push_back(costs[place]);
    if (drawn.size() < costs.size()) return;
    std::sort(drawn.begin(), drawn.end());
    out.push_back(middle_of(drawn));
    drawn.clear();
  });
  return out;
}

// The 95 % percentile interval.
Span tails_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto tail = static_cast<std::size_t>((1 - 0.95) / 2 * static_cast<double>(values.size()));
  return {values[tail], values[values.size() - 1 - tail]};
}

bool paired(const CostsBySeed& one, const CostsBySeed& other) {
  return one.size() == other.size() && std::equal(one.begin(), one.end(), other.begin(),
                                                  [](const auto& a, const auto& b) { return a.first == b.first; });
}

// The interval of the ratio of medians, the other's by the first's.
Span interval_of(const CostsBySeed& first, const CostsBySeed& other) {
  const auto one = values_of(first), two = values_of(other);
  const auto constant = [](const auto& values) { return std::count(values.begin(), values.end(), values[0]); };
  if (static_cast<std::size_t>(constant(one)) == one.size() && static_cast<std::size_t>(constant(two)) == two.size()) {
    const double found = ratio_of(two[0], one[0]);
    return {found, found};
  }
  auto low = resampled_middles(one, 0);
  const auto high = resampled_middles(two, paired(first, other) ? 0 : 1);
  std::transform(low.begin(), low.end(), high.begin(), low.begin(), [](double a, double b) { return ratio_of(b, a); });
  return tails_of(std::move(low));
}

// The probability that the first is before the other on a seed, ties counting half.
Decision::Chance chance_of(const CostsBySeed& first, const CostsBySeed& other) {
  const auto one = values_of(first), two = values_of(other);
  const auto won = [&](std::size_t a, std::size_t b) { return one[a] < two[b] ? 1.0 : one[a] == two[b] ? 0.5 : 0.0; };
  std::vector<double> drawn;
  double share = 0;
  if (paired(first, other)) {
    const std::size_t n = one.size();
    for (std::size_t i = 0; i < n; ++i) share += won(i, i);
    double sum = 0;
    std::size_t so_many = 0;
    resample(n, 0, [&](std::size_t place) {
      sum += won(place, place);
      if (++so_many < n) return;
      drawn.push_back(sum / static_cast<double>(n));
      sum = 0;
      so_many = 0;
    });
    share /= static_cast<double>(n);
  } else {
    const std::size_t n = one.size(), m = two.size();
    std::vector<std::size_t> rows, across;
    resample(n, 0, [&](std::size_t place) { rows.push_back(place); });
    resample(m, 1, [&](std::size_t place) { across.push_back(place); });
    const auto mean = [&](const auto& row, const auto& column) {
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < m; ++j) sum += won(row(i), column(j));
      return sum / static_cast<double>(n * m);
    };
    const auto itself = [](std::size_t i) { return i; };
    share = mean(itself, itself);
    for (std::size_t r = 0; r < resamples; ++r)
      drawn.push_back(
          mean([&](std::size_t i) { return rows[r * n + i]; }, [&](std::size_t j) { return across[r * m + j]; }));
  }
  const Span span = tails_of(std::move(drawn));
  return {share, span.low, span.high};
}

// What lies between the first and another one; nothing if that is behind.
std::optional<Lead> relation(const Entrant& first, const Entrant& other, const CostsBySeed& costs,
                             const CostsBySeed& others) {
  const double factor = ratio_of(other.cost, first.cost);
  // No resample could turn them round.
  if (other.arrived == 0 || (factor > close_ratio && other.least > first.most)) return std::nullopt;
  const Span span = interval_of(costs, others);
  if (factor <= equal_ratio && span.low >= 1 / equal_ratio && span.high <= equal_ratio) return Lead::tied;
  if (factor <= close_ratio) return span.low >= 1 / close_ratio ? Lead::close : Lead::undecided;
  if (span.low <= 1) return Lead::undecided;
  return std::nullopt;
}

}  // namespace

std::string Decision::winner() const {
  return lead == Lead::first || lead == Lead::only ? entries.front().label : std::string();
}

Decision decide(const std::vector<std::pair<std::string, CostsBySeed>>& costs) {
  Decision out;
  std::map<std::string, const CostsBySeed*> of;
  for (const auto& [label, by_seed] : costs) {
    out.entries.push_back(entrant_of(label, by_seed));
    of[label] = &by_seed;
  }
  std::stable_sort(out.entries.begin(), out.entries.end(),
                   [](const Entrant& a, const Entrant& b) { return a.cost < b.cost; });
  if (out.entries.empty() || !std::isfinite(out.entries.front().cost)) return out;
  out.factor = out.low = out.high = unreached;
  out.level = 1;
  out.lead = Lead::only;
  if (out.entries.size() == 1) return out;
  const Entrant first = out.entries.front();
  const CostsBySeed& own = *of[first.label];
  std::vector<Entrant> as_good, behind;
  out.lead = Lead::first;
  for (std::size_t i = 1; i < out.entries.size(); ++i) {
    const Entrant& other = out.entries[i];
    const auto found = relation(first, other, own, *of[other.label]);
    (found ? as_good : behind).push_back(other);
    if (found) out.lead = std::max(out.lead, *found);
  }
  out.level += as_good.size();
  out.entries = {first};
  out.entries.insert(out.entries.end(), as_good.begin(), as_good.end());
  out.entries.insert(out.entries.end(), behind.begin(), behind.end());
  const Entrant& next = out.entries[behind.empty() ? 1 : out.level];
  out.factor = ratio_of(next.cost, first.cost);
  const Span span = interval_of(own, *of[next.label]);
  out.low = span.low;
  out.high = span.high;
  if (own.size() > 1 && out.lead == Lead::undecided) out.before = chance_of(own, *of[out.entries[1].label]);
  return out;
}

}  // namespace laconic::results
