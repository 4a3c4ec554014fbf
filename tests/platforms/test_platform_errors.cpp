#include "algorithms/base/error.hpp"
#include "tests/platforms/examples.hpp"

// What a platform can get wrong. All of it is found before the first round, whatever SimGrid would do about it.

using namespace laconic::tests;
using nlohmann::json;

namespace {

std::string error(const json& platform, int workers = 4, const char* network = "alpha-beta") {
  json source = small_scenario();
  source["workers"] = workers;
  source["platform"] = platform;
  source["network"]["model"] = network;
  try {
    make_scenario(source, "s.json", std::filesystem::temp_directory_path());
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

json with(json block, const json& more) {
  block.update(more);
  return block;
}

bool begins(const std::string& text, const std::string& start) {
  INFO(text);
  CHECK(text.substr(0, start.size()) == start);
  return text.starts_with(start);
}

constexpr const char* meet =
    ": where flows meet, they share in proportion to 1/latency, which 0 has not: give it a small one, such as \"1us\"";

}  // namespace

TEST_CASE("nodes must hold the server and the workers, and the message says what fits") {
  const json torus = {{"type", "torus"}, {"dimensions", {2, 2}}};
  CHECK(error(torus, 3) == "no error");
  CHECK(error(torus, 4) ==
        "s.json: /platform/dimensions: makes 4 nodes, which hold the server and 3 workers: the scenario has 4");
  CHECK(error({{"type", "torus"}, {"dimensions", {1}}}) ==
        "s.json: /platform/dimensions: makes 1 node, which holds the server and 0 workers: the scenario has 4");
  CHECK(error({{"type", "torus"}, {"dimensions", {1000, 1000}}}) ==
        "s.json: /platform/dimensions: makes 1000000 nodes: expected at most 100000, of which the scenario needs 5");
  CHECK(error(with(torus, {{"server", 4}}), 3) ==
        "s.json: /platform/server: expected a whole number from 0 to 3, got 4");
  CHECK(begins(error(with(torus, {{"server", "node-1"}}), 3),
               "s.json: /platform/server: expected a whole number from 0 to 3, got \"node-1\""));
  CHECK(error({{"type", "torus"}}) ==
        "s.json: /platform: missing \"dimensions\": expected a list of 1 to 8 whole numbers, 1 or more");
  CHECK(error({{"type", "torus"}, {"dimensions", {2, 0}}}) ==
        "s.json: /platform/dimensions/1: expected a whole number, 1 or more, got 0");
  CHECK(begins(error({{"type", "torus"}, {"dimensions", json::array()}}),
               "s.json: /platform/dimensions: expected a list of 1 to 8 whole numbers, 1 or more, got []"));

  const json tree = {{"type", "fat-tree"}, {"down", {2, 2}}};
  CHECK(error(tree, 3) == "no error");
  CHECK(error(tree, 9) ==
        "s.json: /platform/down: makes 4 nodes, which hold the server and 3 workers: the scenario has 9");
  CHECK(error(with(tree, {{"up", {1}}}), 3) ==
        "s.json: /platform/up: expected 2 numbers, one a level, as \"down\" has, got 1");
  CHECK(error(with(tree, {{"cables", {1, 1, 1}}}), 3) ==
        "s.json: /platform/cables: expected 2 numbers, one a level, as \"down\" has, got 3");
  CHECK(error(with(tree, {{"up", {1, 1000000}}}), 3) ==
        "s.json: /platform/up: makes, with \"down\" and \"cables\", 2000004 links: expected at most 1000000");

  const json fly = {{"type", "dragonfly"}, {"groups", 2}, {"chassis", 1}, {"routers", 2}, {"nodes", 1}};
  CHECK(error(fly, 3) == "no error");
  CHECK(error(fly, 4) ==
        "s.json: /platform/nodes: makes 4 nodes, which hold the server and 3 workers: the scenario has 4");
  CHECK(error(with(fly, {{"groups", 3}}), 3) ==
        "s.json: /platform/groups: expected at most 2, the routers of a chassis, which hold the links between groups, "
        "got 3");
  CHECK(error(with(fly, {{"cables", {1, 2}}}), 3) ==
        "s.json: /platform/cables: expected three whole numbers: for groups, chassis and routers, got [1,2]");
  CHECK(error({{"type", "dragonfly"}, {"groups", 1}}) ==
        "s.json: /platform: missing \"chassis\": expected a whole number from 1 to 10000");
}

TEST_CASE("shapes that SimGrid builds without a hitch at their edges") {
  for (const json& dimensions : {json{5}, json{1, 5}, json{5, 1}, json{2, 2, 2}, json{1, 1, 6}, json{3, 1, 2}}) {
    INFO(dimensions.dump());
    CHECK(error({{"type", "torus"}, {"dimensions", dimensions}}) == "no error");
  }
  for (const json& tree : {json{{"down", {5}}}, json{{"down", {5, 1}}}, json{{"down", {1, 5}}},
                           json{{"down", {2, 3}}, {"up", {2, 3}}, {"cables", {3, 2}}},
                           json{{"down", {2, 2, 2}}, {"up", {1, 2, 2}}}, json{{"down", {5}}, {"up", {4}}}}) {
    INFO(tree.dump());
    CHECK(error(with({{"type", "fat-tree"}}, tree)) == "no error");
  }
  for (int groups = 1; groups <= 4; ++groups)
    for (int chassis = 1; chassis <= 3; ++chassis)
      for (int nodes = 5; nodes <= 6; ++nodes) {
        INFO(groups << ' ' << chassis << ' ' << nodes);
        CHECK(
            error(
                {{"type", "dragonfly"}, {"groups", groups}, {"chassis", chassis}, {"routers", 4}, {"nodes", nodes}}) ==
            "no error");
      }
}

TEST_CASE("latencies that SimGrid's solver does not share rightly") {
  const json cluster = {{"type", "cluster"}, {"latency", {0, "1ms", "1ms", "1ms"}}, {"server_latency", 0}};
  CHECK(error(cluster) == std::string("s.json: /platform: latency 0 between the server and worker-0, and 0.001 s for "
                                      "worker-1, over server_UP") +
                              meet);
  CHECK(error(with(cluster, {{"server_bandwidth", "400Mbps"}})) == "no error");  // they cannot
  CHECK(
      begins(error(with(cluster, {{"server_bandwidth", "400Mbps"}, {"backbone_bandwidth", "300Mbps"}})),
             "s.json: /platform: latency 0 between the server and worker-0, and 0.001 s for worker-1, over backbone"));
  CHECK(error(with(cluster, {{"server_latency", "1us"}})) == "no error");
  CHECK(error(with(cluster, {{"latency", 0}})) == "no error");  // none has one
  CHECK(begins(error(with(cluster, {{"latency", {1e-12, 1e-15, "1ms", "1ms"}}})),
               "s.json: /platform: latency 1e-15 s between the server and worker-1, and 0.001 s for worker-2, over "
               "server_UP: where flows meet, they share in proportion to 1/latency, which SimGrid can compute from "
               "1e-9 s up: give it"));
  CHECK(error(with(cluster, {{"latency", 1e-15}})) == "no error");  // all the same
  const json racks = {{"type", "two-tier"},
                      {"racks", 2},
                      {"uplink_latency", 0},
                      {"latency", {0, "1ms", 0, 0}},
                      {"server_bandwidth", "1Tbps"}};
  CHECK(error(with(racks, {{"oversubscription", 0.5}})) == "no error");
  CHECK(begins(
      error(with(racks, {{"oversubscription", 2}})),
      "s.json: /platform: latency 0 between the server and worker-0, and 0.001 s for worker-1, over rack-0_DOWN"));
}

TEST_CASE("racks") {
  const json block = {{"type", "two-tier"}, {"racks", 2}};
  CHECK(error({{"type", "two-tier"}}) == "s.json: /platform: missing \"racks\": expected a whole number, 1 or more");
  CHECK(error(block, 1) == "s.json: /platform/racks: expected at most one rack for each of the 1 workers, got 2");
  CHECK(error(with(block, {{"server", 2}})) ==
        "s.json: /platform/server: expected \"core\", or the number of a rack, 0 to 1, got 2");
  CHECK(error(with(block, {{"server", "cor"}})) ==
        "s.json: /platform/server: expected \"core\", or the number of a rack, 0 to 1, got \"cor\"");
  CHECK(error(with(block, {{"oversubscription", 2}, {"uplink_bandwidth", "1Gbps"}})) ==
        "s.json: /platform/oversubscription: says what \"uplink_bandwidth\" is: choose one of the two");
  CHECK(error(with(block, {{"oversubscription", 0}})) ==
        "s.json: /platform/oversubscription: expected a number from 0.001 to 1e6, got 0");
  CHECK(error(with(block, {{"dimensions", {2}}})).find("\"dimensions\" means nothing to the two-tier; it reads ") !=
        std::string::npos);
}

TEST_CASE("wifi: the air has no latency, and its limits are said") {
  CHECK(begins(
      error({{"type", "wifi"}, {"latency", "1ms"}}),
      "s.json: /platform: \"latency\" means nothing to the wifi; it reads \"bandwidth\", \"server_bandwidth\", "));
  CHECK(error({{"type", "wifi"}, {"bandwidth", {"54Mbps", "6Mbps", "6Mbps", "1Mbps"}}, {"server_latency", 0}}) ==
        "no error");
  CHECK(begins(error({{"type", "wifi"}, {"bandwidth", 0}}),
               "s.json: /platform/bandwidth: expected a positive bandwidth"));
}

TEST_CASE("wan: matrices") {
  const json block = {{"type", "wan"}, {"sites", {"A", "B", "C"}}};
  CHECK(error(block) == "no error");
  CHECK(error({{"type", "wan"}}) ==
        "s.json: /platform: missing \"sites\": expected a list of different names, or a \"path\" with measurements");
  const json good = {{0, 1, 2}, {1, 0, 3}, {2, 3, 0}};
  CHECK(error(with(block, {{"site_latency", good}})) == "no error");
  CHECK(error(with(block, {{"site_latency", {{0, 1}, {1, 0}}}})) ==
        "s.json: /platform/site_latency: expected 3 rows of 3 values, one a site, got 2 rows");
  CHECK(error(with(block, {{"site_latency", {{0, 1, 2}, {1, 0}, {2, 3, 0}}}})) ==
        "s.json: /platform/site_latency/1: expected a row of 3 values, one a site, got 2 of them");
  CHECK(error(with(block, {{"site_latency", {1, 2, 3}}})) ==
        "s.json: /platform/site_latency/0: expected a row of 3 values, one a site, got 1");
  CHECK(error(with(block, {{"site_latency", {{0, 1, 2}, {1, 0, 4}, {2, 3, 0}}}})) ==
        "s.json: /platform/site_latency/2/1: expected a symmetric matrix: 3 differs from 4 the other way; "
        "\"symmetric\": \"mean\" takes the mean of both ways, \"symmetric\": false each way as it is");
  CHECK(begins(error(with(block, {{"site_latency", {{0, -1, 2}, {-1, 0, 3}, {2, 3, 0}}}})),
               "s.json: /platform/site_latency/0/1: expected a time that is not negative"));
  CHECK(begins(error(with(block, {{"site_latency", {{0, "fast", 2}, {1, 0, 3}, {2, 3, 0}}}})),
               "s.json: /platform/site_latency/0/1: expected a time that is not negative"));
  CHECK(begins(error(with(block, {{"site_latency", {{0, "nan", 2}, {1, 0, 3}, {2, 3, 0}}}})),
               "s.json: /platform/site_latency/0/1: expected a time that is not negative"));
  CHECK(error(with(block, {{"site_bandwidth", {1e6, 1e6}}})) ==
        "s.json: /platform/site_bandwidth: expected one value for each of the 3 sites, got 2 of them");
  CHECK(error(with(block, {{"site_bandwidth", {{0, 1e6, 1e6}, {1e6, 0, 0}, {1e6, 0, 0}}}}))
            .find("s.json: /platform/site_bandwidth/1/2: expected a positive bandwidth") == 0);
  CHECK(error(with(block, {{"server", "D"}})) == "s.json: /platform/server: expected \"A\", \"B\" or \"C\", got \"D\"");
  CHECK(error(with(block, {{"sites", {"Paris", "Tokyo"}}, {"server", "Tokio"}})) ==
        "s.json: /platform/server: expected \"Paris\" or \"Tokyo\", got \"Tokio\" (did you mean \"Tokyo\"?)");
  CHECK(begins(error(with(block, {{"sites", {"A", "A"}}})),
               "s.json: /platform/sites: expected a list of different names"));
  CHECK(error(with(block, {{"workers_at", {1, 1, 1}}})) ==
        "s.json: /platform/workers_at: adds up to 3 workers: the scenario has 4");
  CHECK(error(with(block, {{"workers_at", {2, 2}}})) ==
        "s.json: /platform/workers_at: expected a list of 3 whole numbers, one a site, got [2,2]");
  CHECK(error(with(block, {{"workers_at", {2, 2, 5000000000}}})).find("s.json: /platform/workers_at: expected ") == 0);
  CHECK(error(with(block, {{"round_trip", true}})) ==
        "s.json: /platform/round_trip: says how to read a \"path\", and there is none");
}

TEST_CASE("wan: measurements are refused at their line") {
  const PlatformFiles files;
  const auto csv_error = [&](const std::string& text, const json& more = json::object()) {
    const std::string path = files.write("pairs.csv", text);
    const std::string out = error(with({{"type", "wan"}, {"path", path}}, more));
    return out.starts_with(path) ? "pairs.csv" + out.substr(path.size()) : out;
  };
  const std::string head = "region_a,region_b,delay_ms,bandwidth_gbps\n",
                    good = head + "A,B,10,1\nB,C,20,1\nA,C,30,1\n";
  CHECK(csv_error(good) == "no error");
  CHECK(csv_error("") == "pairs.csv: is empty");
  CHECK(begins(csv_error("A,B,10,1\n"), "pairs.csv:1: expected a header such as \"region_a,region_b,delay_ms,"));
  CHECK(csv_error(head) == "pairs.csv:1: expected a line for each pair of sites, got the header alone");
  CHECK(csv_error(head + "A,B,10\n") == "pairs.csv:2: expected 4 fields, as the header has, got 3");
  CHECK(csv_error(head + "A,B,-1,1\n") ==
        "pairs.csv:2: expected a delay in ms, a number that is not negative, got \"-1\"");
  CHECK(csv_error(head + "\nA,B,nan,1\n") ==
        "pairs.csv:3: expected a delay in ms, a number that is not negative, got \"nan\"");
  CHECK(csv_error(head + "A,B,,1\n") == "pairs.csv:2: expected a delay in ms, a number that is not negative, got \"\"");
  CHECK(csv_error(head + "A,B,10,0\n") == "pairs.csv:2: expected a positive bandwidth, got \"0\"");
  CHECK(csv_error(head + "A,A,10,1\n") == "pairs.csv:2: expected a pair of two sites, got \"A\" twice");
  CHECK(csv_error(head + "A,,10,1\n") == "pairs.csv:2: expected the name of a site, got nothing");
  CHECK(csv_error(good + "B,A,10,1\n") == "no error");
  const std::string choices =
      "; \"symmetric\": \"mean\" takes the mean of both ways, \"symmetric\": false each way as it is";
  CHECK(csv_error(good + "A,B,11,1\n") ==
        "pairs.csv:5: \"A\" and \"B\" differ from line 2: expected a pair once in each direction");
  CHECK(csv_error(good + "B,A,11,1\n") ==
        "pairs.csv: the pair \"A\", \"B\": expected the same both ways, got 10 ms there and 11 back" + choices);
  CHECK(csv_error(good + "B,A,11,1\n", {{"symmetric", "mean"}}) == "no error");
  CHECK(csv_error(good + "B,A,11,1\n", {{"symmetric", false}}) == "no error");
  CHECK(csv_error(good, {{"symmetric", "max"}}) ==
        "s.json: /platform/symmetric: expected true, false or \"mean\", got \"max\"");
  CHECK(csv_error(head + "A,B,10,1\nB,C,20,1\n") ==
        "pairs.csv: the pair \"A\", \"C\" is not measured; \"sites\" may leave one of them out");
  CHECK(csv_error(head + "A,B,10,1\nB,C,20,1\n", {{"sites", {"B", "C"}}}) == "no error");
  CHECK(csv_error(good, {{"sites", {"A", "D"}}}) ==
        "s.json: /platform/sites: expected \"A\", \"B\" or \"C\", got \"D\"");
  CHECK(csv_error(good, {{"site_latency", "1ms"}}) ==
        "s.json: /platform/site_latency: is what \"path\" says: choose one of the two");

  const auto matrix_error = [&](const std::string& text) { return csv_error(text, {{"site_bandwidth", "1Gbps"}}); };
  CHECK(matrix_error("0 1\n1 0\n") == "no error");
  CHECK(matrix_error("0 1\n2 0\n") ==
        "pairs.csv: the pair \"0\", \"1\": expected the same both ways, got 1 ms there and 2 back" + choices);
  CHECK(matrix_error("0 1 2\n1 0\n") == "pairs.csv:1: expected 2 numbers, as many as the matrix has lines, got 3");
  CHECK(matrix_error("0 1 2\n1 0 x\n2 x 0\n") ==
        "pairs.csv:2: expected a delay in ms, a number that is not negative, got \"x\"");
  CHECK(matrix_error("0 -1\n-1 0\n") ==
        "pairs.csv:1: expected a delay in ms, a number that is not negative, got \"-1\"");
  CHECK(matrix_error("0 1\n1 5\n") == "no error");
  CHECK(begins(error({{"type", "wan"}, {"path", "no-such.csv"}}), "s.json: /platform/path: no such file: looked for "));
  CHECK(begins(error({{"type", "wan"}, {"path", "/no-such.csv"}}), "/no-such.csv: "));
}

TEST_CASE("file: names and patterns") {
  const PlatformFiles files;
  const json block = platform_example("file", files);
  CHECK(error(block, 11) == "no error");
  CHECK(
      error(block, 12) ==
      "s.json: /platform/workers: \"*\" names 11 of the 12 hosts, the server's node-0 apart: the scenario has 12 workers");
  CHECK(
      error(with(block, {{"workers", "nod-*"}})) ==
      "s.json: /platform/workers: \"nod-*\" names none of the 12 hosts, the server's node-0 apart: the scenario has 4 "
      "workers");
  CHECK(error(with(block, {{"server", "nod-3"}})).find("s.json: /platform/server: expected \"node-0\", ") == 0);
  CHECK(error(with(block, {{"server", "node3"}})).ends_with(" got \"node3\" (did you mean \"node-3\"?)"));
  CHECK(error(with(block, {{"workers", {"node-1", "node-2", "nodE-12", "node-4"}}}))
            .find("s.json: /platform/workers/2: expected \"node-0\", ") == 0);
  CHECK(error(with(block, {{"workers", {"node-1", "node-2"}}})) ==
        "s.json: /platform/workers: expected one host for each of the 4 workers, got 2 of them");
  CHECK(error(with(block, {{"workers", {"node-1", "node-2", "node-1", "node-3"}}})) ==
        "s.json: /platform/workers: names a host twice: expected one for each worker");
  CHECK(error(with(block, {{"workers", {"node-1", "node-0", "node-2", "node-3"}}})) ==
        "s.json: /platform/workers/1: node-0 is the server's host");
  CHECK(
      error(with(block, {{"latency", "1ms"}})) ==
      "s.json: /platform: \"latency\" means nothing to the file; it reads \"file\", \"server\", \"type\", \"watts\" and "
      "\"workers\"");
  CHECK(error({{"type", "file"}}) == "s.json: /platform: missing \"file\": expected the path of a file");
  CHECK(begins(
      error({{"type", "file"}, {"file", "/x.json"}}),
      "s.json: /platform/file: expected SimGrid's XML, got /x.json: for a platform block in JSON leave \"type\" out"));
}

TEST_CASE("file: what SimGrid cannot read is a sentence, not a crash") {
  const PlatformFiles files;
  const auto xml_error = [&](const std::string& text, const char* network = "alpha-beta", int workers = 1) {
    const std::string path = files.write("p.xml", text);
    std::string out = error({{"file", path}}, workers, network);
    for (std::size_t at; (at = out.find(path)) != std::string::npos;) out.replace(at, path.size(), "p.xml");
    return out;
  };
  const std::string head =
      "<?xml version=\"1.0\"?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n<platform version=\"4.1\">";
  const auto zone = [&](const std::string& inside, const char* routing = "Full") {
    return head + "<zone id=\"z\" routing=\"" + routing + "\">" + inside + "</zone></platform>\n";
  };
  const std::string hosts = "<host id=\"a\" speed=\"1Gf\"/><host id=\"b\" speed=\"1Gf\"/>",
                    link = "<link id=\"l\" bandwidth=\"1MBps\" latency=\"1ms\"/>",
                    route = "<route src=\"a\" dst=\"b\"><link_ctn id=\"l\"/></route>";
  const std::string no = "s.json: /platform/file: p.xml ",
                    cannot = "s.json: /platform/file: SimGrid cannot read p.xml: ";
  CHECK(xml_error(zone(hosts + link + route)) == "no error");
  const std::string at = "s.json: /platform/file: p.xml, line ";
  CHECK(begins(xml_error("<foo"), at + "1: no XML: "));
  CHECK(begins(xml_error("<platform version='4.1'>\n<zone></platform>"), at + "2: no XML: "));
  CHECK(begins(xml_error(""), at + "1: no XML: "));
  CHECK(begins(xml_error("{\"type\": \"star\"}"), at + "1: no XML: "));
  CHECK(
      begins(xml_error("<html></html>"), "s.json: /platform/file: p.xml: expected the element <platform>, got <html>"));
  CHECK(begins(xml_error(zone("<host id=\"a\" speed=\"fast\"/>")),
               at + "3: speed of <host> a: expected a positive speed such as \"1Gf\""));
  CHECK(begins(xml_error(zone(hosts + hosts)), cannot));
  CHECK(begins(xml_error(zone(hosts + link + "<route src=\"a\" dst=\"c\"><link_ctn id=\"l\"/></route>")),
               "s.json: /platform"));
  CHECK(begins(xml_error(zone(hosts + link + route, "Fulll")),
               "s.json: /platform: SimGrid cannot build it: Not a valid model!"));
  CHECK(xml_error(zone(hosts)) == "s.json: /platform: no way from a to b: no link lies between them");
  CHECK(xml_error(zone("")) == "s.json: /platform/file: p.xml has no hosts");
  CHECK(begins(xml_error(zone("<host id=\"a\" speed=\"0f\"/><host id=\"b\" speed=\"1Gf\"/>" + link + route)),
               "s.json: /platform"));
  CHECK(begins(xml_error(zone(hosts + "<link id=\"l\" bandwidth=\"0MBps\" latency=\"1ms\"/>" + route)),
               "s.json: /platform"));
  CHECK(begins(xml_error(zone(hosts + "<link id=\"l\" bandwidth=\"-1MBps\" latency=\"1ms\"/>" + route)),
               "s.json: /platform"));
  CHECK(begins(xml_error(zone(hosts + "<link id=\"l\" bandwidth=\"1MBps\" latency=\"-1ms\"/>" + route)),
               "s.json: /platform"));

  // What would end in a run without end, or in another network than the scenario says.
  const auto states = [&](const std::string& what) {
    return zone("<host id=\"a\" speed=\"1Gf\" " + what + "/><host id=\"b\" speed=\"1Gf\"/>" + link + route);
  };
  const std::string of_a = "s.json: /platform/file: p.xml: the state_file of host a";
  CHECK(xml_error(states("state_file=\"x\"")) == of_a + " is not there: " + (files.folder / "x").string());
  files.write("states.txt", "0 1\n2.5 0.5\n");
  CHECK(xml_error(states("state_file='states.txt'")) ==
        of_a + ": " + (files.folder / "states.txt").string() +
            ": expected 1, which is up, or 0, which is down, got 0.5 at 2.5 s");
  files.write("states.txt", "0 1\n2.5 0 3\n");
  CHECK(begins(xml_error(states("state_file = \"states.txt\"")),
               of_a + ": " + (files.folder / "states.txt").string() + ": line 2: expected \"date value\""));
  files.write("states.txt", "0 1\n2.5 0\n3 1\n");
  CHECK(xml_error(states("state_file=\"states.txt\"")) == "no error");
  const std::string profile =
      zone(hosts + "<link id=\"l\" bandwidth=\"1MBps\" latency=\"1ms\" bandwidth_file=\"half.txt\"/>" + route);
  files.write("half.txt", "0.5 500000\n");
  CHECK(xml_error(profile) == "no error");
  CHECK(begins(xml_error(profile, "tcp"), no + "changes links with time (the bandwidth_file of link l): "));
  const auto config = [&](const std::string& id, const std::string& value) {
    return head + "<config><prop id=\"" + id + "\" value=\"" + value + "\"/></config><zone id=\"z\" routing=\"Full\">" +
           hosts + link + route + "</zone></platform>";
  };
  CHECK(xml_error(config("network/model", "LV08")) ==
        at + "3: <config> sets network/model to \"LV08\", and the scenario's network \"alpha-beta\" says CM02");
  CHECK(xml_error(config("network/model", "LV08"), "tcp") == "no error");
  CHECK(begins(xml_error(config("network/crosstraffic", "no"), "tcp"), at + "3: <config> sets network/crosstraffic"));
  CHECK(xml_error(config("network/crosstraffic", "no")) == "no error");
  CHECK(xml_error(config("contexts/stack-size", "1024")) == "no error");
  CHECK(begins(xml_error(config("network/nonsense", "1")), at + "3: <config> sets \"network/nonsense\""));
  const auto connected = [&](const std::string& trace) { return zone(hosts + link + route + trace); };
  const std::string down = "<trace id=\"t\" periodicity=\"3.0\">\n0 1\n1 -1\n2 1\n</trace>";
  CHECK(xml_error(connected(down + "<trace_connect kind=\"LINK_AVAIL\" trace=\"t\" element=\"l\"/>")) == "no error");
  CHECK(xml_error(connected("<trace_connect kind=\"LINK_AVAIL\" trace=\"u\" element=\"l\"/>")) ==
        no.substr(0, no.size() - 1) + ": the trace u of l, line 3: expected the id of a <trace>");
  CHECK(begins(xml_error(head + "<actor host=\"a\" function=\"f\"/></platform>"), no + "starts actors"));
  // In a comment it is nothing.
  CHECK(xml_error(zone(hosts + link + route + "<!-- state_file=\"x\" <config> -->")) == "no error");
}
