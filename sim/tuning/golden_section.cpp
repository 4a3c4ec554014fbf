#include "sim/tuning/golden_section.hpp"

#include <algorithm>
#include <cmath>

namespace laconic::tuning {

using namespace scenario;

using nlohmann::json;

namespace {

double logarithm(const json& value) { return std::log(value.get<double>()); }

}  // namespace

GoldenSection::GoldenSection(const TunedEntry& entry, const std::vector<Trial>& trials) {
  const Trial& best = trials[best_of(trials)];
  for (std::size_t i = 0; i < entry.parameters.size(); ++i) {
    if (!entry.parameters[i].continuous) continue;
    const double x = logarithm(best.values[i]);
    Bracket bracket{i, -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
    for (const Trial& trial : trials) {
      const double other = logarithm(trial.values[i]);
      if (other < x) bracket.low = std::max(bracket.low, other);
      if (other > x) bracket.high = std::min(bracket.high, other);
    }
    if (!std::isfinite(bracket.low)) bracket.low = x;  // the best is the least that was tried
    if (!std::isfinite(bracket.high)) bracket.high = x;
    if (bracket.low < bracket.high) brackets_.push_back(bracket);
  }
}

std::optional<std::vector<json>> GoldenSection::propose(const std::vector<Trial>& trials) {
  constexpr double share = 0.3819660112501051;  // (3 - sqrt 5) / 2
  const Trial& best = trials[best_of(trials)];
  for (std::size_t turn = 0; turn < brackets_.size(); ++turn, ++next_) {
    const Bracket& bracket = brackets_[next_ % brackets_.size()];
    at_ = logarithm(best.values[bracket.parameter]);
    tried_ =
        bracket.high - at_ > at_ - bracket.low ? at_ + share * (bracket.high - at_) : at_ - share * (at_ - bracket.low);
    std::vector<json> values = best.values;
    values[bracket.parameter] = four_digits(std::exp(tried_));
    if (std::none_of(trials.begin(), trials.end(), [&](const Trial& trial) { return trial.values == values; }))
      return values;
  }
  return {};
}

void GoldenSection::learn(const std::vector<Trial>& trials) {
  Bracket& bracket = brackets_[next_++ % brackets_.size()];
  const bool better = best_of(trials) + 1 == trials.size();
  (better == (tried_ > at_) ? bracket.low : bracket.high) = better ? at_ : tried_;
}

}  // namespace laconic::tuning
