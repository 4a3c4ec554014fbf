#include "sim/network/traffic.hpp"

#include <algorithm>

namespace laconic::network {
namespace {

using Spans = std::vector<std::pair<double, double>>;

// Joins what overlaps, so that spans follow each other.
void join(Spans& spans) {
  std::ranges::sort(spans);
  std::size_t n = 0;
  for (const auto& span : spans) {
    if (n > 0 && span.first <= spans[n - 1].second)
      spans[n - 1].second = std::max(spans[n - 1].second, span.second);
    else
      spans[n++] = span;
  }
  spans.resize(n);
}

double length(const Spans& spans) {
  double out = 0;
  for (const auto& [from, to] : spans) out += to - from;
  return out;
}

double common_length(const Spans& a, const Spans& b) {
  double out = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    out += std::max(0.0, std::min(a[i].second, b[j].second) - std::max(a[i].first, b[j].first));
    a[i].second < b[j].second ? ++i : ++j;
  }
  return out;
}

}  // namespace

rounds::Traffic TrafficWatch::in(double seconds) {
  join(computed_);
  join(carried_);
  return {common_length(computed_, carried_), std::max(0.0, seconds - length(computed_))};
}

}  // namespace laconic::network
