#include "sim/results/over_seeds.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace laconic::results {

namespace {

double median_of(std::vector<double> values, bool upper) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  const double low = values[(n - 1) / 2], high = values[n / 2];
  if (std::isfinite(low) && std::isfinite(high)) return low + (high - low) / 2;
  return upper ? high : low;
}

}  // namespace

Known median(const std::vector<Known>& values) {
  std::vector<double> lows, highs;
  for (const Known& value : values) {
    lows.push_back(value.low);
    highs.push_back(value.high);
  }
  return {median_of(std::move(lows), false), median_of(std::move(highs), true)};
}

Known range_of(const std::vector<Known>& values) {
  Known out = values.front();
  for (const Known& value : values) out = {std::min(out.low, value.low), std::max(out.high, value.high)};
  return out;
}

Known bootstrap_interval(std::size_t n, double confidence,
                         const std::function<Known(const std::vector<std::size_t>& drawn)>& statistic) {
  constexpr std::size_t resamples = 2000;
  std::vector<double> lows, highs;
  std::vector<std::size_t> drawn(n);
  std::mt19937_64 random(n);  // its numbers, unlike those of the standard's distributions, are the same everywhere
  for (std::size_t r = 0; r < resamples; ++r) {
    for (std::size_t& place : drawn) place = random() % n;
    const Known found = statistic(drawn);
    lows.push_back(found.low);
    highs.push_back(found.high);
  }
  std::sort(lows.begin(), lows.end());
  std::sort(highs.begin(), highs.end());
  const auto tail = static_cast<std::size_t>((1 - confidence) / 2 * resamples);
  return {lows[tail], highs[resamples - 1 - tail]};
}

Known interval_of_median(const std::vector<Known>& values, double confidence) {
  std::vector<Known> resampled(values.size());
  return bootstrap_interval(values.size(), confidence, [&](const std::vector<std::size_t>& drawn) {
    for (std::size_t i = 0; i < drawn.size(); ++i) resampled[i] = values[drawn[i]];
    return median(resampled);
  });
}

}  // namespace laconic::results
