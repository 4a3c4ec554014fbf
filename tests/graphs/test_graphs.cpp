#include <cmath>
#include <fstream>
#include <numbers>
#include <set>

#include "algorithms/base/error.hpp"
#include "algorithms/graphs/facts.hpp"
#include "algorithms/graphs/registry.hpp"
#include "algorithms/graphs/weights.hpp"
#include "tests/catch.hpp"
#include "tests/sim/program.hpp"

using namespace laconic::tests;
using namespace laconic::graphs;
using Catch::Matchers::ContainsSubstring;
using nlohmann::json;

namespace {

Graph graph(const json& given, int M, const Facts& facts = {}) {
  const json scenario{{"graph", given}};
  Params in(scenario, "x.json", "");
  Facts own = facts;
  own.M = M;
  return read_graph(in, own);
}

void check_refused(const json& given, int M, const std::string& words, const Facts& facts = {}) {
  INFO(given.dump() << " on " << M << " nodes");
  CHECK_THROWS_WITH(graph(given, M, facts), ContainsSubstring(words));
  CHECK_THROWS_AS(graph(given, M, facts), InputError);
}

// Every kind in a form that fits M nodes, or null.
json example(const std::string& kind, int M) {
  if (kind == "erdos-renyi") return {{"type", kind}, {"p", 0.5}, {"seed", M}};
  if (kind == "regular")
    return M < 3 ? json() : json{{"type", kind}, {"degree", M > 4 && M % 2 == 0 ? 3 : 2}, {"seed", M}};
  if (kind == "small-world")
    return M < 3 ? json() : json{{"type", kind}, {"neighbours", M > 4 ? 4 : 2}, {"rewire", 0.3}};
  if (kind == "file") return json();
  return kind;
}

using Arcs = std::set<std::pair<int, int>>;

Arcs arcs(const Phase& phase) {
  Arcs out;
  for (int i = 0; i < phase.nodes(); ++i)
    for (const int j : phase.out[static_cast<std::size_t>(i)]) out.emplace(i, j);
  return out;
}

Arcs both_ways(const Arcs& edges) {
  Arcs out = edges;
  for (const auto& [a, b] : edges) out.emplace(b, a);
  return out;
}

void check_law(const Graph& g, int M) {
  REQUIRE(g.nodes() == M);
  bool one_way = false;
  for (const auto& phase : g.phases) {
    REQUIRE(phase.out.size() == static_cast<std::size_t>(M));
    REQUIRE(phase.in.size() == static_cast<std::size_t>(M));
    Arcs from_in;
    for (int i = 0; i < M; ++i) {
      const auto& in = phase.in[static_cast<std::size_t>(i)];
      double sum = phase.own[static_cast<std::size_t>(i)];
      int before = -1;
      for (const auto& n : in) {
        CHECK(n.node > before);
        CHECK(n.node != i);
        CHECK(n.weight > 0);
        before = n.node;
        sum += n.weight;
        from_in.emplace(n.node, i);
      }
      CHECK(std::abs(sum - 1) < 1e-14);
      CHECK(phase.own[static_cast<std::size_t>(i)] > 0);
      const auto& out = phase.out[static_cast<std::size_t>(i)];
      CHECK(std::set<int>(out.begin(), out.end()).size() == out.size());
      CHECK(std::is_sorted(out.begin(), out.end()));
    }
    CHECK(arcs(phase) == from_in);
    one_way |= both_ways(from_in) != from_in;
  }
  CHECK(g.directed == one_way);
  CHECK_FALSE(parted(g));
  if (g.weights == "metropolis") CHECK(symmetric(g));
  if (symmetric(g)) CHECK(doubly_stochastic(g));
  const auto gap = spectral_gap(g);
  REQUIRE(gap);
  CHECK(*gap > 1e-6);
  CHECK(*gap < 1 + 1e-9);
  REQUIRE(diameter(g));
  CHECK(*diameter(g) < std::max(M, 1));
}

std::size_t edges_of(const Graph& g) { return arcs(g.at(0)).size(); }

}  // namespace

TEST_CASE("graphs: every kind, on 1 to 40 nodes, has rows that sum to 1, edges that agree, and is connected") {
  for (const auto& kind : kinds())
    for (int M = 1; M <= 40; ++M) {
      const json given = example(kind.name, M);
      if (given.is_null()) continue;
      INFO(kind.name << " on " << M << " nodes");
      Facts facts;
      for (int i = 0; i < M; ++i) facts.racks.push_back(static_cast<std::size_t>(i % 5));
      const Graph g = graph(given, M, facts);
      CHECK(g.kind == kind.name);
      CHECK(g.weights == (g.directed ? "in-degree" : "metropolis"));
      check_law(g, M);
      CHECK(graph(given, M, facts) == g);
      for (const auto& rule : weight_rules()) {
        if (g.directed && !rule.directed) continue;
        json other = given.is_string() ? json{{"type", given}} : given;
        other["weights"] = rule.name;
        const Graph weighed = graph(other, M, facts);
        CHECK(weighed.weights == rule.name);
        check_law(weighed, M);
      }
    }
}

TEST_CASE("graphs: small ones have the edges that they should, each once") {
  for (const auto& kind : kinds())
    if (const json given = example(kind.name, 1); !given.is_null()) CHECK(edges_of(graph(given, 1)) == 0);
  for (const auto* kind : {"ring", "path", "star", "complete", "torus", "exponential", "hierarchical"}) {
    INFO(kind);
    CHECK(arcs(graph(kind, 2).at(0)) == Arcs{{0, 1}, {1, 0}});
    CHECK_FALSE(graph(kind, 2).directed);
  }
  CHECK(arcs(graph("ring", 4).at(0)) == both_ways({{0, 1}, {1, 2}, {2, 3}, {3, 0}}));
  CHECK(arcs(graph("path", 4).at(0)) == both_ways({{0, 1}, {1, 2}, {2, 3}}));
  CHECK(arcs(graph("star", 4).at(0)) == both_ways({{0, 1}, {0, 2}, {0, 3}}));
  CHECK(edges_of(graph("complete", 5)) == 20);
  CHECK(arcs(graph("exponential", 3).at(0)) == arcs(graph("complete", 3).at(0)));
  CHECK(arcs(graph("exponential", 4).at(0)) == Arcs{{0, 1}, {0, 2}, {1, 2}, {1, 3}, {2, 3}, {2, 0}, {3, 0}, {3, 1}});
  CHECK(graph("exponential", 5).at(0).out[3] == std::vector<int>{0, 2, 4});
}

TEST_CASE("graphs: a torus of one row or column is a ring, of two a ladder") {
  const auto torus = [](int rows, int M) { return graph({{"type", "torus"}, {"rows", rows}}, M); };
  for (int M : {1, 2, 3, 7}) {
    CHECK(arcs(torus(1, M).at(0)) == arcs(graph("ring", M).at(0)));
    CHECK(arcs(torus(M, M).at(0)) == arcs(graph("ring", M).at(0)));
  }
  CHECK(arcs(torus(2, 4).at(0)) == both_ways({{0, 1}, {2, 3}, {0, 2}, {1, 3}}));
  CHECK(arcs(torus(2, 6).at(0)) == both_ways({{0, 1}, {1, 2}, {2, 0}, {3, 4}, {4, 5}, {5, 3}, {0, 3}, {1, 4}, {2, 5}}));
  CHECK(arcs(torus(3, 6).at(0)) == both_ways({{0, 1}, {2, 3}, {4, 5}, {0, 2}, {2, 4}, {4, 0}, {1, 3}, {3, 5}, {5, 1}}));
  CHECK(edges_of(torus(3, 12)) == 48);
  CHECK(graph("torus", 12) == torus(3, 12));
  CHECK(arcs(graph("torus", 13).at(0)) == arcs(graph("ring", 13).at(0)));
  check_refused({{"type", "torus"}, {"rows", 5}}, 12,
                "x.json: /graph/rows: expected a divisor of the 12 workers, got 5");
  check_refused({{"type", "torus"}, {"rows", 13}}, 12, "/graph/rows: expected a whole number from 1 to 12");
}

TEST_CASE("graphs: one peer a round, whose distance doubles") {
  const Graph g = graph("one-peer-exponential", 5);
  REQUIRE(g.phases.size() == 3);
  CHECK(g.at(0).out[4] == std::vector<int>{0});
  CHECK(g.at(4).out[4] == std::vector<int>{1});
  CHECK(g.at(5).out[4] == std::vector<int>{3});
  CHECK(g.directed);
  CHECK(g.at(0).own[0] == 0.5);
  CHECK(graph("one-peer-exponential", 1).phases.size() == 1);
  CHECK(graph("one-peer-exponential", 2).phases.size() == 1);
  // The product over a period is 11'/M where M is a power of two, and then alone.
  for (int m = 1; m <= 5; ++m) CHECK(spectral_gap(graph("one-peer-exponential", 1 << m)).value() > 1 - 1e-12);
  CHECK(spectral_gap(graph("one-peer-exponential", 6)).value() < 0.99);
  CHECK(diameter(graph("one-peer-exponential", 32)) == 5);
  CHECK(diameter(graph("one-peer-exponential", 33)) == 6);
}

TEST_CASE("graphs: gaps, diameters and degrees in closed form") {
  const double pi = std::numbers::pi;
  for (int M : {3, 4, 7, 16, 40}) {
    INFO(M << " nodes");
    // Eigenvalues of the ring are (1 + 2 cos(2 pi m/M))/3, of M nodes in a row of weights 1/3 with cos(pi m/M).
    double ring = 0;
    for (int m = 1; m < M; ++m) ring = std::max(ring, std::abs(1 + 2 * std::cos(2 * pi * m / M)) / 3);
    CHECK(spectral_gap(graph("ring", M)).value() == Approx(1 - ring).margin(1e-12));
    CHECK(spectral_gap(graph("path", M)).value() == Approx(1 - (1 + 2 * std::cos(pi / M)) / 3).margin(1e-12));
    CHECK(spectral_gap(graph("complete", M)).value() == Approx(1).margin(1e-12));
    CHECK(spectral_gap(graph("star", M)).value() == Approx(1. / M).margin(1e-12));
    CHECK(diameter(graph("ring", M)) == M / 2);
    CHECK(diameter(graph("path", M)) == M - 1);
    CHECK(diameter(graph("complete", M)) == 1);
    CHECK(diameter(graph("star", M)) == (M > 2 ? 2 : 1));
    CHECK(out_degrees(graph("star", M)).mean == Approx(2. * (M - 1) / M));
    CHECK(out_degrees(graph("star", M)).most == M - 1);
    CHECK(out_degrees(graph("star", M)).least == 1);
  }
  // Eigenvalues of a torus of a x b: (1 + 2 cos(2 pi i/a) + 2 cos(2 pi j/b))/5.
  double torus = 0;
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 5; ++j)
      if (i + j > 0)
        torus = std::max(torus, std::abs(1 + 2 * std::cos(2 * pi * i / 4) + 2 * std::cos(2 * pi * j / 5)) / 5);
  CHECK(spectral_gap(graph({{"type", "torus"}, {"rows", 4}}, 20)).value() == Approx(1 - torus).margin(1e-12));
  CHECK(diameter(graph({{"type", "torus"}, {"rows", 4}}, 20)) == 4);
  // |1 + w + w^2 + w^4|/4 with w a root of unity, of the directed exponential graph of 8 nodes; odd roots give 2/4.
  CHECK(spectral_gap(graph("exponential", 8)).value() == Approx(0.5).margin(1e-9));
  CHECK(spectral_gap(graph("ring", 1)).value() == 1);
  CHECK(diameter(graph("ring", 1)) == 0);
}

TEST_CASE("graphs: gaps of large ones agree with closed forms") {
  const double pi = std::numbers::pi;
  CHECK(spectral_gap(graph({{"type", "torus"}, {"rows", 40}}, 1600)).value() ==
        Approx(1 - (3 + 2 * std::cos(2 * pi / 40)) / 5).epsilon(1e-6));
  CHECK(spectral_gap(graph("star", 3000)).value() == Approx(1. / 3000).epsilon(1e-6));
  CHECK(spectral_gap(graph("star", 10000)).value() == Approx(1e-4).epsilon(1e-6));
  CHECK(spectral_gap(graph("complete", 1500)).value() == Approx(1));
  CHECK(spectral_gap(graph("one-peer-exponential", 512)).value() == Approx(1));
  CHECK(spectral_gap(graph("exponential", 1024)).value() == Approx(2. / 11).epsilon(1e-6));
}

TEST_CASE("graphs: drawn ones are simple, of the degree asked for, and each seed gives another") {
  for (int M = 3; M <= 24; ++M)
    for (int degree = 2; degree < M; ++degree) {
      if (M * degree % 2 == 1) continue;
      INFO(M << " nodes of degree " << degree);
      const Graph g = graph({{"type", "regular"}, {"degree", degree}}, M);
      CHECK(out_degrees(g).least == degree);
      CHECK(out_degrees(g).most == degree);
      CHECK_FALSE(parted(g));
    }
  const auto drawn = [](json given, int seed) {
    given["seed"] = seed;
    return graph(given, 30);
  };
  for (const json& given :
       {json{{"type", "regular"}, {"degree", 3}}, json{{"type", "regular"}, {"degree", 2}},
        json{{"type", "erdos-renyi"}, {"p", 0.3}}, json{{"type", "small-world"}, {"neighbours", 4}, {"rewire", 0.2}}}) {
    CHECK(drawn(given, 0) == graph(given, 30));
    CHECK_FALSE(drawn(given, 0) == drawn(given, 1));
  }
  CHECK(edges_of(graph({{"type", "erdos-renyi"}, {"p", 1}}, 9)) == 72);
  CHECK(edges_of(graph({{"type", "small-world"}, {"neighbours", 4}, {"rewire", 1}}, 30)) == 120);
  CHECK(arcs(graph({{"type", "small-world"}, {"neighbours", 2}, {"rewire", 0}}, 9).at(0)) ==
        arcs(graph("ring", 9).at(0)));
  // p M (M - 1)/2 edges are expected, to within four standard deviations.
  const double pairs = 300. * 299 / 2,
               found = static_cast<double>(edges_of(graph({{"type", "erdos-renyi"}, {"p", 0.1}}, 300))) / 2;
  CHECK(std::abs(found - 0.1 * pairs) < 4 * std::sqrt(0.09 * pairs));
}

TEST_CASE("graphs: ten thousand nodes take lists, and no square") {
  const Graph g = graph({{"type", "regular"}, {"degree", 4}}, 10000);
  CHECK(edges_of(g) == 40000);
  CHECK(edges_of(graph({{"type", "erdos-renyi"}, {"p", 0.002}}, 10000)) > 150000);
  CHECK(edges_of(graph({{"type", "small-world"}, {"neighbours", 4}, {"rewire", 0.1}}, 10000)) == 40000);
  check_refused("complete", 10000, "x.json: /graph: a graph of so many nodes and edges has over 20 million messages");
}

TEST_CASE("graphs: what cannot be drawn is refused with what would do") {
  check_refused({{"type", "regular"}, {"degree", 4}}, 4, "/graph/degree: expected less than the 4 workers, got 4");
  check_refused({{"type", "regular"}, {"degree", 3}}, 5, "/graph/degree: expected an even number");
  check_refused({{"type", "regular"}, {"degree", 1}}, 4, "/graph/degree: expected at least 2");
  check_refused("regular", 4, "x.json: /graph: missing \"degree\"");
  check_refused({{"type", "erdos-renyi"}, {"p", 0.001}}, 50, "/graph/p: none of 1000 draws was connected");
  check_refused({{"type", "erdos-renyi"}, {"p", 0}}, 50, "/graph/p: expected a number above 0, at most 1, got 0");
  check_refused({{"type", "small-world"}, {"neighbours", 3}, {"rewire", 0}}, 9, "/graph/neighbours: expected an even");
  check_refused({{"type", "small-world"}, {"neighbours", 2}, {"rewire", 2}}, 9,
                "/graph/rewire: expected a number from 0");
  check_refused("rng", 4, "(did you mean \"ring\"?)");
  check_refused({{"type", "ring"}, {"rows", 2}}, 4, "x.json: /graph: \"rows\" means nothing to graph \"ring\"");
  check_refused(3, 4, "/graph: expected \"complete\"");
  check_refused(json::object(), 4, "/graph: missing \"type\"");
  const json none = json::object();
  Params in(none, "x.json", "/algorithms/0");
  CHECK_THROWS_WITH(read_graph(in, {}), ContainsSubstring("x.json: /algorithms/0: missing \"graph\""));
}

TEST_CASE("graphs: racks are complete, and their first nodes make a ring") {
  Facts facts;
  facts.racks = {7, 7, 7, 2, 2, 4};
  CHECK(arcs(graph("hierarchical", 6, facts).at(0)) ==
        both_ways({{0, 1}, {0, 2}, {1, 2}, {3, 4}, {0, 3}, {3, 5}, {0, 5}}));
  facts.racks = {0, 1, 0, 1};
  CHECK(arcs(graph("hierarchical", 4, facts).at(0)) == both_ways({{0, 2}, {1, 3}, {0, 1}}));
  CHECK(arcs(graph("hierarchical", 4).at(0)) == arcs(graph("complete", 4).at(0)));
}

TEST_CASE("graphs: edges from a file, and errors with its line") {
  const auto read = [](const std::string& text, const json& more = json::object(), int M = 3) {
    const Folder here;
    std::ofstream(here.path / "edges") << text;
    json given{{"type", "file"}, {"path", "edges"}};
    given.update(more);
    Facts facts;
    facts.folder = here.path;
    return graph(given, M, facts);
  };
  CHECK(arcs(read("# three\n0 1\r\n\n 1\t2 # the last\n").at(0)) == both_ways({{0, 1}, {1, 2}}));
  CHECK(arcs(read("0 1\n1 0\n1 2\n0 1").at(0)) == both_ways({{0, 1}, {1, 2}}));
  const Graph directed = read("0 1\n1 2\n2 0\n0 2\n", {{"directed", true}});
  CHECK(directed.directed);
  CHECK(arcs(directed.at(0)) == Arcs{{0, 1}, {1, 2}, {2, 0}, {0, 2}});
  CHECK_FALSE(doubly_stochastic(directed));
  CHECK_FALSE(symmetric(directed));
  CHECK_FALSE(read("0 1\n1 0\n1 2\n2 1\n", {{"directed", true}}).directed);
  const auto refused = [&](const std::string& text, const std::string& words, const json& more = json::object()) {
    INFO(text);
    CHECK_THROWS_WITH(read(text, more), ContainsSubstring(words));
  };
  refused("0 1\n1 3\n", ":2:3: expected a worker's number, 0 to 2, got \"3\"");
  refused("0 1\n-1 2\n", ":2:1: expected a worker's number");
  refused("0 1.5\n", ":1:3: expected a worker's number");
  refused("0 99999999999999\n", ":1:3: expected a worker's number");
  refused("0 1\n2\n", ":2:2: expected a worker's number, 0 to 2, got the end of the line");
  refused("0 1 0.5\n", ":1:5: expected the end of the line");
  refused("1 1\n", ":1:1: expected two different workers, got 1 twice");
  refused("0 1\n", "/graph: expected a connected graph, but worker 2 never hears from worker 0");
  refused("", "never hears");
  refused("0 1\n0 2\n2 1\n", "worker 0 never hears from worker 1", {{"directed", true}});
  check_refused({{"type", "file"}, {"path", "/nowhere/edges"}}, 3, "/nowhere/edges: cannot read");
  check_refused("file", 3, "missing \"path\"");
}

TEST_CASE("graphs: a matrix of weights fits the edges, and its rows sum to 1") {
  const auto with = [](const json& W, const std::string& kind = "path") {
    return json{{"type", kind}, {"weights", W}};
  };
  const Graph g = graph(with({{0.5, 0.5, 0}, {0.25, 0.5, 0.25}, {0, 0.5, 0.5}}), 3);
  CHECK(g.weights == "matrix");
  CHECK(g.at(0).own[1] == 0.5);
  CHECK(g.at(0).in[1] == std::vector<Phase::Neighbour>{{0, 0.25}, {2, 0.25}});
  CHECK_FALSE(symmetric(g));
  CHECK_FALSE(doubly_stochastic(g));
  check_refused(with({{1, 0}, {0, 1}}), 3, "x.json: /graph/weights: expected 3 rows, one for each worker, got 2");
  check_refused(with({{1, 0, 0}, {0, 1}, 3}), 3, "/graph/weights/1: expected a list of 3 numbers");
  check_refused(with({{1, 0, 0}, {0, "a", 0}, {0, 0, 1}}), 3, "/graph/weights/1/1: expected a number");
  check_refused(with({{0.5, 0.4, 0}, {0.25, 0.5, 0.25}, {0, 0.5, 0.5}}), 3,
                "/graph/weights/0: expected weights that sum to 1, got 0.9");
  check_refused(with({{0.5, 0.25, 0.25}, {0.25, 0.5, 0.25}, {0, 0.5, 0.5}}), 3,
                "/graph/weights/0/2: expected 0, as 2 does not send to 0, got 0.25");
  check_refused(with({{1, 0, 0}, {0.25, 0.5, 0.25}, {0, 0.5, 0.5}}), 3,
                "/graph/weights/0/1: expected a weight that is not 0, as 1 sends to 0");
  // Negative weights may be the best there are; those that do not lead to consensus are refused.
  const Graph best =
      graph(with({{-0.2, 0.4, 0.4, 0.4}, {0.4, 0.6, 0, 0}, {0.4, 0, 0.6, 0}, {0.4, 0, 0, 0.6}}, "star"), 4);
  CHECK(spectral_gap(best).value() == Approx(0.4));
  CHECK(doubly_stochastic(best));
  check_refused(with({{-1.5, 2.5, 0}, {2.5, -4, 2.5}, {0, 2.5, -1.5}}), 3, "does not lead to consensus");
  check_refused(with({{0, 1}, {1, 0}}), 2, "does not lead to consensus");
  check_refused({{"type", "one-peer-exponential"}, {"weights", {{1}}}}, 4, "changes from round to round");
  check_refused(with("metropolis", "exponential"), 8, "is for edges that run both ways");
  check_refused(with("metropolitan"), 3, "did you mean");
  check_refused(with(3), 3, "/graph/weights: expected \"in-degree\"");
}
