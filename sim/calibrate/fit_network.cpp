#include "sim/calibrate/fit_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "algorithms/base/error.hpp"
#include "algorithms/base/human_units.hpp"
#include "algorithms/base/random.hpp"

namespace laconic::calibrate {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double unlimited = std::numeric_limits<double>::infinity();
constexpr std::size_t enough = 600, enough_apart = 150;  // bursts, where each worker has parameters of its own
constexpr int most_apart = 32;                           // workers
constexpr double alike = 1.1;                            // what differs by less is alike
constexpr double rounding = 1e-9;                        // of residuals that would be 0
constexpr double one_size = 1.2;

// What data leave open does not run away, to where no platform may be.
constexpr double least_latency = 1e-8;  // s

Estimate kept(Estimate x, bool is_bandwidth) {
  for (double* value : {&x.value, &x.low, &x.high})
    *value = is_bandwidth ? std::min(*value, most_bandwidth) : std::max(*value, least_latency);
  return x;
}

// Which logarithms are fitted: of latencies, of a worker's seconds per byte, of the server's.
struct Layout {
  int latencies = 1, own = 1;  // 0: latency is known, or a worker's link is never the narrowest; 1: alike; M
  bool server = true;
  double latency = 0;  // s, where it is known

  Index size() const { return latencies + own + (server ? 1 : 0); }
  FittedStar star(const VectorXd& at, int workers) const {
    FittedStar out;
    for (int m = 0; m < workers; ++m) {
      out.latency.push_back(latencies == 0 ? latency
                                           : std::max(least_latency, std::exp(at[std::min(m, latencies - 1)])));
      out.bandwidth.push_back(own == 0 ? unlimited
                                       : std::min(most_bandwidth, std::exp(-at[latencies + std::min(m, own - 1)])));
    }
    if (server) out.server_bandwidth = std::min(most_bandwidth, std::exp(-at[latencies + own]));
    return out;
  }
};

// A fit of one model, and of what.
struct Found {
  Layout layout;
  bool one_by_one = false;
  RobustFit fit;
};

// How many times as large the simpler model's loss must be for the other to be taken: the Bayesian criterion of least
// absolute deviations, three times as strict, for messages of a round are akin.
double worth(const Found& other, const Found& simpler) {
  const auto n = static_cast<double>(other.fit.residuals.size());
  return std::exp(1.5 * static_cast<double>(std::max<Index>(1, other.layout.size() - simpler.layout.size())) *
                  std::log(n) / n);
}

class Fitter {
 public:
  Fitter(std::vector<Burst> bursts, int workers) : bursts_(std::move(bursts)), workers_(workers) {
    for (const Burst& burst : bursts_)
      for (const Sending& message : burst.messages) {
        peers_ = peers_ || (message.from != the_server && message.to != the_server);
        served_ = served_ || message.from == the_server || message.to == the_server;
      }
    guess();
  }

  const std::vector<Burst>& bursts() const { return bursts_; }
  bool served() const { return served_; }
  bool meet() const {
    return std::any_of(bursts_.begin(), bursts_.end(), [](const Burst& burst) { return burst.ends.size() > 1; });
  }

  VectorXd residuals(const Layout& layout, bool one_by_one, const VectorXd& at) const {
    const FittedStar star = layout.star(at, workers_);
    std::vector<double> out, ends;
    for (const Burst& burst : bursts_) {
      ends.resize(burst.ends.size());
      carry(star, burst.messages, ends);
      if (one_by_one) {
        const double measured = *std::max_element(burst.ends.begin(), burst.ends.end());
        // Once for each message, so that a burst weighs as much as if they were compared one by one.
        if (measured > 0)
          out.insert(out.end(), ends.size(), std::log(*std::max_element(ends.begin(), ends.end()) / measured));
        continue;
      }
      for (std::size_t i = 0; i < ends.size(); ++i) {
        const double start = burst.messages[i].start, measured = burst.ends[i] - start;
        if (measured > 0) out.push_back(std::log((ends[i] - start) / measured));
      }
    }
    return Eigen::Map<const VectorXd>(out.data(), static_cast<Index>(out.size()));
  }

  // The round of each residual, numbered from 0 without gaps, and the worker that sent or received it.
  std::vector<std::size_t> blocks(bool one_by_one) const {
    std::vector<std::size_t> out, known;
    for (const Burst& burst : bursts_) {
      const auto number = static_cast<std::size_t>(std::find(known.begin(), known.end(), burst.block) - known.begin());
      if (number == known.size()) known.push_back(burst.block);
      if (one_by_one) {
        if (*std::max_element(burst.ends.begin(), burst.ends.end()) > 0)
          out.insert(out.end(), burst.ends.size(), number);
        continue;
      }
      for (std::size_t i = 0; i < burst.ends.size(); ++i)
        if (burst.ends[i] > burst.messages[i].start) out.push_back(number);
    }
    return out;
  }

  // The simplest of the models that explain the messages as well as any does.
  Found choose(int latencies, int own, double latency) const {
    Found each = best(latencies, own, latency, false);
    if (!meet()) return each;
    const Found last = best(latencies, own, latency, true);
    constexpr double as_good = 1.5;
    return each.fit.loss <= as_good * last.fit.loss + rounding ? each : last;
  }

  // That of those in which messages that meet are compared so.
  Found best(int latencies, int own, double latency, bool one_by_one) const {
    Found links = fit({latencies, own, false, latency}, one_by_one, per_byte_, 0);
    if (!served_) return links;
    std::vector<Found> simple{links};
    const double own_found = std::exp(links.fit.parameters[latencies]);
    double server_found = own_found / meeting_;
    if (!peers_) {
      simple.push_back(fit({latencies, 0, true, latency}, one_by_one, 0, per_byte_ / meeting_));
      server_found = std::exp(simple.back().fit.parameters[latencies]);
    }
    std::optional<Found> both;
    for (const auto& [a, b] : {std::pair(own_found, server_found), std::pair(own_found, own_found / 2),
                               std::pair(2 * server_found, server_found)}) {
      Found next = fit({latencies, own, true, latency}, one_by_one, a, b);
      if (!both || next.fit.loss < both->fit.loss) both = std::move(next);
    }
    for (auto& one : simple)
      if (one.fit.loss <= worth(*both, one) * both->fit.loss + rounding) return one;
    return *both;
  }

 private:
  void guess() {
    std::vector<double> times, sizes;
    for (const Burst& burst : bursts_)
      for (std::size_t i = 0; i < burst.ends.size(); ++i) {
        const double seconds = burst.ends[i] - burst.messages[i].start;
        if (seconds <= 0) continue;
        times.push_back(seconds);
        sizes.push_back(burst.messages[i].bytes);
      }
    latency_ = quantile(times, 0.05) / (peers_ ? 4 : 2);
    const double large = quantile(sizes, 0.8);
    std::vector<double> slopes;
    for (std::size_t i = 0; i < times.size(); ++i)
      if (sizes[i] >= large) slopes.push_back(times[i] / std::max(1.0, sizes[i]) / 2);
    per_byte_ = quantile(slopes, 0.5);
    for (const Burst& burst : bursts_) meeting_ = std::max(meeting_, static_cast<double>(burst.ends.size()));
  }

  Found fit(const Layout& layout, bool one_by_one, double own, double server) const {
    VectorXd start(layout.size());
    start.head(layout.latencies).setConstant(std::log(latency_));
    start.segment(layout.latencies, layout.own).setConstant(std::log(own));
    if (layout.server) start[layout.latencies + layout.own] = std::log(server);
    return {layout, one_by_one,
            robust_fit([&](const VectorXd& at) { return residuals(layout, one_by_one, at); }, start)};
  }

  std::vector<Burst> bursts_;
  int workers_;
  bool peers_ = false, served_ = false;
  double latency_ = 0, per_byte_ = 0, meeting_ = 1;
};

// So many of them, drawn at random.
std::vector<Burst> some_of(std::vector<Burst> bursts, std::size_t count) {
  Rng rng(1, Purpose::noise, 1);
  for (std::size_t i = 0; i + 1 < bursts.size() && i < count; ++i)
    std::swap(bursts[i], bursts[i + rng.below(bursts.size() - i)]);
  if (bursts.size() > count) bursts.resize(count);
  return bursts;
}

Estimate inverted(const Estimate& x) { return {1 / x.value, 1 / x.high, 1 / x.low}; }

std::vector<Estimate> estimates(const Found& found, const MatrixXd& resampled, Index from, int count, bool inverse) {
  std::vector<Estimate> out;
  for (Index i = from; i < from + count; ++i) {
    const Estimate x = exponential(found.fit, resampled, i);
    out.push_back(kept(inverse ? inverted(x) : x, inverse));
  }
  return out;
}

// Whether messages, or what was on a link at one time, differ enough in size that latency and bandwidth part.
bool sizes_differ(const std::vector<Burst>& bursts, bool of_bursts) {
  std::vector<double> sizes;
  for (const Burst& burst : bursts) {
    double sum = 0;
    for (const Sending& message : burst.messages) {
      sum += message.bytes;
      if (!of_bursts) sizes.push_back(message.bytes);
    }
    if (of_bursts) sizes.push_back(sum);
  }
  return quantile(sizes, 0.99) >= one_size * std::max(1.0, quantile(sizes, 0.01));
}

NetworkFit told(const Found& found, const Fitter& fitter, int workers) {
  const MatrixXd resampled = bootstrap(found.fit, fitter.blocks(found.one_by_one), resamples);
  const Layout& layout = found.layout;
  NetworkFit out;
  out.latency = layout.latencies > 0 ? estimates(found, resampled, 0, layout.latencies, false)
                                     : std::vector<Estimate>{{layout.latency, layout.latency, layout.latency}};
  out.bandwidth = estimates(found, resampled, layout.latencies, layout.own, true);
  out.own_told = layout.own > 0;
  out.server_told = layout.server;
  if (layout.server) out.server_bandwidth = estimates(found, resampled, layout.latencies + layout.own, 1, true)[0];
  if (!out.own_told) out.bandwidth = {out.server_bandwidth};
  if (!out.server_told) {
    double sum = 0;
    for (int m = 0; m < workers; ++m)
      sum += out.bandwidth[std::min(static_cast<std::size_t>(m), out.bandwidth.size() - 1)].value;
    out.server_bandwidth = {sum, sum, sum};
  }
  out.one_by_one = found.one_by_one;
  out.scale = found.fit.scale;
  for (const Burst& burst : fitter.bursts()) {
    out.messages += burst.ends.size();
    if (burst.ends.size() > 1) out.met += burst.ends.size();
  }
  return out;
}

// A cheap look at whether workers might differ: the medians of their residuals, those of short messages and of long
// ones. Where messages are served one after another, this sees the order, too.
bool seem_to_differ(const Fitter& fitter, const Found& found, int workers) {
  const VectorXd residuals = fitter.residuals(found.layout, false, found.fit.parameters);
  std::vector<double> sizes;
  for (const Burst& burst : fitter.bursts())
    for (const Sending& message : burst.messages) sizes.push_back(message.bytes);
  const double middle = quantile(sizes, 0.5);
  std::vector<std::vector<double>> own(2 * static_cast<std::size_t>(workers));
  Index row = 0;
  for (const Burst& burst : fitter.bursts())
    for (std::size_t i = 0; i < burst.ends.size(); ++i) {
      const Sending& message = burst.messages[i];
      if (burst.ends[i] <= message.start) continue;
      for (const int host : {message.from, message.to})
        if (host != the_server)
          own[2 * static_cast<std::size_t>(host) + (message.bytes > middle ? 1 : 0)].push_back(residuals[row]);
      ++row;
    }
  constexpr std::size_t few = 5;
  return std::any_of(own.begin(), own.end(), [&](const std::vector<double>& x) {
    return x.size() >= few && std::abs(quantile(x, 0.5)) > std::log(alike) / 2;
  });
}

}  // namespace

FittedStar NetworkFit::star(int workers) const {
  FittedStar out;
  out.server_bandwidth = server_bandwidth.value;
  for (std::size_t m = 0; m < static_cast<std::size_t>(workers); ++m) {
    out.latency.push_back(latency[std::min(m, latency.size() - 1)].value);
    out.bandwidth.push_back(bandwidth[std::min(m, bandwidth.size() - 1)].value);
  }
  return out;
}

bool differ(std::span<const Estimate> own) {
  std::vector<double> values;
  for (const Estimate& x : own) values.push_back(x.value);
  const double common = quantile(values, 0.5);
  return std::any_of(own.begin(), own.end(), [&](const Estimate& x) {
    return std::abs(std::log(x.value / common)) > std::log(alike) && (common < x.low || common > x.high);
  });
}

NetworkFit fit_network(std::vector<Burst> bursts, int workers, std::optional<double> latency,
                       const std::string& where) {
  std::erase_if(bursts,
                [](const Burst& burst) { return *std::max_element(burst.ends.begin(), burst.ends.end()) <= 0; });
  if (bursts.empty())
    throw InputError(fmt::format("{}: no message took any time: expected messages to fit a network to", where));
  const Fitter fitter(some_of(bursts, enough), workers);
  const int latencies = latency ? 0 : 1;
  Found found = fitter.choose(latencies, 1, latency.value_or(0));
  if (!latency && !sizes_differ(bursts, false) && !(found.layout.server && sizes_differ(bursts, true)))
    throw InputError(
        fmt::format("{}: all messages have about {}: latency and bandwidth cannot be told apart: deploy an entry with "
                    "messages of another size, too, such as one with a compressor, or give --latency",
                    where, human(bursts.front().messages.front().bytes, "B")));
  NetworkFit out = told(found, fitter, workers);
  if (workers < 2 || !seem_to_differ(fitter, found, workers)) return out;
  if (workers > most_apart) {
    out.remarks.push_back(
        fmt::format("workers differ, and {} are too many to fit each by itself (at most {})", workers, most_apart));
    return out;
  }
  const Fitter apart(some_of(bursts, enough_apart), workers);
  const int each = latency ? 0 : workers;
  const Found each_own = apart.choose(each, workers, latency.value_or(0));
  const Found in_common = apart.best(latencies, 1, latency.value_or(0), each_own.one_by_one);
  if (in_common.fit.loss <= worth(each_own, in_common) * each_own.fit.loss + rounding) return out;
  const NetworkFit own = told(each_own, apart, workers);
  const bool latencies_differ = !latency && differ(own.latency);
  const bool bandwidths_differ = own.own_told && out.own_told && differ(own.bandwidth);
  if (!latencies_differ && !bandwidths_differ) return out;
  found = apart.choose(latencies_differ ? workers : latencies, bandwidths_differ ? workers : 1, latency.value_or(0));
  NetworkFit last = told(found, apart, workers);
  return found.fit.loss < in_common.fit.loss && (differ(last.latency) || differ(last.bandwidth)) ? last : out;
}

}  // namespace laconic::calibrate
