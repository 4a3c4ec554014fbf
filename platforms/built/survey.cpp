#include "platforms/built/survey.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>
#include <xbt/log.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <map>
#include <memory>

#include "algorithms/base/child_process.hpp"
#include "algorithms/base/error.hpp"
#include "platforms/simgrid/versions.hpp"

namespace laconic::platforms {
namespace {

using nlohmann::json;

constexpr unsigned patience = 300;  // s, of which 100000 nodes take about 10

// Finds the reason in what SimGrid wrote before it died: "[0.000000] ./src/file.cpp:1: [root/CRITICAL] the reason".
std::string last_words(std::FILE* file) {
  std::rewind(file);
  std::string text;
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;) text.append(buffer, n);
  const std::string mark = "CRITICAL] ";
  const auto at = text.find(mark);
  if (at == std::string::npos) return {};
  const auto start = at + mark.size();
  std::string reason = text.substr(start, text.find('\n', start) - start);
  if (const auto address = reason.find(" (0x"); address != std::string::npos)
    reason.erase(address, reason.find(')', address) + 1 - address);
  return reason;
}

// A slip in a number of hosts must not take the machine's memory. (Sanitizers reserve more than there is.)
void limit_memory() {
#ifndef LACONIC_THREAD_CONTEXTS
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page <= 0) return;
  const rlim_t most = static_cast<rlim_t>(pages) * static_cast<rlim_t>(page) / 2;
  const rlimit half{most, most};
  setrlimit(RLIMIT_AS, &half);
#endif
}

// What the child does: it answers '+' and what `work` returned, or '-' and what is wrong.
int answer(const std::string& where, const std::function<std::string()>& work, int pipe, std::FILE* words) {
  for (const int signal : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGINT, SIGSEGV, SIGTERM}) ::signal(signal, SIG_DFL);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  limit_memory();
  dup2(fileno(words), STDERR_FILENO);
  alarm(patience);
  std::string out = "+";
  try {
    out += work();
  } catch (const InputError& e) {
    out = std::string("-") + e.what();
  } catch (const std::bad_alloc&) {
    out = fmt::format("-{}: takes more than half of this machine's memory to build", where);
  } catch (const std::exception& e) {
    out = fmt::format("-{}: SimGrid cannot build it: {}", where, e.what());
  }
  return write_all(pipe, out) ? 0 : 1;
}

Survey::Host seen(const sg::Host& host) { return {host.get_name(), host.get_speed(), host.get_core_count()}; }

Survey::Link seen(const sg::Link& link) {
  const auto policy = link.get_sharing_policy();
  return {link.get_name(), link.get_bandwidth(), link.get_latency(),
          policy == sg::Link::SharingPolicy::FATPIPE ? Survey::Link::unlimited
          : policy == sg::Link::SharingPolicy::WIFI  ? Survey::Link::wifi
                                                     : Survey::Link::shared};
}

// Runs in the child process.
Survey look(const BuildPlatform& platform, const NetworkModel& network, const std::string& where) {
  sg::QuietEngine engine(network.settings);
  const Deployment hosts = platform(*engine);
  Survey out;
  out.hosts_in_all = engine->get_host_count();
  out.varies = hosts.varies;
  out.server = seen(*hosts.server);
  std::map<const sg::Link*, std::size_t> known;
  const auto path = [&](const sg::Host* from, const sg::Host* to, std::size_t m) {
    std::vector<sg::Link*> links;
    Survey::Path route;
    try {
      from->route_to(to, links, &route.latency);
    } catch (const std::exception& e) {
      throw InputError(fmt::format("{}: no way from {} to {}: {}", where, from->get_name(), to->get_name(), e.what()));
    }
    // SimGrid answers with no link, too, where no route was declared.
    if (links.empty() && route.latency <= 0)
      throw InputError(
          fmt::format("{}: no way from {} to {}: no link lies between them", where, from->get_name(), to->get_name()));
    route.bandwidth = std::numeric_limits<double>::infinity();
    for (const sg::Link* link : links) {
      const auto [at, is_new] = known.try_emplace(link, out.links.size());
      if (is_new) out.links.push_back(seen(*link));
      route.links.push_back(at->second);
      const bool air = out.links[at->second].sharing == Survey::Link::wifi;
      if (!air)
        route.bandwidth = std::min(route.bandwidth, out.links[at->second].bandwidth);
      else
        route.bandwidth = hosts.air_rates.empty() ? 0 : std::min(route.bandwidth, hosts.air_rates[m]);
    }
    return route;
  };
  for (std::size_t m = 0; m < hosts.workers.size(); ++m) {
    out.workers.push_back(seen(*hosts.workers[m]));
    out.down.push_back(path(hosts.server, hosts.workers[m], m));
    out.up.push_back(path(hosts.workers[m], hosts.server, m));
  }
  return out;
}

void check_quantities(const Survey& s, const std::string& where) {
  const auto check = [&](const Survey::Host& host) {
    if (!(host.speed > 0))
      throw InputError(fmt::format("{}: expected a positive speed of {}, got {} flop/s", where, host.name, host.speed));
  };
  check(s.server);
  for (const auto& worker : s.workers) check(worker);
  for (const auto& link : s.links) {
    if (!(link.bandwidth > 0))
      throw InputError(
          fmt::format("{}: expected a positive bandwidth of {}, got {} bytes/s", where, link.name, link.bandwidth));
    if (!(link.latency >= 0))
      throw InputError(
          fmt::format("{}: expected a latency of {} that is not negative, got {} s", where, link.name, link.latency));
  }
}

// SimGrid shares a link in proportion to 1/latency of the flows' whole paths. It counts 0 as a whole second, and its
// solver dies of differences between latencies far below a nanosecond.
void check_latencies(const Survey& s, const std::string& where) {
  constexpr double least_latency = 1e-9, equal = 1 + 1e-6;
  struct Meeting {
    double least = std::numeric_limits<double>::infinity(), most = -1, wanted = 0;
    std::size_t least_worker = 0, most_worker = 0;
  };
  std::vector<Meeting> at(s.links.size());
  for (const auto* paths : {&s.down, &s.up})
    for (std::size_t m = 0; m < paths->size(); ++m) {
      const Survey::Path& path = (*paths)[m];
      for (const auto l : path.links) {
        Meeting& here = at[l];
        here.wanted += path.bandwidth;
        if (path.latency < here.least) here.least = path.latency, here.least_worker = m;
        if (path.latency > here.most) here.most = path.latency, here.most_worker = m;
      }
    }
  for (std::size_t l = 0; l < at.size(); ++l) {
    const auto& [least, most, wanted, least_worker, most_worker] = at[l];
    const auto& link = s.links[l];
    const bool meet =
        link.sharing == Survey::Link::wifi || (link.sharing == Survey::Link::shared && wanted > link.bandwidth);
    if (!meet || least >= least_latency || most <= least * equal) continue;
    throw InputError(fmt::format(
        "{}: latency {} between the server and {}, and {} s for {}, over {}: where flows meet, they share in proportion "
        "to 1/latency, which {}: give it a small one, such as \"1us\"",
        where, least > 0 ? fmt::format("{} s", least) : "0", s.workers[least_worker].name, most,
        s.workers[most_worker].name, link.name, least > 0 ? "SimGrid can compute from 1e-9 s up" : "0 has not"));
  }
}

// Shares in SimGrid's solver round to nothing beyond about 1e6 s, which LV08 multiplies by 13 first.
void check_distances(const Survey& s, const std::string& where) {
  constexpr double most = 1e4;
  for (const auto* paths : {&s.down, &s.up})
    for (std::size_t m = 0; m < paths->size(); ++m)
      if (!((*paths)[m].latency <= most))
        throw InputError(fmt::format("{}: latency {} s between the server and {}: expected at most {} s on a path",
                                     where, (*paths)[m].latency, s.workers[m].name, most));
}

json packed(const Survey::Host& host) { return {host.name, host.speed, host.cores}; }
void unpack(const json& from, Survey::Host& host) {
  host = {from[0].get<std::string>(), from[1].get<double>(), from[2].get<int>()};
}
json packed(const Survey::Link& link) { return {link.name, link.bandwidth, link.latency, link.sharing}; }
void unpack(const json& from, Survey::Link& link) {
  link = {from[0].get<std::string>(), from[1].get<double>(), from[2].get<double>(),
          from[3].get<Survey::Link::Sharing>()};
}
json packed(const Survey::Path& path) { return {path.latency, path.bandwidth, path.links}; }
void unpack(const json& from, Survey::Path& path) {
  path = {from[0].get<double>(), from[1].get<double>(), from[2].get<std::vector<std::size_t>>()};
}

template <class T>
json packed(const std::vector<T>& list) {
  json out = json::array();
  for (const auto& one : list) out.push_back(packed(one));
  return out;
}

template <class T>
void unpack(const json& from, std::vector<T>& list) {
  for (const auto& one : from) unpack(one, list.emplace_back());
}

}  // namespace

void check(const Survey& survey, const std::string& where) {
  check_quantities(survey, where);
  check_latencies(survey, where);
  check_distances(survey, where);
}

std::string in_child_process(const std::string& where, const std::function<std::string()>& work) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> words(std::tmpfile(), &std::fclose);
  if (!words) throw RunError(fmt::format("{}: cannot make a temporary file: {}", where, std::strerror(errno)));
  ChildProcess child([&](int pipe) { return answer(where, work, pipe, words.get()); });
  const std::string out = child.read_all();
  const ProcessEnding ending = child.wait();
  const std::string reason = last_words(words.get());
  if (out.starts_with('-')) throw InputError(out.substr(1));
  if (ending.well() && out.starts_with('+')) return out.substr(1);
  if (ending.signal == SIGALRM)
    throw InputError(fmt::format("{}: SimGrid has not built it after {} s", where, patience));
  throw InputError(fmt::format("{}: SimGrid cannot build it{}{}", where, reason.empty() ? "" : ": ", reason));
}

Survey survey(const BuildPlatform& platform, const NetworkModel& network, const std::string& where) {
  const std::string bytes = in_child_process(where, [&] {
    const Survey found = look(platform, network, where);
    check(found, where);
    const json out = {packed(found.server), packed(found.workers), packed(found.links), packed(found.down),
                      packed(found.up),     found.hosts_in_all,    found.varies};
    const auto cbor = json::to_cbor(out);
    return std::string(cbor.begin(), cbor.end());
  });
  const json in = json::from_cbor(bytes);
  Survey out;
  unpack(in[0], out.server);
  unpack(in[1], out.workers);
  unpack(in[2], out.links);
  unpack(in[3], out.down);
  unpack(in[4], out.up);
  out.hosts_in_all = in[5].get<std::size_t>();
  out.varies = in[6].get<bool>();
  return out;
}

}  // namespace laconic::platforms
