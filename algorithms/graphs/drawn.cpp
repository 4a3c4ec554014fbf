#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_set>

#include "algorithms/base/random.hpp"
#include "algorithms/graphs/links.hpp"

// Graphs drawn at random. Attempt number t has a stream of its own, so that a graph depends on M, the parameters and
// the seed alone.

namespace laconic::graphs {
namespace {

constexpr int most_attempts = 1000;

std::uint64_t read_seed(Params& in) {
  return static_cast<std::uint64_t>(
      in.count("seed", 0, 0, "of the draw; not the scenario's, so that its repetitions run on one graph"));
}

Rng stream(std::uint64_t seed, int attempt) {
  return Rng(seed, Purpose::graph, 0, static_cast<std::uint64_t>(attempt));
}

// Edges without loops and doubles, in the order in which they were drawn.
class Simple {
 public:
  explicit Simple(int nodes) : nodes_(nodes) {}
  bool may_join(int a, int b) const { return a != b && !keys_.contains(key(a, b)); }
  void join(int a, int b) { keys_.insert(key(a, b)); }
  void part(int a, int b) { keys_.erase(key(a, b)); }

  Lists lists(const std::string& where, bool of_the_others) const {
    Links links(nodes_, where);
    if (of_the_others) {
      for (int a = 0; a < nodes_; ++a)
        for (int b = a + 1; b < nodes_; ++b)
          if (may_join(a, b)) links.both_ways(a, b);
    } else {
      for (const auto k : keys_) links.both_ways(static_cast<int>(k >> 32), static_cast<int>(k & 0xFFFFFFFF));
    }
    return links.take();
  }

 private:
  static std::uint64_t key(int a, int b) {
    return static_cast<std::uint64_t>(std::min(a, b)) << 32 | static_cast<std::uint64_t>(std::max(a, b));
  }
  int nodes_;
  std::unordered_set<std::uint64_t> keys_;
};

// Joins the free ends of nodes in random pairs, those that would make a loop or a double edge again and again, until
// none is left. False: some are left that no pair may join. (Steger and Wormald, "Generating random regular graphs
// quickly", 1999, in the variant of networkx.)
bool pair_ends(Simple& edges, int nodes, int degree, Rng& rng) {
  std::vector<int> ends;
  for (int d = 0; d < degree; ++d)
    for (int i = 0; i < nodes; ++i) ends.push_back(i);
  while (!ends.empty()) {
    for (std::size_t i = ends.size(); i > 1; --i) std::swap(ends[i - 1], ends[rng.below(i)]);
    std::vector<int> left;
    for (std::size_t i = 0; i + 1 < ends.size(); i += 2) {
      if (edges.may_join(ends[i], ends[i + 1]))
        edges.join(ends[i], ends[i + 1]);
      else
        left.insert(left.end(), {ends[i], ends[i + 1]});
    }
    if (left.size() == ends.size()) {  // by chance, or because nothing can be joined any more
      bool some = false;
      for (std::size_t a = 0; a < left.size() && !some; ++a)
        for (std::size_t b = 0; b < a && !some; ++b) some = edges.may_join(left[a], left[b]);
      if (!some) return false;
    }
    ends.swap(left);
  }
  return true;
}

// Draws the first graph of those that `draw` offers which is connected.
template <class Draw>
std::vector<Lists> first_connected(Params& in, const char* key, const std::string& advice, Draw draw) {
  for (int attempt = 0; attempt < most_attempts; ++attempt)
    if (const auto lists = draw(attempt); lists && strongly_connected(*lists)) return {*lists};
  in.refuse(key, fmt::format("none of {} draws was connected: {}", most_attempts, advice));
}

// All connected graphs of degree 2 are rings, of which each order of the nodes gives one.
Lists random_ring(int M, const std::string& where, Rng rng) {
  std::vector<int> order(static_cast<std::size_t>(M));
  for (int i = 0; i < M; ++i) order[static_cast<std::size_t>(i)] = i;
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
  Links links(M, where);
  for (std::size_t i = 0; i < order.size(); ++i) links.both_ways(order[i], order[(i + 1) % order.size()]);
  return links.take();
}

}  // namespace

std::vector<Lists> regular(Params& in, const Facts& facts) {
  const int M = facts.M;
  const auto degree = static_cast<int>(in.count("degree", {}, 1, "neighbours of each node (degree)", 1 << 20));
  const auto seed = read_seed(in);
  if (degree >= M) in.refuse("degree", fmt::format("expected less than the {} workers, got {}", M, degree));
  if (M % 2 == 1 && degree % 2 == 1)
    in.refuse("degree",
              fmt::format("expected an even number, as there are {} workers, an odd number, got {}", M, degree));
  if (degree == 1 && M > 2) in.refuse("degree", fmt::format("expected at least 2 to connect {} workers, got 1", M));
  const auto where = in.where("degree");
  if (std::int64_t{M} * degree > Links::most_links) Links(M, where).refuse_size();
  if (degree == 2) return {random_ring(M, where, stream(seed, 0))};
  // Pairing gets stuck in dense graphs: there, the edges that are missing are drawn.
  const bool dense = degree > (M - 1) / 2;
  return first_connected(in, "degree", "try another seed", [&](int attempt) -> std::optional<Lists> {
    Simple edges(M);
    Rng rng = stream(seed, attempt);
    if (!pair_ends(edges, M, dense ? M - 1 - degree : degree, rng)) return {};
    return edges.lists(where, dense);
  });
}

std::vector<Lists> erdos_renyi(Params& in, const Facts& facts) {
  const int M = facts.M;
  const double p = in.number("p", {}, {"a number above 0, at most 1", 0, 1, true}, "probability of each edge (p)");
  const auto seed = read_seed(in);
  const std::string advice = fmt::format("{} workers need p above ln(M)/M = {:.2g}", M, std::log(M) / M);
  // Passes over the pairs (a, b), b < a, in rows, by jumps of geometric length. (Batagelj and Brandes, "Efficient
  // generation of large random networks", Phys. Rev. E 71, 2005)
  return first_connected(in, "p", advice, [&](int attempt) -> std::optional<Lists> {
    Rng rng = stream(seed, attempt);
    Links links(M, in.where("p"));
    std::int64_t a = 1, b = -1;
    while (a < M) {
      const double jump = p < 1 ? std::floor(std::log1p(-rng.uniform()) / std::log1p(-p)) : 0;
      if (jump >= 0.5 * M * M) break;
      for (b += 1 + static_cast<std::int64_t>(jump); b >= a && a < M; ++a) b -= a;
      if (a < M) links.both_ways(static_cast<int>(a), static_cast<int>(b));
    }
    return links.take();
  });
}

std::vector<Lists> small_world(Params& in, const Facts& facts) {
  const int M = facts.M;
  const auto neighbours = static_cast<int>(in.count(
      "neighbours", {}, 2, "of each node on the ring, half of them on either side: an even number (k)", 1 << 20));
  const double rewire = in.number("rewire", {}, {"a number from 0 to 1", 0, 1},
                                  "probability that an edge's far end moves to a node drawn at random (p)");
  const auto seed = read_seed(in);
  if (neighbours % 2 == 1 || neighbours >= M)
    in.refuse("neighbours", fmt::format("expected an even number below the {} workers, got {}", M, neighbours));
  const auto where = in.where("neighbours");
  if (std::int64_t{M} * neighbours > Links::most_links) Links(M, where).refuse_size();
  return first_connected(in, "neighbours", "more neighbours help", [&](int attempt) -> std::optional<Lists> {
    Rng rng = stream(seed, attempt);
    Simple edges(M);
    std::vector<int> degree(static_cast<std::size_t>(M), neighbours);
    for (int far = 1; far <= neighbours / 2; ++far)
      for (int i = 0; i < M; ++i) edges.join(i, (i + far) % M);
    for (int far = 1; far <= neighbours / 2; ++far)
      for (int i = 0; i < M; ++i) {
        if (rng.uniform() >= rewire || degree[static_cast<std::size_t>(i)] >= M - 1) continue;
        int to = i;
        while (!edges.may_join(i, to)) to = static_cast<int>(rng.below(static_cast<std::uint64_t>(M)));
        const int from = (i + far) % M;
        edges.part(i, from);
        edges.join(i, to);
        --degree[static_cast<std::size_t>(from)];
        ++degree[static_cast<std::size_t>(to)];
      }
    return edges.lists(where, false);
  });
}

}  // namespace laconic::graphs
