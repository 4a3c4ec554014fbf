#include "sim/scenario/read_conditions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <sstream>
#include <utility>

#include "algorithms/base/error.hpp"
#include "algorithms/base/find_file.hpp"
#include "platforms/input_text.hpp"

namespace laconic::scenario {

using namespace platforms;
using namespace network;

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// Calls `read` with each object of the list under `key`.
template <class Read>
void each(Params& in, const char* key, const char* meaning, const Read& read) {
  const json* list = in.look(key, "none", "a list of objects", meaning);
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    Params item((*list)[i], in.file(), fmt::format("{}/{}", in.pointer_of(key), i));
    read(item);
    item.finish(fmt::format("an entry of \"{}\"", key));
  }
}

std::vector<int> read_workers(Params& in, const char* key, int M) {
  const auto words = fmt::format("a worker's number, 0 to {}, or a list of them", M - 1);
  const json* value = in.look(key, "all", words, "the workers' numbers, from 0");
  std::vector<int> out;
  if (!value) {
    for (int m = 0; m < M; ++m) out.push_back(m);
    return out;
  }
  const auto add = [&](const json& number) {
    if (!number.is_number_integer() || number < 0 || number >= M) in.fail(key, words);
    out.push_back(number.get<int>());
  };
  if (value->is_array())
    for (const auto& number : *value) add(number);
  else
    add(*value);
  return out;
}

void read_links(Conditions& out, Params& in, const NetworkModel& network, const fs::path& folder) {
  each(in, "links", "links whose bandwidth or latency changes with time", [&](Params& item) {
    const auto name = item.text("link", {}, "the name of a link, or a pattern", "a link's name, or a pattern");
    const bool profile = item.has("bandwidth"), latency = item.has("latency");
    const char* measured = item.has("mbps") ? "mbps" : item.has("mahimahi") ? "mahimahi" : nullptr;
    if (!measured && !profile && !latency)
      item.refuse("link", "nothing changes: expected \"bandwidth\", \"latency\", \"mbps\" or \"mahimahi\"");
    if (measured && (profile || (item.has("mbps") && item.has("mahimahi"))))
      item.refuse(measured, fmt::format("and \"{}\" both say how wide the link is: choose one of the two",
                                        profile ? "bandwidth" : "mahimahi"));
    if (item.has("window") && !item.has("mahimahi")) item.refuse("window", "says how to read \"mahimahi\"");
    if ((measured || profile) && std::string_view(network.name) == "tcp")
      item.refuse(measured ? measured : "bandwidth",
                  "under the network \"tcp\" (LV08) SimGrid loses messages whose link changes its bandwidth while they "
                  "are in their latency: choose \"alpha-beta\"");
    if (latency && std::string_view(network.name) == "tcp")
      item.refuse("latency",
                  "under the network \"tcp\" latencies are not the links' own (LV08): choose \"alpha-beta\"");
    if (measured)
      out.changes.push_back(
          {Profiled::bandwidth, name,
           item.has("mbps") ? read_measured(item, measured, folder) : read_mahimahi(item, measured, folder),
           item.where("link")});
    if (profile)
      out.changes.push_back({Profiled::bandwidth, name,
                             read_profile(item, "bandwidth", Profiled::bandwidth, folder, "the link's bandwidth"),
                             item.where("link")});
    if (latency)
      out.changes.push_back({Profiled::latency, name,
                             read_profile(item, "latency", Profiled::latency, folder, "the link's latency"),
                             item.where("link")});
    if (item.has("period") && !profile && !latency)
      item.refuse("period", "a measured trace begins again after its end");
  });
}

// Adds a window of being down for each stretch of time in which the profile is 0.
void take_windows(Failures& out, const Profile& profile) {
  out.period = profile.period;
  std::optional<double> down;
  for (const auto& [date, up] : profile.points) {
    if (up == 0 && !down) down = date;
    if (up != 0 && down) out.windows.emplace_back(*std::exchange(down, std::nullopt), date);
  }
  if (down)
    out.windows.emplace_back(*down, profile.period > 0 ? profile.period : std::numeric_limits<double>::infinity());
}

void read_hosts(Conditions& out, Params& in, const fs::path& folder) {
  each(in, "hosts", "hosts whose speed changes with time", [&](Params& item) {
    const auto name = item.text("host", {}, "the name of a host, or a pattern", "a host's name, or a pattern");
    out.changes.push_back({Profiled::speed, name,
                           read_profile(item, "speed", Profiled::speed, folder, "share of the host's speed"),
                           item.where("host")});
  });
}

void read_traffic(Conditions& out, Params& in) {
  each(in, "traffic", "flows that share the links with the messages", [&](Params& item) {
    Conditions::Traffic flow;
    flow.from = item.text("from", {}, "the name of a host", "where it comes from");
    flow.to = item.text("to", {}, "the name of a host", "where it goes");
    if (flow.from == flow.to) item.refuse("to", "the host it comes from: expected another");
    flow.flows = static_cast<int>(item.count("flows", 1, 1, "how many flows side by side", 10000));
    if (item.has("on") != item.has("off"))
      item.refuse(item.has("on") ? "on" : "off",
                  "\"on\" and \"off\" go together: the times for which a flow lasts and pauses");
    if (item.has("on")) {
      flow.on = quantity_law(item, "on", Unit::time, "for how long a flow lasts");
      flow.off = quantity_law(item, "off", Unit::time, "for how long it pauses then");
      if (flow.on->always_zero()) item.fail("on", "a positive time, or a distribution of times that are not all 0");
    }
    flow.where = item.where("from");
    out.traffic.push_back(flow);
  });
}

// A plain time is the mean of an exponential law.
Law time_law(Params& in, const char* key, const char* meaning) {
  const json* value = in.look(key, "required", "a positive time, or a distribution", meaning);
  if (value && value->is_object()) return quantity_law(in, key, Unit::time, meaning);
  const double mean = quantity(in, key, nullptr, Unit::time, meaning);
  if (mean == 0) in.fail(key, "a positive time, or a distribution");
  return Law::exponential(mean);
}

void read_failures(Conditions& out, Params& in, int M, const fs::path& folder) {
  each(in, "failures", "when workers, hosts or links are down", [&](Params& item) {
    Failures failures;
    const bool host = item.has("host"), link = item.has("link");
    if (host + link + item.has("workers") > 1)
      item.refuse(link ? "link" : "host", "expected one of \"workers\", \"host\" and \"link\"");
    const char* subject = host ? "host" : link ? "link" : "workers";
    if (host) failures.host = item.text("host", {}, "the name of a host, or a pattern", "a host's name, or a pattern");
    if (link) failures.link = item.text("link", {}, "the name of a link, or a pattern", "a link's name, or a pattern");
    if (!host && !link) failures.workers = read_workers(item, "workers", M);
    failures.where = item.where(subject);
    const bool once = item.has("down"), drawn = item.has("mtbf"), profile = item.has("available");
    if (once + drawn + profile != 1)
      item.refuse(
          subject,
          "expected one of \"down\" (a time), \"mtbf\" (the time between failures) and \"available\" (a profile)");
    if (once) {
      const double down = quantity(item, "down", nullptr, Unit::time, "when it fails");
      double up = std::numeric_limits<double>::infinity();
      if (item.has("up")) up = quantity(item, "up", nullptr, Unit::time, "when it is back; default: never");
      if (up <= down) item.refuse("up", fmt::format("expected a time after \"down\", {} s, got {} s", down, up));
      failures.windows.emplace_back(down, up);
    } else if (drawn) {
      failures.between = time_law(item, "mtbf", "time from a return to the next failure; a number is its mean");
      failures.repair = time_law(item, "mttr", "time from a failure to the return; a number is its mean");
    } else {
      take_windows(failures, read_profile(item, "available", Profiled::availability, folder,
                                          "1 while it is up, 0 while it is down"));
    }
    out.failures.push_back(failures);
  });
}

std::vector<std::vector<double>> read_trace(Params& in, int M, const fs::path& folder) {
  std::vector<std::vector<double>> trace;
  const auto path = find_file(in, "trace", "a line for each round, with a factor for each worker", folder);
  std::string text = read_text(path);
  std::replace(text.begin(), text.end(), ',', ' ');
  std::istringstream lines(text);
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    line.resize(std::min(line.find('#'), line.size()));
    std::istringstream words(line);
    std::vector<double> row;
    for (std::string word; words >> word;) {
      const auto x = parse_quantity(word, Unit::factor);
      if (!x || !(*x >= 1e-6 && *x <= 1e6))
        throw InputError(fmt::format("{}: {}: line {}: expected factors from 1e-6 to 1e6, got \"{}\"",
                                     in.where("trace"), path.string(), number, word.substr(0, 40)));
      row.push_back(*x);
    }
    if (row.empty()) continue;
    if (row.size() != static_cast<std::size_t>(M))
      throw InputError(fmt::format("{}: {}: line {}: expected a factor for each of the {} workers, got {} of them",
                                   in.where("trace"), path.string(), number, M, row.size()));
    trace.push_back(std::move(row));
  }
  if (trace.empty())
    throw InputError(fmt::format("{}: {}: expected a line for each round, got none", in.where("trace"), path.string()));
  return trace;
}

}  // namespace

void read_late(Conditions& out, Params& in) {
  const Conditions nothing;
  out.late = nothing.late;
  out.timeout = nothing.timeout;
  const char* words = R"("wait", or {"timeout": a time, "then": "reuse" or "drop"})";
  const json* late = in.look("late", "wait", words, "what a round does about workers that have not answered");
  if (!late || *late == "wait") return;
  if (!late->is_object()) in.fail("late", words);
  Params own(*late, in.file(), in.pointer_of("late"));
  out.timeout = quantity(own, "timeout", nullptr, Unit::time, "after which a round ends without those who are missing");
  if (out.timeout == 0) own.fail("timeout", "a positive time");
  out.late = own.choice("then", {}, {"reuse", "drop"}, "what stands for them") == "reuse" ? Late::reuse : Late::drop;
  own.finish("\"late\"");
}

Stragglers read_stragglers(Params& in, int M, std::uint64_t seed, const fs::path& folder) {
  Stragglers out;
  out.seed = seed;
  if (in.has("trace")) {
    for (const char* key : {"probability", "factor", "workers"})
      if (in.has(key)) in.refuse(key, "the \"trace\" says how slow each worker is in each round");
    out.trace = read_trace(in, M, folder);
    return out;
  }
  out.probability =
      in.number("probability", 1, {"a number above 0, at most 1", 0, 1, true}, "that a worker is slow in a round");
  out.factor = quantity_law(in, "factor", Unit::factor, "how many times as long it then computes");
  out.who.resize(static_cast<std::size_t>(M));
  for (const int m : read_workers(in, "workers", M)) out.who[static_cast<std::size_t>(m)] = true;
  return out;
}

Conditions read_conditions(Params& in, int M, const NetworkModel& network, const fs::path& folder) {
  Conditions out;
  out.seed = static_cast<std::uint64_t>(in.count("seed", 0, 0, "seed of what is drawn here"));
  if (const json* own = in.look("stragglers", "none", "an object", "workers that are slow in some rounds")) {
    Params stragglers(*own, in.file(), in.pointer_of("stragglers"));
    out.stragglers = read_stragglers(stragglers, M, out.seed, folder);
    stragglers.finish("\"stragglers\"");
  }
  read_links(out, in, network, folder);
  read_hosts(out, in, folder);
  read_traffic(out, in);
  read_failures(out, in, M, folder);
  read_late(out, in);
  in.finish("\"conditions\"");
  return out;
}

void add_profile(Conditions& conditions, const ProfileFile& file) {
  std::string name;  // escaped, since conditions take patterns and a file gives plain names
  for (const char c : file.name) name += (std::strchr("*?[\\", c) ? "\\" : "") + std::string(1, c);
  const Profiled of = file.of == ProfileFile::Of::state       ? Profiled::availability
                      : file.of == ProfileFile::Of::bandwidth ? Profiled::bandwidth
                                                              : Profiled::latency;
  Profile profile = file.path.empty()
                        ? profile_of(file.text, of, file.where)
                        : profile_in(file.path, of, fmt::format("{}: {}", file.where, file.path.string()));
  if (of != Profiled::availability) {
    conditions.changes.push_back({of, name, std::move(profile), file.where});
    return;
  }
  Failures& failures = conditions.failures.emplace_back();
  (file.link ? failures.link : failures.host) = name;
  failures.where = file.where;
  take_windows(failures, profile);
}

Conditions::Energy read_watts(Params& in) {
  Conditions::Energy out;
  const Range watts{"a number of watts that is not negative", 0, 1e9};
  const auto read = [&](const char* key, const char* meaning, Watts& kind) {
    const json* value = in.look(key, "0", R"({"idle": watts, "busy": watts})", meaning);
    if (!value) return;
    out.stated.insert(key);
    Params own(*value, in.file(), in.pointer_of(key));
    kind.idle = own.number("idle", {}, watts, "when it does nothing");
    kind.busy = own.number("busy", {}, watts, "when it does all it can");
    if (kind.busy < kind.idle)
      own.refuse("busy", fmt::format("expected at least \"idle\", {}, got {}", kind.idle, kind.busy));
    own.finish(fmt::format("the watts of \"{}\"", key));
  };
  read("server", "of the server's host", out.server);
  read("worker", "of each worker's host", out.worker);
  read("other", "of each host that is neither", out.other);
  read("link", "of each link, each way", out.link);
  out.from_file = in.flag("file", false, "the properties of SimGrid's XML come first, the rest is for what has none");
  in.finish("\"watts\"");
  return out;
}

}  // namespace laconic::scenario
