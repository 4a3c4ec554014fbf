#include "sim/commands/show_platform.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "algorithms/base/child_process.hpp"
#include "algorithms/base/error.hpp"
#include "algorithms/base/human_units.hpp"
#include "algorithms/base/input_file.hpp"
#include "algorithms/base/json_text.hpp"
#include "algorithms/base/temporary_file.hpp"
#include "algorithms/graphs/registry.hpp"
#include "platforms/built/graphviz.hpp"
#include "platforms/built/survey.hpp"
#include "platforms/topologies/file.hpp"
#include "sim/commands/graph_report.hpp"
#include "sim/results/recorder.hpp"
#include "sim/results/result_file.hpp"
#include "sim/scenario/json_input.hpp"

namespace laconic::commands {

using namespace graphs;
using namespace methods;
using namespace platforms;
using namespace results;
using namespace scenario;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Table = std::vector<std::vector<std::string>>;

// The smallest scenario around a platform: what else a scenario has is not looked at.
json around(const json& platform, int workers) {
  return {{"name", "platform"},
          {"workers", workers},
          {"problem", {{"type", "toy"}, {"function", "quadratic"}}},
          {"platform", platform},
          {"algorithms", {{{"method", "gd"}}}},
          {"stop", {{"rounds", 1}}}};
}

Scenario read(const fs::path& file, const ScenarioOptions& overrides, const ShowPlatformOptions& options) {
  constexpr int usual_workers = 10;
  json source;
  if (file.extension() == ".xml") {
    read_input(file);  // says better than SimGrid why it cannot be read
    const auto hosts = hosts_in(file, network_models().front()).size();
    const int others = std::max<int>(1, static_cast<int>(hosts) - 1);
    source = around({{"file", fs::absolute(file).string()}}, options.workers.value_or(others));
  } else {
    const json given = read_json(file);
    if (given.is_object() && given.contains("platform")) {
      source = around(given["platform"], usual_workers);
      for (const char* key : {"workers", "network"})
        if (given.contains(key)) source[key] = given[key];
      if (options.workers) source["workers"] = *options.workers;
    } else {
      source = around({{"file", fs::absolute(file).string()}}, options.workers.value_or(usual_workers));
    }
  }
  for (const auto& assignment : overrides.set) apply_set(source, assignment);
  return make_scenario(std::move(source), file.string(), file.parent_path());
}

// The graphs that a scenario's methods without a server talk over: its own and its entries'.
std::vector<Graph> graphs_of(const fs::path& file, const Scenario& s) {
  std::vector<Graph> out;
  if (file.extension() == ".xml") return out;
  const json given = read_json(file);
  const auto add = [&](const json& holder, const std::string& pointer) {
    if (!holder.is_object() || !holder.contains("graph")) return;
    Params in(holder, file.string(), pointer);
    Graph graph = read_graph(in, {s.cluster.workers, file.parent_path(), s.cluster.racks});
    if (std::find(out.begin(), out.end(), graph) == out.end()) out.push_back(std::move(graph));
  };
  add(given, "");
  if (given.is_object() && given.contains("algorithms") && given["algorithms"].is_array())
    for (std::size_t i = 0; i < given["algorithms"].size(); ++i)
      add(given["algorithms"][i], fmt::format("/algorithms/{}", i));
  return out;
}

std::vector<Talk> talks_of(const Graph& graph) {
  std::vector<Talk> out;
  for (const auto& edge : edges_of(graph))
    out.push_back({static_cast<std::size_t>(edge.from), static_cast<std::size_t>(edge.to), edge.both_ways});
  return out;
}

// The first lines of a long table, or all.
std::string shortened(Table table, bool all, const char* thing) {
  constexpr std::size_t enough = 30;
  const std::size_t rows = table.size() - 1;
  const bool cut = !all && rows > enough + 5;
  if (cut) table.resize(enough + 1);
  return aligned(table) + (cut ? fmt::format("... {} more {}: --all shows them\n", rows - enough, thing) : "");
}

bool same_both_ways(const Survey& s) {
  for (std::size_t m = 0; m < s.workers.size(); ++m)
    if (time_words(s.up[m].latency) != time_words(s.down[m].latency) || s.up[m].bandwidth != s.down[m].bandwidth)
      return false;
  return true;
}

std::string cores(const Survey::Host& host) { return host.cores > 1 ? fmt::format("{} cores", host.cores) : "1 core"; }

Table worker_table(const Survey& s) {
  const bool same = same_both_ways(s);
  Table out{{"worker", "host", "speed", "links"}};
  for (const char* column : {"latency", "bandwidth"}) {
    if (same)
      out[0].emplace_back(column);
    else
      for (const char* way : {" down", " up"}) out[0].push_back(std::string(column) + way);
  }
  for (std::size_t m = 0; m < s.workers.size(); ++m) {
    const auto &down = s.down[m], &up = s.up[m];
    std::vector<std::string> row{std::to_string(m), s.workers[m].name, speed_words(s.workers[m].speed),
                                 std::to_string(up.links.size())};
    row.push_back(time_words(down.latency));
    if (!same) row.push_back(time_words(up.latency));
    const auto rate = [](double x) { return x > 0 ? rate_words(x) : "Wi-Fi's"; };
    row.push_back(rate(down.bandwidth));
    if (!same) row.push_back(rate(up.bandwidth));
    out.push_back(std::move(row));
  }
  return out;
}

Table link_table(const Survey& s) {
  std::vector<std::size_t> paths(s.links.size());
  for (const auto* list : {&s.down, &s.up})
    for (const auto& path : *list)
      for (const auto l : path.links) ++paths[l];
  Table out{{"link", "bandwidth", "latency", "shared", "paths"}};
  for (std::size_t l = 0; l < s.links.size(); ++l) {
    const auto& link = s.links[l];
    const bool air = link.sharing == Survey::Link::wifi;
    out.push_back({link.name, air ? "" : rate_words(link.bandwidth), time_words(link.latency),
                   air                                       ? "air time"
                   : link.sharing == Survey::Link::unlimited ? "no"
                                                             : "yes",
                   std::to_string(paths[l])});
  }
  return out;
}

// [least, most] of the workers.
template <class Of>
json range_of(const Survey& s, Of of) {
  double least = of(0), most = least;
  for (std::size_t m = 1; m < s.workers.size(); ++m) {
    least = std::min(least, of(m));
    most = std::max(most, of(m));
  }
  const auto number = [](double x) { return std::isfinite(x) ? json(x) : json(nullptr); };
  return {number(least), number(most)};
}

std::string as_json(const Survey& s, const std::string& type, const std::vector<Graph>& graphs) {
  nlohmann::ordered_json out{{"type", type},
                             {"hosts", s.hosts_in_all},
                             {"links", s.links.size()},
                             {"server", {{"host", s.server.name}, {"speed", s.server.speed}}},
                             {"workers", {{"count", s.workers.size()}}}};
  out["workers"]["speed"] = range_of(s, [&](std::size_t m) { return s.workers[m].speed; });
  const auto add = [&](const char* way, const std::vector<Survey::Path>& paths) {
    out[way]["latency"] = range_of(s, [&](std::size_t m) { return paths[m].latency; });
    out[way]["bandwidth"] = range_of(s, [&](std::size_t m) {
      return paths[m].bandwidth > 0 ? paths[m].bandwidth : std::numeric_limits<double>::infinity();
    });
  };
  add("down", s.down);
  add("up", s.up);
  for (const auto& graph : graphs) out["graphs"].push_back(graph_json(graph));
  return json_text(out, 2);
}

// Runs `dot`; false if there is none.
bool draw_svg(const fs::path& dot, const fs::path& svg) {
  TemporaryFile drawing(svg);
  drawing.close();
  const std::string in = fs::absolute(dot).string(), out = fs::absolute(drawing.path()).string(), format = "-Tsvg";
  std::string words[] = {"dot", format, "-o", out, in};
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ChildProcess dot_process([&](int) {
    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    execvp("dot", argv.data());
    return 127;  // there is none
  });
  const bool drawn = dot_process.wait().well();
  if (drawn) drawing.rename();
  return drawn;
}

// Writes PATH.dot, and PATH.svg where GraphViz is installed.
void draw(const fs::path& path, const std::string& text, const std::string& what) {
  const std::string dot = path.string() + ".dot", svg = path.string() + ".svg";
  ResultFile out(dot);
  out.write(text);
  out.commit();
  if (draw_svg(dot, svg))
    fmt::print("picture{} in {} and {}\n", what, dot, svg);
  else
    fmt::print("picture{} in {}; with GraphViz installed, `dot` makes an SVG of it here\n", what, dot);
}

}  // namespace

void show_platform(const fs::path& file, const ScenarioOptions& overrides, const ShowPlatformOptions& options) {
  const Scenario scenario = read(file, overrides, options);
  if (!scenario.cluster.platform) throw InputError(fmt::format("{}: /platform: has no network to show", file.string()));
  const Survey s =
      survey(scenario.cluster.platform, *scenario.cluster.network, fmt::format("{}: /platform", file.string()));
  const std::string type = scenario.source["platform"]["type"];

  const auto graphs = graphs_of(file, scenario);

  if (options.json) {
    fmt::print("{}\n", as_json(s, type, graphs));
    return;
  }
  fmt::print("{}: {}: a server and {} worker{} on {} hosts, joined by {} links\n", file.string(), type,
             s.workers.size(), s.workers.size() == 1 ? "" : "s", s.hosts_in_all, s.links.size());
  fmt::print("server: {}, {}, {}\n\n", s.server.name, speed_words(s.server.speed), cores(s.server));
  fmt::print("{}\n{}\n", shortened(worker_table(s), options.all, "workers"),
             shortened(link_table(s), options.all, "links"));

  const fs::path folder = options.out.empty() ? fs::path("results/platforms") : options.out;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw InputError(fmt::format("--out: cannot make the folder {}: {}", folder.string(), error.message()));
  const std::string name = file.stem().string();
  draw(folder / name, dot_of(s, fmt::format("{} ({})", name, type)), "");
  for (std::size_t g = 0; g < graphs.size(); ++g) {
    const auto& kind = graphs[g].kind;
    const std::string number = g == 0 ? "" : fmt::format("-{}", g + 1);
    draw(folder / fmt::format("{}-graph{}", name, number),
         dot_of(s, fmt::format("{} ({}), and who talks to whom: {}", name, type, kind), 48, talks_of(graphs[g])),
         fmt::format(" of the graph \"{}\" on it", kind));
  }
}

}  // namespace laconic::commands
