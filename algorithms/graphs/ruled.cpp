#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "algorithms/base/error.hpp"
#include "algorithms/graphs/links.hpp"

// Graphs that a rule gives, without chance.

namespace laconic::graphs {

void Links::one_way(int from, int to) {
  if (from == to) return;
  if (++count_ > most_links) refuse_size();
  out_[static_cast<std::size_t>(from)].push_back(to);
}

void Links::refuse_size() const {
  throw InputError(fmt::format("{}: a graph of so many nodes and edges has over {} million messages a round", where_,
                               most_links / 1'000'000));
}

void Links::both_ways(int a, int b) {
  one_way(a, b);
  one_way(b, a);
}

Lists Links::take() {
  for (auto& list : out_) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
    list.shrink_to_fit();
  }
  return std::move(out_);
}

namespace {

std::vector<bool> reached_from_first(const Lists& out) {
  std::vector<bool> reached(out.size());
  std::vector<int> waiting{0};
  reached[0] = true;
  while (!waiting.empty()) {
    const int i = waiting.back();
    waiting.pop_back();
    for (const int j : out[static_cast<std::size_t>(i)]) {
      if (reached[static_cast<std::size_t>(j)]) continue;
      reached[static_cast<std::size_t>(j)] = true;
      waiting.push_back(j);
    }
  }
  return reached;
}

Lists reversed(const Lists& out) {
  Lists in(out.size());
  for (std::size_t i = 0; i < out.size(); ++i)
    for (const int j : out[i]) in[static_cast<std::size_t>(j)].push_back(static_cast<int>(i));
  return in;
}

bool all(const std::vector<bool>& flags) { return std::find(flags.begin(), flags.end(), false) == flags.end(); }

// The graph's own place in the JSON file, rather than that of one of its keys.
std::string whole(const Params& in) {
  std::string where = in.where("");
  where.pop_back();
  return where;
}

// 1, 2, 4, ..., all below M: ceil(log2 M) of them.
std::vector<int> powers_below(int M) {
  std::vector<int> out;
  for (std::int64_t power = 1; power < M; power *= 2) out.push_back(static_cast<int>(power));
  return out;
}

void join_around(Links& links, const std::vector<int>& nodes) {
  for (std::size_t i = 0; i < nodes.size(); ++i) links.both_ways(nodes[i], nodes[(i + 1) % nodes.size()]);
}

// The greatest divisor of M that is at most its root.
int most_square(int M) {
  int rows = 1;
  for (int r = 1; std::int64_t{r} * r <= M; ++r)
    if (M % r == 0) rows = r;
  return rows;
}

}  // namespace

bool strongly_connected(const Lists& out) {
  return all(reached_from_first(out)) && all(reached_from_first(reversed(out)));
}

std::vector<Lists> ring(Params& in, const Facts& facts) {
  Links links(facts.M, whole(in));
  for (int i = 0; i < facts.M; ++i) links.both_ways(i, (i + 1) % facts.M);
  return {links.take()};
}

std::vector<Lists> path(Params& in, const Facts& facts) {
  Links links(facts.M, whole(in));
  for (int i = 0; i + 1 < facts.M; ++i) links.both_ways(i, i + 1);
  return {links.take()};
}

std::vector<Lists> star(Params& in, const Facts& facts) {
  Links links(facts.M, whole(in));
  for (int i = 1; i < facts.M; ++i) links.both_ways(0, i);
  return {links.take()};
}

std::vector<Lists> complete(Params& in, const Facts& facts) {
  Links links(facts.M, whole(in));
  for (int i = 0; i < facts.M; ++i)
    for (int j = 0; j < i; ++j) links.both_ways(i, j);
  return {links.take()};
}

std::vector<Lists> torus(Params& in, const Facts& facts) {
  const int M = facts.M;
  constexpr const char* allowed = "a whole number of 1 or more that divides the number of workers";
  const auto* given =
      in.look("rows", "the greatest divisor of M up to sqrt(M)", allowed,
              "rows (rows); node i stands in row i / columns, column i mod columns, columns = M / rows");
  const auto rows = given ? static_cast<int>(in.count("rows", {}, 1, "rows", std::max(M, 1))) : most_square(M);
  if (M % rows != 0) in.refuse("rows", fmt::format("expected a divisor of the {} workers, got {}", M, rows));
  const int columns = M / rows;
  Links links(M, whole(in));
  for (int i = 0; i < M; ++i) {
    const int row = i / columns, column = i % columns;
    links.both_ways(i, row * columns + (column + 1) % columns);
    links.both_ways(i, (row + 1) % rows * columns + column);
  }
  return {links.take()};
}

std::vector<Lists> exponential(Params& in, const Facts& facts) {
  Links links(facts.M, whole(in));
  for (int i = 0; i < facts.M; ++i)
    for (const int step : powers_below(facts.M)) links.one_way(i, static_cast<int>((std::int64_t{i} + step) % facts.M));
  return {links.take()};
}

std::vector<Lists> one_peer_exponential(Params& in, const Facts& facts) {
  std::vector<Lists> phases;
  for (const int step : powers_below(facts.M)) {
    Links links(facts.M, whole(in));
    for (int i = 0; i < facts.M; ++i) links.one_way(i, static_cast<int>((std::int64_t{i} + step) % facts.M));
    phases.push_back(links.take());
  }
  if (phases.empty()) phases.push_back(Lists(static_cast<std::size_t>(facts.M)));
  return phases;
}

std::vector<Lists> hierarchical(Params& in, const Facts& facts) {
  std::map<std::size_t, std::vector<int>> racks;
  for (int i = 0; i < facts.M; ++i)
    racks[facts.racks.empty() ? 0 : facts.racks.at(static_cast<std::size_t>(i))].push_back(i);
  Links links(facts.M, whole(in));
  std::vector<int> heads;
  for (const auto& [rack, members] : racks) {
    heads.push_back(members.front());
    for (std::size_t a = 0; a < members.size(); ++a)
      for (std::size_t b = 0; b < a; ++b) links.both_ways(members[a], members[b]);
  }
  std::sort(heads.begin(), heads.end());
  join_around(links, heads);
  return {links.take()};
}

}  // namespace laconic::graphs
