#include "platforms/built/graphviz.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "algorithms/base/human_units.hpp"

namespace laconic::platforms {
namespace {

// Both directions of a split-duplex link are one edge; SimGrid names them by these suffixes.
constexpr std::string_view suffixes[] = {"_UP", "_DOWN"};

struct Edge {
  Survey::Link link;
  bool down_first = false;  // which direction was met first decides which end is the near one
};

struct DrawnLink {
  std::size_t edge;
  bool forward;
};

// The paths, as lists of edges, from the server to the workers that are drawn.
struct DrawnRoute {
  std::vector<Edge> edges;
  std::vector<std::vector<DrawnLink>> to;
};

DrawnRoute route_of(const Survey& s, std::size_t workers) {
  DrawnRoute out;
  std::map<std::string, std::size_t> known;
  for (std::size_t m = 0; m < workers; ++m) {
    auto& way = out.to.emplace_back();
    for (const auto l : s.down[m].links) {
      Survey::Link link = s.links[l];
      bool down = false;
      for (const auto suffix : suffixes)
        if (link.name.ends_with(suffix)) {
          down = suffix == suffixes[1];
          link.name.resize(link.name.size() - suffix.size());
          break;
        }
      const auto [at, is_new] = known.try_emplace(link.name, out.edges.size());
      if (is_new) out.edges.push_back({link, down});
      way.push_back({at->second, out.edges[at->second].down_first == down});
    }
  }
  return out;
}

// A union-find of points that turn out to be one.
class Points {
 public:
  explicit Points(std::size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t find(std::size_t i) const {
    while (parent_[i] != i) i = parent_[i];
    return i;
  }
  void join(std::size_t a, std::size_t b) { parent_[find(a)] = find(b); }

 private:
  std::vector<std::size_t> parent_;
};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string quoted(const std::string& text) { return '"' + escaped(text) + '"'; }

double width_of(const Survey::Link& link, double narrowest) {
  if (link.sharing == Survey::Link::wifi) return 1.5;
  return std::min(6.0, 1.2 + 0.9 * std::log10(std::max(1.0, link.bandwidth / narrowest)));
}

class Drawing {
 public:
  Drawing(const Survey& s, const std::string& title, std::size_t most)
      : survey_(s), workers_(std::min(most, s.workers.size())), ways_(route_of(s, workers_)) {
    for (const auto& edge : ways_.edges)
      if (edge.link.sharing != Survey::Link::wifi) narrowest_ = std::min(narrowest_, edge.link.bandwidth);
    std::map<std::string, std::size_t> kinds;
    for (const auto& edge : ways_.edges) ++kinds[link_words(edge.link)];
    const auto most_common =
        std::max_element(kinds.begin(), kinds.end(), [](const auto& x, const auto& y) { return x.second < y.second; });
    caption_ = escaped(title);
    if (workers_ < s.workers.size())
      caption_ += fmt::format("\\n{} of {} workers are drawn", workers_, s.workers.size());
    constexpr std::size_t repeated = 3, readable = 60;
    if (most_common != kinds.end() && most_common->second > repeated) {
      common_ = most_common->first;
      caption_ += fmt::format("\\nlinks without a label: {}", common_);
      if (ways_.edges.size() - most_common->second > readable) caption_ += ", and others";
    }
    label_others_ = ways_.edges.size() - (common_.empty() ? 0 : most_common->second) <= readable;
  }

  std::string text(const std::vector<Talk>& talks) {
    const std::string inside = joined();
    const bool tree = tree_;
    const std::string body = inside.empty() ? boxes() : inside;
    std::string out = "graph platform {\n";
    out += fmt::format(
        "  graph [label={}, labelloc=t, fontsize=16, fontname=Helvetica, layout={}{}];\n", "\"" + caption_ + "\"",
        tree || inside.empty() ? "dot" : "neato",
        tree || inside.empty() ? ", rankdir=LR, nodesep=0.12, ranksep=1.1" : ", overlap=false, splines=true, sep=0.2");
    out += "  node [fontname=Helvetica, fontsize=11, style=filled, color=\"#33475b\"];\n";
    out += "  edge [fontname=Helvetica, fontsize=9, color=\"#5b7083\"];\n";
    return out + body + lines_of(talks) + "}\n";
  }

 private:
  // Workers have the numbers 1 ... M, the server 0. Lines of a graph do not pull hosts together.
  std::string lines_of(const std::vector<Talk>& talks) const {
    std::string out;
    for (const auto& talk : talks)
      if (talk.from < workers_ && talk.to < workers_)
        out +=
            fmt::format("  n{} -- n{} [constraint=false, weight=1, len=4, style=dashed, color=\"#c8553d\", dir={}];\n",
                        talk.from + 1, talk.to + 1, talk.both_ways ? "none" : "forward");
    return out;
  }

  std::string host(std::size_t id, const Survey::Host& h, bool server) const {
    return fmt::format("  n{} [label={}, shape=box, fillcolor={}];\n", id,
                       quoted(h.name + "\x01" + speed_words(h.speed)), server ? "\"#f6c85f\"" : "\"#cfe3f5\"");
  }

  std::string edge_style(const Survey::Link& link) const {
    std::string out = fmt::format("penwidth={:.2g}", width_of(link, narrowest_));
    if (const auto words = link_words(link); label_others_ && words != common_)
      out += fmt::format(", label={}", quoted(words));
    if (link.sharing == Survey::Link::wifi) out += ", style=dashed";
    return out;
  }

  // The graph of hosts and the points where links meet; empty if the paths contradict each other.
  std::string joined() {
    const std::size_t hosts = workers_ + 1, near = hosts;
    Points points(hosts + 2 * ways_.edges.size());
    const auto end = [&](std::size_t edge, bool far) { return near + 2 * edge + (far ? 1 : 0); };
    std::set<std::pair<std::size_t, std::size_t>> air;  // pairs of an edge and a worker
    std::vector<std::size_t> direct;                    // workers that no link separates from the server
    for (std::size_t m = 0; m < workers_; ++m) {
      std::size_t at = 0;
      for (const auto& step : ways_.to[m]) {
        points.join(at, end(step.edge, !step.forward));
        at = end(step.edge, step.forward);
        if (ways_.edges[step.edge].link.sharing == Survey::Link::wifi) points.join(at, end(step.edge, !step.forward));
      }
      if (ways_.to[m].empty())
        direct.push_back(m);
      else if (const auto last = ways_.to[m].back().edge; ways_.edges[last].link.sharing == Survey::Link::wifi)
        air.insert({last, m});
      else
        points.join(at, m + 1);
    }
    std::map<std::size_t, std::size_t> owner;  // the host that stands at a point
    for (std::size_t h = 0; h < hosts; ++h)
      if (!owner.try_emplace(points.find(h), h).second) return {};
    std::string out;
    std::set<std::size_t> met;
    std::size_t lines = 0;
    const auto node = [&](std::size_t point) {
      const auto root = points.find(point);
      const auto own = owner.find(root);
      const std::size_t id = own == owner.end() ? root : own->second;
      met.insert(id);
      return id;
    };
    for (std::size_t e = 0; e < ways_.edges.size(); ++e) {
      const auto& link = ways_.edges[e].link;
      if (link.sharing == Survey::Link::wifi) {
        out += fmt::format("  n{} [label={}, shape=ellipse, fillcolor=white];\n", node(end(e, false)), quoted("air"));
        continue;
      }
      const std::size_t a = node(end(e, false)), b = node(end(e, true));
      if (a == b) return {};
      out += fmt::format("  n{} -- n{} [{}];\n", a, b, edge_style(link));
      ++lines;
    }
    for (const auto& [e, m] : air) {
      out += fmt::format("  n{} -- n{} [style=dashed, label={}];\n", node(end(e, false)), node(m + 1),
                         quoted(rate_words(survey_.down[m].bandwidth)));
      ++lines;
    }
    for (const auto m : direct) {
      out += fmt::format("  n0 -- n{} [style=dotted, label={}];\n", node(m + 1),
                         quoted(time_words(survey_.down[m].latency)));
      ++lines;
    }
    node(0);
    tree_ = lines + 1 == met.size();
    std::string head = host(0, survey_.server, true);
    for (std::size_t m = 0; m < workers_; ++m) head += host(m + 1, survey_.workers[m], false);
    for (const auto id : met)
      if (id >= hosts && out.find(fmt::format("  n{} [label", id)) == std::string::npos)
        head +=
            fmt::format("  n{} [label=\"\", shape=circle, width=0.12, fixedsize=true, fillcolor=\"#33475b\"];\n", id);
    return tidy(head + out);
  }

  std::string boxes() const {
    std::string out = host(0, survey_.server, true);
    for (std::size_t m = 0; m < workers_; ++m) out += host(m + 1, survey_.workers[m], false);
    const std::size_t first = workers_ + 1;
    for (std::size_t e = 0; e < ways_.edges.size(); ++e) {
      const auto& link = ways_.edges[e].link;
      out += fmt::format("  n{} [label={}, shape=ellipse, fillcolor=white, fontsize=9];\n", first + e,
                         quoted(link.name + "\x01" + link_words(link)));
    }
    std::set<std::pair<std::size_t, std::size_t>> drawn;
    for (std::size_t m = 0; m < workers_; ++m) {
      std::size_t at = 0;
      const auto go = [&](std::size_t to) {
        if (drawn.insert(std::minmax(at, to)).second) out += fmt::format("  n{} -- n{};\n", at, to);
        at = to;
      };
      for (const auto& step : ways_.to[m]) go(first + step.edge);
      go(m + 1);
    }
    return tidy(std::move(out));
  }

  // \x01 stands for a line break, which quoting must leave alone.
  static std::string tidy(std::string text) {
    for (std::size_t at; (at = text.find('\x01')) != std::string::npos;) text.replace(at, 1, "\\n");
    return text;
  }

  const Survey& survey_;
  std::size_t workers_;
  DrawnRoute ways_;
  double narrowest_ = std::numeric_limits<double>::infinity();
  bool label_others_ = false, tree_ = false;
  std::string common_, caption_;  // common_: the words of most links, said once
};

}  // namespace

std::string link_words(const Survey::Link& link) {
  std::string out = link.sharing == Survey::Link::wifi ? "air" : rate_words(link.bandwidth);
  if (link.latency > 0) out += ", " + time_words(link.latency);
  return out;
}

std::string dot_of(const Survey& survey, const std::string& title, std::size_t most, const std::vector<Talk>& talks) {
  return Drawing(survey, title, most).text(talks);
}

}  // namespace laconic::platforms
