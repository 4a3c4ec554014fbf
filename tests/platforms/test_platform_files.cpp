#include <algorithm>
#include <cstdlib>

#include "algorithms/base/human_units.hpp"
#include "platforms/built/graphviz.hpp"
#include "platforms/topologies/registry.hpp"
#include "tests/platforms/examples.hpp"
#include "tests/real_data.hpp"
#include "tests/sim/runs.hpp"

// Platforms that come with Laconic, and platforms nobody here wrote.

using namespace laconic::tests;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

json quickstart_on(const json& platform, int workers) {
  std::ifstream in(fs::path(LACONIC_SOURCE_DIR) / "scenarios/quickstart.json");
  json source = json::parse(in);
  source["platform"] = platform;
  source["workers"] = workers;
  source["stop"] = {{"rounds", 3}};
  return source;
}

// Every method of the quickstart runs, and trains as it does without a network.
void runs_on(const json& platform, int workers) {
  const auto without_time = [](const std::string& text) {
    auto rows = csv(text);
    for (auto& row : rows) row[sim_time] = row[compute_s] = "";
    return rows;
  };
  const fs::path folder = fs::path(LACONIC_SOURCE_DIR) / "scenarios";
  const Scenario s = make_scenario(quickstart_on(platform, workers), "q.json", folder);
  const Scenario lockstep = make_scenario(quickstart_on({{"type", "none"}}, workers), "q.json", folder);
  REQUIRE(s.algorithms.size() >= 5);
  for (std::size_t i = 0; i < s.algorithms.size(); ++i) {
    INFO(s.algorithms[i].label);
    const std::string rows = in_child([&] { return rows_of(s, i); });
    REQUIRE(csv(rows).size() == 4);
    CHECK(std::stod(csv(rows).back()[sim_time]) > 0);
    CHECK(without_time(rows) == without_time(rows_of(lockstep, i)));
  }
}

bool there(const fs::path& path) {
  if (fs::exists(path)) return true;
  WARN("skipped: " << path.string() << " is not there");
  return false;
}

}  // namespace

TEST_CASE("the platforms that come with Laconic run the quickstart") {
  int found = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(LACONIC_SOURCE_DIR) / "platforms" / "ready")) {
    if (entry.path().extension() != ".json") continue;
    const std::string name = entry.path().filename();
    INFO(name);
    runs_on({{"file", "../platforms/ready/" + name}}, name == "wifi-20.json" ? 20 : name == "two-sites.json" ? 8 : 10);
    ++found;
  }
  CHECK(found >= 10);
}

TEST_CASE("platforms in XML that nobody here wrote run the quickstart") {
  const fs::path folder = real_data() / "network/simgrid-platforms";
  if (!there(folder)) return;
  const std::vector<std::pair<json, int>> platforms{
      {{{"file", "cluster_backbone.xml"}}, 20},
      {{{"file", "cluster_dragonfly.xml"}, {"workers", "node-*"}}, 20},
      {{{"file", "cluster_fat_tree.xml"}}, 15},
      {{{"file", "cluster_multi.xml"}}, 20},
      {{{"file", "cluster_torus.xml"}}, 11},
      {{{"file", "data_center.xml"}, {"workers", "cb2-*"}}, 10},
      {{{"file", "dogbone.xml"}, {"server", "S1"}, {"workers", {"C1", "C2"}}}, 2},
      {{{"file", "energy_cluster.xml"}}, 1},
      {{{"file", "g5k.xml"}, {"server", "griffon-1.nancy.grid5000.fr"}, {"workers", "sol-*.sophia.grid5000.fr"}}, 20},
      {{{"file", "griffon.xml"}}, 20},
      {{{"file", "meta_cluster.xml"}, {"workers", "*.cluster2"}}, 10},
      {{{"file", "small_platform.xml"}, {"server", "Tremblay"}}, 6},
      {{{"file", "vivaldi.xml"}}, 20},
      {{{"file", "wifi.xml"}, {"server", "node1"}}, 2},
  };
  for (auto [platform, workers] : platforms) {
    platform["file"] = (folder / platform["file"].get<std::string>()).string();
    INFO(platform.dump());
    runs_on(platform, workers);
  }
}

TEST_CASE("measured networks make a wide area") {
  const fs::path folder = real_data() / "network";
  if (there(folder / "aws-10region-delay-bandwidth.csv")) {
    const json aws = {
        {"type", "wan"}, {"path", (folder / "aws-10region-delay-bandwidth.csv").string()}, {"server", "Ohio"}};
    runs_on(aws, 10);
    const Survey seen = survey_of(scenario_of([&] {
      json source = small_scenario();
      source["platform"] = aws;
      source["workers"] = 10;
      return source;
    }()));
    CHECK(seen.up[0].latency == Approx(0.049 + 1e-4));  // Oregon to Ohio
    CHECK(seen.up[0].bandwidth == Approx(1e9 / 8));     // the access link; the pair has 1.10 Gbps
  }
  if (there(folder / "planetlab-490-rtt.txt.xz")) {
    const json planetlab = {
        {"type", "wan"}, {"path", (folder / "planetlab-490-rtt.txt.xz").string()}, {"site_bandwidth", "100Mbps"}};
    runs_on(planetlab, 30);
    json few = planetlab;
    few["sites"] = {0, 3, 8};
    json source = small_scenario();
    source["platform"] = few;
    const Survey seen = survey_of(scenario_of(source));
    CHECK(seen.up[1].latency == Approx(1e-4 + 0.12142 / 2));
  }
}

TEST_CASE("a measured matrix is read as it comes: names, gaps, any diagonal, two ways") {
  const PlatformFiles files;
  const auto seen = [&](const std::string& text, const json& more) {
    json source = small_scenario();
    source["workers"] = 2;
    source["platform"] = {{"type", "wan"},
                          {"path", files.write("m.txt", text)},
                          {"sites", {"Rome", "Oslo"}},
                          {"latency", "10ns"},
                          {"workers_at", {1, 1}},
                          {"bandwidth", "10Gbps"},
                          {"server", "Rome"}};
    source["platform"].update(more);
    return survey_of(scenario_of(source));
  };
  const json mean = {{"symmetric", "mean"}}, own = {{"symmetric", false}};
  for (const std::string text :
       {"site,Rome,Bonn,Oslo\nRome,-,,20\nBonn,*,0.1,-\nOslo,40,-,self\n",
        "\xef\xbb\xbf\"\",\"Rome\",\"Bonn\",\"Oslo\"\r\n\"Rome\",0,1,20\r\n\"Bonn\",1,0,*\r\n\"Oslo\",40,*,0\r\n",
        "Rome Bonn Oslo\n0 - 20\n- 0 -\n40 - 0\n", "Rome\t0\t1\t20\nBonn\t1\t0\t-\nOslo\t40\t-\t0\n",
        "Rome Bonn Oslo\nRome 7 - 20\nBonn - 7 -\nOslo 40 - 7\n"}) {
    INFO(text);
    CHECK(seen(text, mean).up[1].latency == Approx(0.015));
    CHECK(seen(text, mean).down[1].latency == Approx(0.015));
    CHECK(seen(text, own).down[1].latency == Approx(0.010));
    CHECK(seen(text, own).up[1].latency == Approx(0.020));
  }
  const std::string ways = "a,b,delay_ms,bandwidth_mbps\nRome,Oslo,10,8\nOslo,Rome,30,16\n";
  CHECK(seen(ways, mean).up[1].latency == Approx(0.02));
  CHECK(seen(ways, mean).up[1].bandwidth == Approx(1.5e6));
  CHECK(seen(ways, own).down[1].bandwidth == Approx(1e6));
  CHECK(seen(ways, own).up[1].bandwidth == Approx(2e6));
  CHECK(seen(ways, own).up[1].latency == Approx(0.03));
}

TEST_CASE("what a platform file names beside itself is found from any scenario") {
  const PlatformFiles files;
  fs::create_directories(files.folder / "p");
  fs::create_directories(files.folder / "s");
  files.write("p/small.xml", small_xml);
  files.write("p/x.json", R"({"file": "small.xml", "server": "node-3"})");
  files.write("p/pairs.csv", "a,b,rtt_ms\nA,B,20\n");
  files.write("p/w.json", R"({"type": "wan", "path": "pairs.csv", "latency": "1ms"})");
  json source = small_scenario();
  source["platform"] = {{"file", "../p/x.json"}};
  CHECK(survey_of(make_scenario(source, "s.json", files.folder / "s")).server.name == "node-3");
  source["platform"] = {{"file", "../p/w.json"}};
  const Scenario s = make_scenario(source, "s.json", files.folder / "s");
  CHECK(survey_of(s).up[2].latency == Approx(0.011));
  // What was run is a scenario again, from anywhere.
  CHECK(survey_of(make_scenario(s.source, "t.json", "/")).up[2].latency == Approx(0.011));
}

TEST_CASE("a picture shows the server, the workers and every link once") {
  const PlatformFiles files;
  for (const auto& entry : topologies()) {
    INFO(entry.name);
    json source = small_scenario();
    source["workers"] = 4;
    source["platform"] = platform_example(entry.name, files);
    const Survey seen = survey_of(scenario_of(source));
    const std::string dot = dot_of(seen, "a \"title\"");
    CHECK(dot.find("graph platform {") == 0);
    CHECK(dot.find("a \\\"title\\\"") != std::string::npos);
    CHECK(dot.find(seen.server.name) != std::string::npos);
    for (const auto& worker : seen.workers) CHECK(dot.find("\"" + worker.name + "\\n") != std::string::npos);
    CHECK(std::count(dot.begin(), dot.end(), '\x01') == 0);
    const std::string two = dot_of(seen, "x", 2);
    CHECK(two.find("2 of 4 workers are drawn") != std::string::npos);
    CHECK(two.find(seen.workers[3].name + "\\n") == std::string::npos);
  }
}

TEST_CASE("quantities for people") {
  CHECK(rate_words(12.5e6) == "100 Mbps");
  CHECK(rate_words(1.25e9) == "10 Gbps");
  CHECK(speed_words(1e10) == "10 Gf");
  CHECK(time_words(0) == "0 s");
  CHECK(time_words(2.5e-8) == "25 ns");
  CHECK(time_words(1e-6) == "1 µs");
  CHECK(time_words(0.0123) == "12.3 ms");
  CHECK(time_words(2) == "2 s");
}
