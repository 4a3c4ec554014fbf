#include "platforms/topologies/wan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "algorithms/base/error.hpp"
#include "algorithms/base/find_file.hpp"
#include "algorithms/base/names.hpp"
#include "platforms/quantity.hpp"
#include "platforms/simgrid/versions.hpp"
#include "platforms/topologies/access.hpp"
#include "platforms/topologies/site_file.hpp"

namespace laconic::platforms {
namespace {

using nlohmann::json;
using Matrix = std::vector<std::vector<double>>;

// What a matrix is to be whose two ways differ.
enum class Symmetric { expected, mean, each_way };

constexpr const char* choices =
    "\"symmetric\": \"mean\" takes the mean of both ways, \"symmetric\": false each way as it is";

Symmetric read_symmetric(Params& in) {
  const char* words = "true, false or \"mean\"";
  const auto* value =
      in.look("symmetric", "true", words,
              "what becomes of two ways that differ; true: refused, mean: their mean, false: each its own");
  if (!value || *value == true) return Symmetric::expected;
  if (*value != false && *value != "mean") in.fail("symmetric", words);
  return *value == false ? Symmetric::each_way : Symmetric::mean;
}

// Reads a matrix of quantities, of which the diagonal means nothing; one value stands for all pairs.
Matrix read_matrix(Params& in, const std::string& key, Unit unit, std::size_t n, const char* fallback,
                   const char* meaning, Symmetric symmetric) {
  const auto* value = in.look(key, fallback, "one value, or a matrix: a row of each site", meaning);
  if (!value || !value->is_array())
    return Matrix(n, std::vector<double>(n, quantity(in, key, fallback, unit, meaning)));
  if (value->size() != n)
    in.refuse(key, fmt::format("expected {0} rows of {0} values, one a site, got {1} rows", n, value->size()));
  Matrix out(n, std::vector<double>(n));
  for (std::size_t i = 0; i < n; ++i) {
    const json& row = (*value)[i];
    if (!row.is_array() || row.size() != n)
      throw InputError(fmt::format("{}/{}: expected a row of {} values, one a site, got {}", in.where(key), i, n,
                                   row.is_array() ? fmt::format("{} of them", row.size()) : shown(row)));
    for (std::size_t j = 0; j < n; ++j) {
      if (i == j) continue;  // from a site to itself there is no wide area
      const json entry = {{"x", row[j]}};
      try {
        Params one(entry, "", "");
        out[i][j] = quantity(one, "x", nullptr, unit, meaning);
      } catch (const InputError& e) {
        const std::string what = e.what();
        throw InputError(fmt::format("{}/{}/{}: {}", in.where(key), i, j, what.substr(what.find("expected"))));
      }
      if (j > i || out[i][j] == out[j][i] || symmetric == Symmetric::each_way) continue;
      if (symmetric == Symmetric::expected)
        throw InputError(fmt::format("{}/{}/{}: expected a symmetric matrix: {} differs from {} the other way; {}",
                                     in.where(key), i, j, shown(row[j]), shown((*value)[j][i]), choices));
      out[i][j] = out[j][i] = (out[i][j] + out[j][i]) / 2;
    }
  }
  return out;
}

struct Sites {
  std::vector<std::string> names;
  Matrix latency, bandwidth;
  std::vector<double> own;  // the bandwidth of each site's own link, byte/s; empty: sites have only their pairs' links
};

std::size_t place_of(Params& in, const std::string& where, const std::string& name,
                     const std::vector<std::string>& names) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at != names.end()) return static_cast<std::size_t>(at - names.begin());
  constexpr std::size_t few = 12;
  const std::string known = names.size() <= few ? "expected " + quoted_choices(names)
                                                : fmt::format("expected one of the {} sites", names.size());
  throw InputError(fmt::format("{}: {}, got {}{}", in.where(where), known, shown(name), did_you_mean(name, names)));
}

// Reads a site's name; the sites of a matrix are numbers.
std::string name_of(Params& in, const std::string& key) {
  const auto* value = in.look(key, "", "the name of a site", "");
  if (value->is_number_integer() && *value >= 0) return value->dump();
  return in.text(key, {}, "the name of a site", "");
}

std::vector<std::string> read_names(Params& in) {
  const char* words = "a list of different names";
  const auto* value =
      in.look("sites", "required", words, "names of the sites, in order; with \"path\": all of the file's");
  std::vector<std::string> out;
  if (!value) return out;
  if (!value->is_array() || value->empty()) in.fail("sites", words);
  for (const auto& entry : *value) {
    if (!entry.is_string() && !(entry.is_number_integer() && entry >= 0)) in.fail("sites", words);
    out.push_back(entry.is_string() ? entry.get<std::string>() : entry.dump());
    if (out.back().empty() || std::count(out.begin(), out.end(), out.back()) > 1) in.fail("sites", words);
  }
  return out;
}

// Makes what was measured from site i to j and back one, where the scenario says so; a way that was not measured (below
// 0) is as the other one.
void join_ways(double& there, double& back, Symmetric symmetric, const std::string& who, const char* what) {
  if (there == back || symmetric == Symmetric::each_way) return;
  if (there < 0 || back < 0)
    there = back = std::max(there, back);
  else if (symmetric == Symmetric::mean)
    there = back = (there + back) / 2;
  else
    throw InputError(fmt::format("{}: expected the same both ways, got {} {} there and {} back; {}", who,
                                 *what == 'm' ? there * 1e3 : there, what, *what == 'm' ? back * 1e3 : back, choices));
}

// Finds the sites that the scenario wants, among those that the file has.
void take_from(Params& in, const std::string& path, const SiteFile& file, bool round_trip, Symmetric symmetric,
               Sites& out) {
  if (out.names.empty()) out.names = file.sites;
  const std::size_t n = out.names.size();
  std::vector<std::size_t> index;
  for (std::size_t i = 0; i < n; ++i) index.push_back(place_of(in, "sites", out.names[i], file.sites));
  out.latency.assign(n, std::vector<double>(n));
  if (!file.bandwidth.empty()) out.bandwidth = out.latency;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j) {
      const auto a = index[i], b = index[j];
      const std::string who = fmt::format("{}: the pair {}, {}", path, shown(out.names[i]), shown(out.names[j]));
      double there = file.delay[a][b], back = file.delay[b][a];
      join_ways(there, back, symmetric, who, "ms");
      if (there < 0 || back < 0)
        throw InputError(fmt::format("{} is not measured{}; \"sites\" may leave one of them out", who,
                                     there < 0 && back < 0 ? "" : " both ways, as \"symmetric\": false asks for"));
      out.latency[i][j] = round_trip ? there / 2 : there;
      out.latency[j][i] = round_trip ? back / 2 : back;
      if (file.bandwidth.empty()) continue;
      out.bandwidth[i][j] = file.bandwidth[a][b];
      out.bandwidth[j][i] = file.bandwidth[b][a];
      join_ways(out.bandwidth[i][j], out.bandwidth[j][i], symmetric, who, "bytes/s");
    }
}

void read_site_bandwidth(Params& in, Sites& sites, Symmetric symmetric) {
  const char* meaning = "between sites: of every pair, a list: of each site's own link; or a matrix: of each pair";
  const std::size_t n = sites.names.size();
  const auto* value = in.look("site_bandwidth", "the file's, else 1Gbps",
                              "a positive bandwidth, a list of one a site, or a matrix", meaning);
  if (!value && !sites.bandwidth.empty()) return;
  const bool list = value && value->is_array() && !value->empty() && !value->front().is_array();
  if (!list) {
    sites.bandwidth = read_matrix(in, "site_bandwidth", Unit::bandwidth, n, "1Gbps", meaning, symmetric);
    return;
  }
  if (value->size() != n)
    in.refuse("site_bandwidth",
              fmt::format("expected one value for each of the {} sites, got {} of them", n, value->size()));
  sites.own = quantities(in, "site_bandwidth", "1Gbps", Unit::bandwidth, static_cast<int>(n), meaning);
  // The two sites' own links are narrower than what lies between.
  sites.bandwidth.assign(n, std::vector<double>(n));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) sites.bandwidth[i][j] = std::min(sites.own[i], sites.own[j]);
}

Sites read_places(Params& in, const PlatformContext& context) {
  Sites out;
  out.names = read_names(in);
  const Symmetric symmetric = read_symmetric(in);
  const char* latency = "from site to site, one way: of every pair, or a matrix";
  const char* file = "a file of pairs, \"region_a,region_b,delay_ms,bandwidth_gbps\", or a matrix of round trips in ms";
  const bool from_file = in.look("path", "none", "the path of a file", file);
  const bool says = in.look("round_trip", "true for a matrix and rtt_ms, else false", "true or false",
                            "the file's delays are of both ways together");
  if (!from_file) {
    if (out.names.empty()) in.fail("sites", "a list of different names, or a \"path\" with measurements");
    if (says) in.refuse("round_trip", "says how to read a \"path\", and there is none");
    out.latency = read_matrix(in, "site_latency", Unit::time, out.names.size(), "50ms", latency, symmetric);
  } else {
    if (in.has("site_latency")) in.refuse("site_latency", "is what \"path\" says: choose one of the two");
    const auto path = find_file(in, "path", file, context.folder);
    const SiteFile measured = read_sites(path);
    const bool round_trip = says ? in.flag("round_trip", false, "") : measured.round_trip;
    take_from(in, path.string(), measured, round_trip, symmetric, out);
  }
  read_site_bandwidth(in, out, symmetric);
  return out;
}

// Finds the site of each worker.
std::vector<std::size_t> read_workers_at(Params& in, int M, std::size_t sites) {
  const char* words = "a list of whole numbers, one a site, which add up to the workers";
  const auto* value = in.look("workers_at", "as even as it goes", words, "how many workers stand in each site");
  std::vector<std::size_t> out;
  if (!value) {
    for (std::size_t m = 0; m < static_cast<std::size_t>(M); ++m) out.push_back(share_of(m, M, sites));
    return out;
  }
  if (!value->is_array() || value->size() != sites)
    in.fail("workers_at", fmt::format("a list of {} whole numbers, one a site", sites));
  for (std::size_t i = 0; i < sites; ++i) {
    const json& entry = (*value)[i];
    if (!entry.is_number_integer() || entry < 0 || entry > M) in.fail("workers_at", words);
    out.insert(out.end(), entry.get<std::size_t>(), i);
  }
  if (out.size() != static_cast<std::size_t>(M))
    in.refuse("workers_at", fmt::format("adds up to {} workers: the scenario has {}", out.size(), M));
  return out;
}

}  // namespace

BuildPlatform wan(Params& in, const PlatformContext& context) {
  const Access access = read_access(in, context.M, {.bandwidth = "1Gbps", .latency = "0.1ms"});
  const Sites sites = read_places(in, context);
  const auto at = read_workers_at(in, context.M, sites.names.size());
  if (context.racks) *context.racks = at;
  const bool stands = in.look("server", "the first site", "the name of a site", "the site the server stands in");
  const std::size_t home = stands ? place_of(in, "server", name_of(in, "server"), sites.names) : 0;
  // Only sites where somebody stands are built: a matrix may have hundreds.
  std::vector<std::size_t> used(at);
  used.push_back(home);
  std::sort(used.begin(), used.end());
  used.erase(std::unique(used.begin(), used.end()), used.end());
  constexpr std::size_t most = 1000;
  if (used.size() > most)
    in.refuse(in.has("sites") ? "sites" : "path",
              fmt::format("{} sites hold somebody: expected at most {}", used.size(), most));

  return [=](sg::Engine& engine) {
    constexpr auto up = sg::LinkInRoute::Direction::UP, down = sg::LinkInRoute::Direction::DOWN;
    sg::NetZone& root = *sg::root_full(engine, "wan");
    const std::size_t n = sites.names.size();
    std::vector<sg::InnerZone> site(n);
    std::vector<const sg::SplitDuplexLink*> own(n);
    for (const auto i : used) {
      sg::NetZone& zone = *sg::add_star(root, "site-" + sites.names[i]);
      site[i] = sg::entered_at(zone, sg::add_router(zone, "switch-" + sites.names[i]));
      if (!sites.own.empty()) own[i] = sg::add_duplex(root, sites.names[i], sites.own[i]);
    }
    Deployment out;
    out.server =
        attach(*site[home].zone, "server", access.server_speed, access.server_bandwidth, access.server_latency);
    for (std::size_t m = 0; m < at.size(); ++m)
      out.workers.push_back(
          attach(*site[at[m]].zone, worker_name(m), access.speed[m], access.bandwidth[m], access.latency[m]));
    for (const auto i : used) site[i].zone->seal();
    for (const auto i : used)
      for (const auto j : used) {
        if (j <= i) continue;
        auto* link = sg::add_duplex(root, sites.names[i] + "--" + sites.names[j], sites.bandwidth[i][j]);
        link->get_link_up()->set_latency(sites.latency[i][j]);
        link->get_link_down()->set_latency(sites.latency[j][i]);
        if (sites.bandwidth[i][j] != sites.bandwidth[j][i]) link->get_link_down()->set_bandwidth(sites.bandwidth[j][i]);
        std::vector<sg::LinkInRoute> way;
        if (own[i]) way.emplace_back(own[i], up);
        way.emplace_back(link, up);
        if (own[j]) way.emplace_back(own[j], down);
        sg::add_zone_route(root, site[i], site[j], way);
      }
    root.seal();
    return out;
  };
}

}  // namespace laconic::platforms
