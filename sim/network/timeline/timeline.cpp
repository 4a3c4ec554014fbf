#include "sim/network/timeline/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>

#include "algorithms/base/error.hpp"
#include "algorithms/base/json_text.hpp"
#include "platforms/simgrid/versions.hpp"
#include "sim/network/simulated/stretch.hpp"

namespace laconic::network {

using namespace platforms;

namespace {

constexpr std::size_t most_links = 4096;  // to look at more at every event would take longer than to simulate
constexpr double end_of_time = 9e9;       // s: beyond, nanoseconds would not fit 64 bits

std::int64_t nanoseconds(double seconds) { return std::llround(seconds * 1e9); }

// The format counts in microseconds.
std::string micro(std::int64_t ns) { return fmt::format("{}.{:03}", ns / 1000, ns % 1000); }

// A moment as text. Perfetto reads a double and cuts it to nanoseconds: where that would make it one too early, so that
// what begins then would overlap what ends then, a tenth of one is added.
std::string moment(std::int64_t ns) {
  std::string out = micro(ns);
  if (static_cast<std::int64_t>(std::strtod(out.c_str(), nullptr) * 1000.0) < ns) out += '1';
  return out;
}

std::string quoted(const std::string& text) { return json_text(nlohmann::json(text)); }

constexpr const char* kinds[] = {"receive", "compute", "send", "lost"};  // the names of Recording::Kind but for off

// The name of a set of kinds, which has a bit for each.
std::string state_name(unsigned state) {
  if (state == 0) return "wait";
  if (state >> static_cast<int>(Recording::Kind::off)) return "off";
  std::string out;
  for (std::size_t i = 0; i < std::size(kinds); ++i)
    if (state >> i & 1) out += (out.empty() ? "" : "+") + std::string(kinds[i]);
  return out;
}

struct Edge {
  std::int64_t at;
  int kind;
  int step;  // +1: something of the kind begins, -1: it ends
};

}  // namespace

Timeline::Timeline(std::FILE* out, const std::string& label, int number, Round first, Round last)
    : out_(out), hosts_process_(2 * number + 1), links_process_(2 * number + 2), first_(first), last_(last) {
  for (const auto& [process, what] : {std::pair{hosts_process_, "hosts"}, {links_process_, "links"}}) {
    event(fmt::format(R"("ph":"M","pid":{},"name":"process_name","args":{{"name":{}}})", process,
                      quoted(label + ": " + what)));
    event(fmt::format(R"("ph":"M","pid":{0},"name":"process_sort_index","args":{{"sort_index":{0}}})", process));
  }
}

void Timeline::event(const std::string& text) {
  if (std::fputs((",\n{" + text + "}").c_str(), out_) < 0)
    throw RunError(fmt::format("cannot write the timeline: {}", std::strerror(errno)));
}

// Perfetto names threads by their numbers alone, whatever their process, and takes 0 for the idle one.
std::int64_t Timeline::thread(int process, std::uint32_t track) { return std::int64_t{1000000} * process + track; }

void Timeline::name_track(int process, std::uint32_t track, const std::string& name) {
  event(fmt::format(R"("ph":"M","pid":{},"tid":{},"name":"thread_name","args":{{"name":{}}})", process,
                    thread(process, track), name));
  event(fmt::format(R"("ph":"M","pid":{},"tid":{},"name":"thread_sort_index","args":{{"sort_index":{}}})", process,
                    thread(process, track), track));
}

std::uint32_t Timeline::host_number(const sg::Host* host) {
  const auto [place, fresh] = hosts_.try_emplace(host, static_cast<std::uint32_t>(hosts_.size()));
  if (fresh) name_track(hosts_process_, place->second, quoted(host->get_name()));
  return place->second;
}

void Timeline::open(sg::Engine& engine, const Deployment& hosts) {
  host_number(hosts.server);
  for (const auto* host : hosts.workers) host_number(host);
  links_ = engine.get_all_links();
  if (links_.size() > most_links) links_.clear();
  std::sort(links_.begin(), links_.end(),
            [](const sg::Link* a, const sg::Link* b) { return a->get_name() < b->get_name(); });
  for (const auto* link : links_) {
    link_names_.push_back(quoted(link->get_name()));
    air_.push_back(sg::is_air(*link));
  }
  now_.resize(links_.size());
  link_tracks_.resize(links_.size());
  sg::Engine::on_time_advance_cb([this](double delta) { use_links(delta); });
}

// Called when time has passed, and before what happens now changes the shares: they are those of the time that passed.
void Timeline::use_links(double delta) {
  if (!recording_on_ || delta <= 0) return;
  const double at = now() - delta / stretch() - start_;
  for (std::size_t i = 0; i < links_.size(); ++i) {
    const double value = sg::load(*links_[i]) * (air_[i] ? 100 : 1e-6);
    if (value == now_[i]) continue;
    recording_.uses.push_back({static_cast<std::uint32_t>(i), at, value});
    now_[i] = value;
  }
}

void Timeline::begin_round(double engine_clock) {
  recording_on_ = true;
  start_ = engine_clock;
  recording_ = {};
}

void Timeline::add(const sg::Host* host, Recording::Kind kind, double from, double to) {
  recording_.spans.push_back({host_number(host), kind, std::max(0.0, from - start_), to - start_});
}

void Timeline::computed(const sg::Host* host, double from, double to, bool lost) {
  if (recording_on_) add(host, lost ? Recording::Kind::lost : Recording::Kind::compute, from, to);
}

void Timeline::carried(const sg::Host* from, const sg::Host* to, double sent, double arrived, bool lost) {
  if (!recording_on_) return;
  add(from, lost ? Recording::Kind::lost : Recording::Kind::send, sent, arrived);
  add(to, lost ? Recording::Kind::lost : Recording::Kind::receive, sent, arrived);
}

void Timeline::off(const sg::Host* host, const sg::Link* link, double from, double to) {
  if (!recording_on_) return;
  if (host) return add(host, Recording::Kind::off, from, to);
  const auto at = std::find(links_.begin(), links_.end(), link);
  if (at == links_.end()) return;  // the platform has too many links to be shown
  recording_.outages.push_back(
      {static_cast<std::uint32_t>(at - links_.begin()), std::max(0.0, from - start_), to - start_});
}

std::shared_ptr<const Recording> Timeline::end_round(double engine_clock) {
  recording_on_ = false;
  recording_.duration = engine_clock - start_;
  for (std::size_t i = 0; i < now_.size(); ++i)
    if (now_[i] != 0) recording_.uses.push_back({static_cast<std::uint32_t>(i), recording_.duration, now_[i] = 0});
  return std::make_shared<Recording>(std::move(recording_));
}

std::shared_ptr<const Recording> Timeline::exchanged(const Recording& recording, const Exchange& exchange) const {
  auto out = std::make_shared<Recording>(recording);
  std::vector<std::uint32_t> host(hosts_.size()), link(links_.size());
  std::iota(host.begin(), host.end(), 0u);
  std::iota(link.begin(), link.end(), 0u);
  for (const auto& [from, to] : exchange.hosts) host[hosts_.at(from)] = hosts_.at(to);
  std::unordered_map<const sg::Link*, std::uint32_t> number;
  for (const auto* each : links_) number.emplace(each, static_cast<std::uint32_t>(number.size()));
  for (const auto& [from, to] : exchange.links)
    if (const auto at = number.find(from); at != number.end()) link[at->second] = number.at(to);
  for (auto& span : out->spans) span.host = host[span.host];
  for (auto& use : out->uses) use.link = link[use.link];
  for (auto& outage : out->outages) outage.link = link[outage.link];
  return out;
}

void Timeline::write_slice(int process, std::uint32_t track, std::int64_t from, std::int64_t to,
                           const std::string& name, Round k) {
  if (to > from)
    event(fmt::format(R"("ph":"X","pid":{},"tid":{},"ts":{},"dur":{},"name":"{}","args":{{"round":{}}})", process,
                      thread(process, track), moment(from), micro(to - from), name, k + 1));
}

void Timeline::write(Round k, double clock, const Recording& recording) {
  if (k + 1 < first_ || k >= last_ || clock + recording.duration > end_of_time) return;
  const std::int64_t begin = nanoseconds(clock), end = nanoseconds(clock + recording.duration);
  std::vector<std::vector<Edge>> edges(hosts_.size());
  for (const auto& span : recording.spans) {
    const int kind = static_cast<int>(span.kind);
    const std::int64_t from = nanoseconds(clock + span.from), to = nanoseconds(clock + span.to);
    edges[span.host].push_back({from, kind, 1});
    edges[span.host].push_back({to, kind, -1});
    if (span.kind == Recording::Kind::lost && span.from == span.to)
      event(fmt::format(R"("ph":"i","s":"t","pid":{},"tid":{},"ts":{},"name":"lost","args":{{"round":{}}})",
                        hosts_process_, thread(hosts_process_, span.host), moment(std::min(from, end)), k + 1));
  }
  for (std::uint32_t host = 0; host < edges.size(); ++host) {
    auto& changes = edges[host];
    std::stable_sort(changes.begin(), changes.end(), [](const Edge& a, const Edge& b) { return a.at < b.at; });
    int busy[std::size(kinds) + 1] = {};
    std::int64_t since = begin;
    unsigned state = 0;
    const auto go_to = [&](std::int64_t at, unsigned next) {
      if (next == state && at < end) return;
      write_slice(hosts_process_, host, since, at, state_name(state), k);
      since = std::max(since, at);
      state = next;
    };
    for (std::size_t i = 0; i < changes.size();) {
      const std::int64_t at = changes[i].at;
      for (; i < changes.size() && changes[i].at == at; ++i) busy[changes[i].kind] += changes[i].step;
      unsigned next = 0;
      for (std::size_t kind = 0; kind < std::size(busy); ++kind) next |= (busy[kind] > 0 ? 1u : 0u) << kind;
      go_to(std::min(at, end), next);
    }
    go_to(end, 0);
  }
  for (const auto& outage : recording.outages) {
    const std::uint32_t track = outage.link;
    if (!link_tracks_[track]) name_track(links_process_, track, link_names_[track]);
    link_tracks_[track] = true;
    write_slice(links_process_, track, nanoseconds(clock + outage.from), nanoseconds(clock + outage.to), "off", k);
  }
  for (const auto& use : recording.uses)
    event(fmt::format(R"("ph":"C","pid":{},"ts":{},"name":{},"args":{{"{}":{:.9g}}})", links_process_,
                      moment(nanoseconds(clock + use.at)), link_names_[use.link],
                      air_[use.link] ? "% of air time" : "MB/s", use.value));
}

}  // namespace laconic::network
