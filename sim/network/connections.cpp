#include "sim/network/connections.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace laconic::network {

using namespace platforms;

namespace {

constexpr double no_limit = std::numeric_limits<double>::infinity();

// Linux: tcp_cubic.c, tcp_output.c, tcp_bbr.c.
constexpr double hystart_low_window = 16;                     // segments
constexpr double hystart_samples = 8;                         // acknowledgements before delays are judged
constexpr double hystart_least = 4e-3, hystart_most = 16e-3;  // s of delay that mean a full path
constexpr double hystart_spacing = 2e-3;                      // s between the acknowledgements of a train, at most
constexpr double growth = 1.0 / 20;                           // of a window that HyStart has stopped, a round trip
constexpr double least_timeout = 0.2;                         // s
constexpr double startup_gain = 2.885;                        // bbr's: 2 / ln 2
// Fitted: a third of a full send buffer must be free before it is filled again; trains are found where
// acknowledgements come a little slower, too; bbr's first segments leave unpaced; what pacing adds to a cold start.
constexpr double refilled = 2.0 / 3, spacing_found = 1.3, unpaced = 1.65, cold_trips = 0.28;

// Dates that differ by rounding alone must not decide how often a window is halved.
constexpr double above_rounding = 1 + 1e-9;

// A product in which no time is nothing, however fast.
double amount(double seconds, double rate) { return seconds > 0 ? seconds * rate : 0; }

// Flows that share a link fairly, and start so far apart, as a part of what one takes alone, make a round of M messages
// down and up take what it takes where the last `part` of each message leaves in one piece: 2 M - (M - 1) part times
// what one takes, instead of 2 M. Interpolated from the fluid solution.
double spacing(double part, double flows) {
  const double x = std::min(part, 1.0);
  return flows > 1 ? x - 0.9 * (1 - 2 / flows) * x * (1 - x) * (1 - x) : std::floor(x);
}

double segments_in(double bytes, const ConnectionRules& rules) {
  return std::max(1.0, std::ceil(bytes / rules.segment()));
}

}  // namespace

// A connection.

Connection::Departure Connection::send(const ConnectionRules& rules, const Way& way, double bytes, double date) {
  const double n = segments_in(bytes, rules), segment = rules.segment();
  const double trip = 2 * way.latency + (segment + rules.header) / way.rate;
  rest(rules, trip, date);
  Departure out{0, n};
  double window = window_;
  bool waited = false;
  for (double left = n;; waited = true) {
    window = window_;
    out.last_flight = std::min(window, left);
    acknowledge(rules, way, trip, out.last_flight, waited);
    if (window >= left) break;
    // From a full send buffer, all flights but the last are alike.
    const bool full = window >= rules.most_window();
    const double alike = full ? std::max(1.0, std::ceil(left / window) - 1) : 1;
    out.wait += alike * std::max(0.0, trip - (full ? refilled : 1) * window * segment / way.share);
    left -= alike * window;
  }
  queued_ = std::min({window_, n, rules.burst}) * segment / way.share;
  if (rules.congestion == Congestion::bbr) {
    if (waited && fresh_)
      out.wait += std::max(0.0, (cold_trips + out.last_flight / (startup_gain * window / 2)) * trip -
                                    out.last_flight * segment / way.rate);
    else if (!waited && !fresh_)
      pace(rules, way, trip, n, out);
    delivered_ = std::max(delivered_, n / (1 + 1 / (startup_gain - 1)));
  }
  fresh_ = false;
  return out;
}

// Linux halves a window once for each timeout, and lets it double again up to three quarters of what it was.
void Connection::rest(const ConnectionRules& rules, double trip, double date) {
  const double idle = (date - last_sent_) * above_rounding, timeout = least_timeout + std::max(trip, queued_);
  if (fresh_ || rules.congestion == Congestion::bbr || idle <= timeout) return;
  threshold_ = threshold_ < endless ? std::max(threshold_, 0.75 * window_) : window_;
  for (double times = std::floor(idle / timeout); times >= 1 && window_ > rules.first_window(); --times)
    window_ = std::max(rules.first_window(), window_ / 2);
}

// A window grows where it holds a message up, in slow start also where a flight fills more than half of it.
void Connection::acknowledge(const ConnectionRules& rules, const Way& way, double trip, double flight, bool limited) {
  if (window_ < threshold_) {
    double grown = std::min(window_ < 2 * flight ? window_ + flight : window_, threshold_);
    if (threshold_ == endless && window_ >= hystart_low_window)
      if (const double most = window_ + room(rules, way, trip, flight); most < endless)
        threshold_ = grown = std::min(grown, most);
    window_ = grown;
  } else if (rules.congestion == Congestion::cubic && (limited || flight >= window_)) {
    window_ += growth * flight;
  }
  window_ = std::min(window_, rules.most_window());
}

// HyStart: how many segments more the window takes until this flight's acknowledgements show that the path is full;
// endless: they do not. Either the queue has grown since the flight before, at half the window, or their train is as
// long as half a round trip. Where flights of many meet, each finds the others' before its own; half of the others on
// average.
double Connection::room(const ConnectionRules& rules, const Way& way, double trip, double flight) const {
  const double segment = rules.segment(), before = std::min(window_ / 2, rules.burst);
  const double on_way = amount(trip, way.share) / segment;  // segments that fill the path
  const double met = (way.sharers - 1) / 2 * (before - rules.initial_window);
  const double queue =
      way.share < way.rate ? std::max(met, way.sharers * before - way.sharers * on_way) / way.sharers : before - on_way;
  const double delay = queue * segment / way.share;
  if (delay > std::clamp(trip / 8, hystart_least, hystart_most) && flight >= hystart_samples) return hystart_samples;
  if (2 * segment / way.share <= spacing_found * hystart_spacing && flight >= on_way / 2 && on_way > 0)
    return on_way / 2;
  return endless;
}

// bbr paces at 2.885 times the rate at which it has seen segments delivered, and does not leave this state while
// messages are too short to fill the path: a message of n segments takes 1 / 1.885 of a round trip.
void Connection::pace(const ConnectionRules& rules, const Way& way, double trip, double n, Departure& out) const {
  if (n * rules.segment() >= amount(trip, way.rate)) return;
  const double seconds =
      std::max(0.0, n - unpaced) / (startup_gain * std::max(rules.initial_window, delivered_)) * trip;
  const double alone = n * rules.segment() / way.share;
  out.wait += std::max(0.0, seconds - alone);
  // Paced flights mix on their way.
  if (way.sharers > 1 && seconds > 0) out.last_flight *= alone > 0 ? std::max(0.0, 1 - 2 * seconds / alone) : 0;
}

// The ways.

Ways ways_of(const Survey& survey, const std::vector<Survey::Path>& paths) {
  Ways out;
  std::vector<std::size_t> users(survey.links.size());
  for (const auto& path : paths)
    for (const auto link : path.links) ++users[link];
  for (const auto& link : survey.links)
    out.rates.push_back(link.sharing == Survey::Link::wifi ? Ways::air : link.bandwidth);
  for (std::size_t i = 0; i < users.size(); ++i)
    if (paths.size() > 1 && users[i] == paths.size() && survey.links[i].sharing == Survey::Link::shared)
      out.common = std::min(out.common, survey.links[i].bandwidth);
  for (const auto& path : paths) {
    Ways::Path& way = out.paths.emplace_back(Ways::Path{path.latency, path.bandwidth, 0, {}});
    double narrowest = 0;
    for (const auto i : path.links) {
      const auto& link = survey.links[i];
      if (link.sharing != Survey::Link::unlimited && users[i] > 1) way.shared.push_back(i);
      if (link.sharing == Survey::Link::wifi) continue;
      way.other_hops += std::min(narrowest, 1 / link.bandwidth);
      narrowest = std::max(narrowest, 1 / link.bandwidth);
    }
  }
  return out;
}

// The connections of a server.

Connections::Connections(const ConnectionRules& rules, const Ways& ways)
    : rules_(rules),
      ways_(ways),
      connections_(ways.paths.size(), Connection(rules)),
      users_(ways.rates.size()),
      expected_(ways.paths.size(), Way{0, 0, 0}) {}

void Connections::broadcast(std::span<const Message> messages, double date, std::span<double> waits) {
  meet(messages);
  departures_.clear();
  for (std::size_t i = 0; i < messages.size(); ++i)
    departures_.push_back(connections_[static_cast<std::size_t>(messages[i].worker)].send(
        rules_, shared(messages[i], seconds_[i]), messages[i].bytes, date));
  order_.resize(messages.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::stable_sort(order_.begin(), order_.end(),
                   [&](auto a, auto b) { return departures_[a].wait < departures_[b].wait; });
  double free = 0;
  for (const std::size_t i : order_) {
    const auto& [wait, last_flight] = departures_[i];
    const double leaves = std::max(wait, free), part = std::min(last_flight, rules_.burst);
    free = leaves + spacing(part / segments_in(messages[i].bytes, rules_), static_cast<double>(messages.size())) *
                        messages[i].bytes / ways_.common;
    waits[i] = leaves + passed_on(messages[i]);
  }
}

void Connections::expect(std::span<const Message> messages) {
  meet(messages);
  for (std::size_t i = 0; i < messages.size(); ++i)
    expected_[static_cast<std::size_t>(messages[i].worker)] = shared(messages[i], seconds_[i]);
}

double Connections::send(const Message& message, double date) {
  const auto m = static_cast<std::size_t>(message.worker);
  const Way way = expected_[m].rate > 0 ? expected_[m] : alone(message.worker);
  expected_[m].rate = 0;
  return connections_[m].send(rules_, way, message.bytes, date).wait + passed_on(message);
}

void Connections::arrived(int worker, double date) {
  const auto m = static_cast<std::size_t>(worker);
  connections_[m].sent(date - ways_.paths[m].latency);
}

Way Connections::alone(int worker) const {
  const Ways::Path& path = ways_.paths[static_cast<std::size_t>(worker)];
  return {path.latency, path.rate, path.rate};
}

// A message that flows with others has its fair share of each link, for as long as each of the others flows.
Way Connections::shared(const Message& message, double seconds) const {
  Way out = alone(message.worker);
  for (const auto link : ways_.paths[static_cast<std::size_t>(message.worker)].shared) {
    const double many = sharers(link, seconds);
    const double rate = ways_.rates[link] == Ways::air ? out.rate : ways_.rates[link];
    if (rate / many < out.share) out.share = rate / many, out.sharers = many;
  }
  return out;
}

double Connections::sharers(std::size_t link, double seconds) const {
  const auto& [all, sums] = users_[link];
  const auto longer = std::lower_bound(all.begin(), all.end(), seconds);
  const auto shorter = static_cast<std::size_t>(longer - all.begin());
  const double parts = shorter > 0 ? sums[shorter - 1] / seconds : 0;
  return parts + static_cast<double>(all.size() - shorter);
}

// Notes how long each message would take alone, and who uses which link.
void Connections::meet(std::span<const Message> messages) {
  for (auto& users : users_) users.seconds.clear();
  seconds_.clear();
  for (const Message& message : messages) {
    const auto m = static_cast<std::size_t>(message.worker);
    const Way way = alone(message.worker);
    Connection trial = connections_[m];
    seconds_.push_back(trial.send(rules_, way, message.bytes, -no_limit).wait + message.bytes / way.rate);
    for (const auto link : ways_.paths[m].shared) users_[link].seconds.push_back(seconds_.back());
  }
  for (auto& [seconds, sums] : users_) {
    std::sort(seconds.begin(), seconds.end());
    sums.resize(seconds.size());
    std::partial_sum(seconds.begin(), seconds.end(), sums.begin());
  }
}

double Connections::passed_on(const Message& message) const {
  if (!rules_.store_and_forward) return 0;
  return std::min(message.bytes, rules_.segment()) * ways_.paths[static_cast<std::size_t>(message.worker)].other_hops;
}

}  // namespace laconic::network
