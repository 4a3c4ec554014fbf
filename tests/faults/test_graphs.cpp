#include <fstream>
#include <sstream>

#include "tests/faults/faults.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

json gossip(const json& graph, int workers = 8) {
  return {{"name", "g"},
          {"workers", workers},
          {"problem", {{"type", "least-squares"}, {"objective", "mean"}}},
          {"data", {{"type", "gaussian"}, {"samples", 10 * workers}, {"features", 3}, {"noise", 0.1}}},
          {"platform", {{"type", "star"}, {"bandwidth", "10Mbps"}, {"latency", "1ms"}}},
          {"graph", graph},
          {"algorithms", {{{"method", "d-psgd"}, {"step", 0.01}}}},
          {"stop", {{"rounds", 3}}}};
}

void write_scenario(const Folder& here, const char* name, const json& scenario) {
  std::ofstream(here.path / name) << scenario.dump();
}

bool says(const std::string& text, const std::string& words) { return text.find(words) != std::string::npos; }

}  // namespace

TEST_CASE("graphs: laconic data tells degree, diameter and gap of each graph once, and who uses it") {
  const Folder here;
  json scenario = gossip("ring");
  scenario["algorithms"] = {
      {{"method", "d-psgd"}, {"label", "first"}, {"step", 0.01}},
      {{"method", "d-psgd"}, {"label", "second"}, {"step", 0.02}},
      {{"method", "d-psgd"}, {"label", "third"}, {"step", 0.02}, {"graph", "one-peer-exponential"}}};
  write_scenario(here, "g.json", scenario);
  const Finished run = here.laconic({"data", "g.json"});
  INFO(run.out << run.err);
  REQUIRE(run.code == 0);
  std::istringstream lines(run.out);
  std::string ring, one_peer;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("ring ")) ring = line;
    if (line.starts_with("one-peer-exponential ")) one_peer = line;
  }
  // 1 - (1 + 2 cos(2 pi/8))/3
  for (const char* word : {"metropolis", " 2 ", " 4 ", "0.1953", "first, second"}) CHECK(says(ring, word));
  for (const char* word : {"in-degree", " 1 ", "3 rounds", "1 in 3 rounds", "third"}) CHECK(says(one_peer, word));
  scenario.erase("graph");
  scenario["algorithms"] = {{{"method", "gd"}, {"step", 0.01}}};
  write_scenario(here, "server.json", scenario);
  CHECK_FALSE(says(here.laconic({"data", "server.json"}).out, "spectral gap"));
}

TEST_CASE("graphs: list names each kind, and describe draws it and tells its weights") {
  const Folder here;
  std::istringstream lines(here.laconic({"list", "graphs"}).out);
  std::string line, name;
  REQUIRE(std::getline(lines, line));
  CHECK(line == "graphs");
  int kinds = 0;
  for (; std::getline(lines, line); ++kinds) {
    std::istringstream(line) >> name;
    const Finished run = here.laconic({"describe", name});
    INFO(run.out);
    CHECK(run.code == 0);
    CHECK(says(run.out, name + ": graph. "));
    CHECK(says(run.out, "  weights  "));
  }
  CHECK(kinds == 12);
  CHECK(says(here.laconic({"describe", "regular"}).out, "  seed  "));
}

TEST_CASE("graphs: what does not fit is refused with its place") {
  const Folder here;
  const auto refused = [&](const json& graph, const std::vector<std::string>& words) {
    write_scenario(here, "g.json", gossip(graph));
    check_refused(here.laconic({"run", "g.json"}), words);
  };
  refused({{"type", "torus"}, {"rows", 3}}, {"g.json: /graph/rows", "8 workers"});
  refused({{"type", "ring"}, {"rows", 2}}, {"/graph", "\"rows\""});
  refused("rign", {"/graph", "\"ring\""});
  refused({{"type", "regular"}, {"degree", 9}}, {"/graph/degree", "8 workers"});
  refused({{"type", "erdos-renyi"}, {"p", 0.01}}, {"/graph/p", "1000 draws"});
  refused({{"type", "ring"}, {"weights", {{1, 0}, {0, 1}}}}, {"/graph/weights", "8 rows"});
  refused({{"type", "ring"}, {"weights", {{"a"}}}}, {"/graph/weights"});
  refused({{"type", "exponential"}, {"weights", "metropolis"}}, {"/graph/weights", "one way"});
  std::ofstream(here.path / "edges") << "0 1\n1 2\n2 8\n";
  refused({{"type", "file"}, {"path", "edges"}}, {"edges:3:3", "0 to 7"});
  std::ofstream(here.path / "edges") << "0 1\n2 3\n";
  refused({{"type", "file"}, {"path", "edges"}}, {"/graph", "never hears from"});
  refused({{"type", "file"}, {"path", "nowhere"}}, {"/graph/path", "nowhere"});
}

TEST_CASE("graphs: a sweep over a star replays gossip and an all-reduce of an entry in engines of their own") {
  const Folder here;
  json scenario = gossip("ring");
  scenario["algorithms"].push_back({{"method", "gd"}, {"step", 0.01}});
  scenario["algorithms"].push_back(
      {{"method", "gd"}, {"label", "ring"}, {"step", 0.01}, {"collective", "ring-allreduce"}});
  scenario["sweep"] = {{"/platform/latency", {"1ms", "2ms", "3ms"}}, {"/platform/bandwidth", {"1Mbps", "10Mbps"}}};
  write_scenario(here, "g.json", scenario);
  const Finished run = here.laconic({"sweep", "g.json", "--out", "o", "--jobs", "1"});
  INFO(run.out << run.err);
  CHECK(run.code == 0);
  CHECK(says(run.out, "6 points, 18 runs done"));
}

TEST_CASE("graphs: laconic platform draws each of a scenario's graphs over its network") {
  const Folder here;
  json scenario = gossip("ring", 4);
  scenario["algorithms"].push_back({{"method", "d-psgd"}, {"label", "b"}, {"step", 1}, {"graph", "exponential"}});
  write_scenario(here, "g.json", scenario);
  const Finished run = here.laconic({"platform", "g.json", "--out", "o"});
  INFO(run.out << run.err);
  REQUIRE(run.code == 0);
  const auto count = [&](const char* file, const std::string& words) {
    const std::string text = text_of(here.path / "o" / file);
    int found = 0;
    for (std::size_t at = 0; (at = text.find(words, at)) != text.npos; ++at) ++found;
    return found;
  };
  CHECK(count("g.dot", "constraint=false") == 0);
  CHECK(count("g-graph.dot", "constraint=false") == 4);
  CHECK(count("g-graph.dot", "dir=none") == 4);
  // Two steps on, four nodes exchange in two pairs; one step on, each sends one way.
  CHECK(count("g-graph-2.dot", "dir=forward") == 4);
  CHECK(count("g-graph-2.dot", "dir=none") == 2);
}

TEST_CASE("graphs: a graph or collective that no algorithm uses is refused by whatever runs") {
  const Folder here;
  json scenario = gossip("ring");
  scenario["collective"] = "tree";
  write_scenario(here, "tree.json", scenario);
  scenario["sweep"] = {{"/platform/latency", {"1ms", "2ms"}}};
  write_scenario(here, "swept.json", scenario);
  check_refused(here.laconic({"run", "tree.json"}), {"tree.json: /collective: no algorithm here uses it"});
  check_refused(here.laconic({"validate", "tree.json"}), {"tree.json: /collective: no algorithm here uses it"});
  check_refused(here.laconic({"sweep", "swept.json"}), {"swept.json: /collective: no algorithm here uses it"});
  scenario["collective"] = "parameter-server";
  write_scenario(here, "swept.json", scenario);
  CHECK(here.laconic({"sweep", "swept.json"}).code == 0);
}
