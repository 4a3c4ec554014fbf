#include "sim/calibrate/predict.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/calibrate/bursts.hpp"
#include "sim/calibrate/robust_fit.hpp"

namespace laconic::calibrate {
namespace {

double bytes_of(const FittedPlatform& platform, const Activity& a) {
  return a.bits ? std::ceil(static_cast<double>(*a.bits) / 8) + platform.header : a.bytes;
}

double seconds_of(const FittedPlatform& platform, const Activity& a) {
  if (a.from == the_server) return a.flops / platform.server_speed;
  return platform.speed.empty() ? 0 : a.flops / platform.speed[static_cast<std::size_t>(a.from)];
}

// A round that is played again.
class Round {
 public:
  Round(const FittedPlatform& platform, const std::vector<const Activity*>& activities)
      : platform_(platform), activities_(activities), flows_(platform.star) {
    const std::size_t n = activities.size();
    followers_.resize(n);
    waits_for_.assign(n, 0);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        if (i != j && activities[j]->to == activities[i]->from && activities[j]->end <= activities[i]->start &&
            activities[j]->start < activities[i]->end) {
          followers_[j].push_back(i);
          ++waits_for_[i];
        }
  }

  double play() {
    for (std::size_t i = 0; i < activities_.size(); ++i)
      if (waits_for_[i] == 0) begin(i, 0);
    std::vector<std::size_t> arrived;
    double last = 0;
    for (;;) {
      const double date = std::min(flows_.next(), computing_.empty() ? never : computing_.begin()->first);
      if (date == never) return last;
      last = date;
      arrived.clear();
      flows_.advance(date, arrived);
      std::vector<std::size_t> over;
      for (const auto number : arrived) over.push_back(sent_[number]);
      while (!computing_.empty() && computing_.begin()->first <= date) {
        over.push_back(computing_.begin()->second);
        computing_.erase(computing_.begin());
      }
      for (const auto i : over)
        for (const auto next : followers_[i])
          if (--waits_for_[next] == 0) begin(next, date);
    }
  }

 private:
  void begin(std::size_t i, double date) {
    const Activity& a = *activities_[i];
    if (a.message) {
      sent_.push_back(i);
      flows_.send({a.from, a.to, date, bytes_of(platform_, a)});
    } else {
      computing_.emplace(date + seconds_of(platform_, a), i);
    }
  }

  const FittedPlatform& platform_;
  const std::vector<const Activity*>& activities_;
  StarFlows flows_;
  std::vector<std::vector<std::size_t>> followers_;
  std::vector<std::size_t> waits_for_, sent_;
  std::multimap<double, std::size_t> computing_;
};

using Rounds = std::map<std::uint64_t, std::vector<const Activity*>>;

std::pair<double, double> span_of(const std::vector<const Activity*>& activities) {
  double first = never, last = -never;
  for (const Activity* a : activities) {
    first = std::min(first, a->start);
    last = std::max(last, a->end);
  }
  return {first, last};
}

// Whether a round begins when the one before is over, but for one in twenty.
bool one_after_the_other(const Rounds& rounds, double clock_uncertainty) {
  std::size_t overlaps = 0;
  double before = -never;
  for (const auto& [number, activities] : rounds) {
    const auto [first, last] = span_of(activities);
    if (first < before - clock_uncertainty) ++overlaps;
    before = last;
  }
  return 20 * overlaps <= rounds.size();
}

void tell(HeldOutError& out, const std::vector<double>& errors) {
  std::vector<double> magnitudes;
  for (const double x : errors) magnitudes.push_back(std::abs(x));
  out.count = errors.size();
  if (errors.empty()) return;
  out.median = quantile(magnitudes, 0.5);
  out.shift = quantile(errors, 0.5);
  out.worst = quantile(magnitudes, 1);
}

// Messages with those that they met, and computations, each by itself.
std::vector<double> errors_apart(const FittedPlatform& platform, const DeployedRun& deployed, std::size_t run,
                                 const std::function<bool(std::uint64_t)>& held_out) {
  std::vector<double> errors;
  std::vector<double> ends;
  const auto add = [&](double predicted, double measured) {
    if (measured > 0) errors.push_back(predicted / measured - 1);
  };
  for (Burst& burst : bursts_of(deployed, [run](const Activity& a) { return a.run == run; })) {
    ends.resize(burst.ends.size());
    for (std::size_t i = 0; i < ends.size(); ++i)
      burst.messages[i].bytes = bytes_of(platform, deployed.activities[burst.activities[i]]);
    carry(platform.star, burst.messages, ends);
    for (std::size_t i = 0; i < ends.size(); ++i)
      if (held_out(deployed.activities[burst.activities[i]].round))
        add(ends[i] - burst.messages[i].start, burst.ends[i] - burst.messages[i].start);
  }
  for (const Activity& a : deployed.activities)
    if (!a.message && a.run == run && a.flops > 0 && held_out(a.round)) add(seconds_of(platform, a), a.seconds());
  return errors;
}

}  // namespace

double predict_round(const FittedPlatform& platform, const std::vector<const Activity*>& activities) {
  return Round(platform, activities).play();
}

std::vector<HeldOutError> held_out_errors(const FittedPlatform& platform, const DeployedRun& deployed,
                                          const std::function<bool(std::uint64_t)>& held_out) {
  std::vector<HeldOutError> out;
  for (std::size_t run = 0; run < deployed.runs.size(); ++run) {
    Rounds rounds;
    for (const Activity& a : deployed.activities)
      if (a.run == run) rounds[a.round].push_back(&a);
    HeldOutError& own = out.emplace_back();
    own.algorithm = deployed.runs[run].algorithm;
    own.rounds = one_after_the_other(rounds, deployed.clock_uncertainty);
    std::vector<double> errors;
    if (own.rounds) {
      for (const auto& [number, activities] : rounds) {
        const auto [first, last] = span_of(activities);
        if (held_out(number) && last > first)
          errors.push_back(predict_round(platform, activities) / (last - first) - 1);
      }
    } else {
      errors = errors_apart(platform, deployed, run, held_out);
    }
    tell(own, errors);
  }
  return out;
}

}  // namespace laconic::calibrate
