#include <zlib.h>

#include <limits>
#include <map>
#include <set>

#include "tests/sim/program.hpp"
#include "tests/sim/runs.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

struct Told {
  json events;
  std::vector<std::vector<std::string>> rows;
};

// Runs algorithm 0 with a timeline of rounds first to last.
Told timeline_of(const json& source, Round first = 1, Round last = 1000000) {
  const Scenario s = scenario_of(source);
  const std::string text = in_child([&] {
    std::FILE *rows = std::tmpfile(), *events = std::tmpfile();
    Timeline timeline(events, s.algorithms[0].label, 0, first, last);
    run_job(s, 0, rows, {}, {.timeline = &timeline});
    std::string out;
    for (std::FILE* file : {rows, events}) {
      std::fflush(file);
      std::rewind(file);
      char buffer[4096];
      for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;) out.append(buffer, n);
      if (file == rows) out += '\f';
    }
    return out;
  });
  const auto cut = text.find('\f');
  REQUIRE(cut != std::string::npos);
  return {json::parse("[" + text.substr(cut + 2) + "]"), csv(text.substr(0, cut))};
}

json uneven(const json& algorithm) {
  json source = small_scenario(algorithm);
  source["platform"]["worker_speed"] = {"1Mf", "300kf", "2Mf"};
  source["platform"]["latency"] = {"10ms", "1ms", "3ms"};
  source["compress_flops_per_entry"] = 3;
  return source;
}

std::string unzipped(const fs::path& path) {
  const gzFile file = gzopen(path.c_str(), "rb");
  REQUIRE(file);
  CHECK(gzdirect(file) == 0);
  std::string text;
  char buffer[4096];
  for (int n; (n = gzread(file, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(n));
  gzclose(file);
  return text;
}

struct Slice {
  std::string name;
  double from, to;
  Round round;
};

// The events of each track, by its name, in the order of the file.
std::map<std::string, std::vector<Slice>> tracks_of(const json& events) {
  std::map<int, std::string> names;
  std::map<std::string, std::vector<Slice>> out;
  for (const auto& event : events)
    if (event["name"] == "thread_name") names[event["tid"]] = event["args"]["name"];
  for (const auto& event : events)
    if (event["ph"] == "X")
      out[names.at(event["tid"])].push_back({event["name"], event["ts"].get<double>() * 1e-6,
                                             (event["ts"].get<double>() + event["dur"].get<double>()) * 1e-6,
                                             event["args"]["round"]});
  return out;
}

}  // namespace

TEST_CASE("on each host's track one state follows the other, from the start to the end of the run") {
  for (const json& algorithm : {json{{"method", "gd"}}, json{{"method", "lag-wk"}}, json{{"method", "lag-ps"}},
                                json{{"method", "mh-signsgd"}, {"step", 0.1}, {"batch", 4}}}) {
    INFO(algorithm.dump());
    const auto [events, rows] = timeline_of(uneven(algorithm));
    const double end = std::stod(rows.back()[sim_time]);
    const auto tracks = tracks_of(events);
    REQUIRE(tracks.size() == 4);
    double computed = 0;
    std::size_t computations = 0;
    for (const auto& [host, slices] : tracks) {
      INFO(host);
      CHECK(slices.front().from == 0);
      CHECK(slices.back().to == Approx(end).margin(1e-9));
      for (std::size_t i = 1; i < slices.size(); ++i) {
        CHECK(slices[i].from == Approx(slices[i - 1].to).margin(1e-12));
        CHECK(slices[i].round >= slices[i - 1].round);
        CHECK_FALSE((slices[i].round == slices[i - 1].round && slices[i].name == slices[i - 1].name));
      }
      for (const auto& slice : slices) {
        CHECK(slice.to > slice.from);
        // A round's slices lie within it.
        CHECK(slice.from >= std::stod(rows[static_cast<std::size_t>(slice.round) - 1][sim_time]) - 1e-9);
        CHECK(slice.to <= std::stod(rows[static_cast<std::size_t>(slice.round)][sim_time]) + 1e-9);
        if (host == "server" || slice.name != "compute") continue;
        computed += slice.to - slice.from;
        ++computations;
      }
    }
    // Times are whole nanoseconds.
    CHECK(computed == Approx(std::stod(rows.back()[compute_s])).margin(1e-9 * static_cast<double>(computations)));
  }
}

TEST_CASE("a round of one worker, to the nanosecond: receive, compute, send, its server sends, waits, receives") {
  json source = small_scenario();
  source["workers"] = 1;
  source["stop"]["rounds"] = 2;
  const auto [events, rows] = timeline_of(source);
  const double model = 5 * 8 + 64, transfer = 0.01 + model / 1e6, compute = 4 * 60 * 5 / 1e6;
  const auto tracks = tracks_of(events);
  const auto expect = [&](const std::string& host, const std::vector<std::pair<std::string, double>>& states) {
    double at = 0;
    std::size_t i = 0;
    for (int k = 0; k < 2; ++k)
      for (const auto& [name, duration] : states) {
        REQUIRE(i < tracks.at(host).size());
        CHECK(tracks.at(host)[i].name == name);
        CHECK(tracks.at(host)[i].from == Approx(at).margin(1e-9));
        at += duration;
        ++i;
      }
    CHECK(i == tracks.at(host).size());
  };
  expect("worker-0", {{"receive", transfer}, {"compute", compute}, {"send", transfer}});
  expect("server", {{"send", transfer}, {"wait", compute}, {"receive", transfer}});
}

TEST_CASE("what flows through a link's counter is what the run says it carried") {
  json source = uneven({{"method", "lag-wk"}});
  source["platform"]["server_bandwidth"] = "1500kBps";  // shared: rates change on the way
  const auto [events, rows] = timeline_of(source);
  std::map<std::string, double> carried, rate, since;
  for (const auto& event : events) {
    if (event["ph"] != "C") continue;
    const std::string name = event["name"];
    const double at = event["ts"].get<double>() * 1e-6;
    CHECK(at >= since[name]);
    carried[name] += rate[name] * (at - since[name]);
    since[name] = at;
    rate[name] = event["args"]["MB/s"].get<double>() * 1e6;
  }
  for (const auto& [name, left] : rate) CHECK(left == 0);
  CHECK(carried.at("server_UP") == Approx(std::stod(rows.back()[wire_down])).epsilon(1e-5));
  CHECK(carried.at("server_DOWN") == Approx(std::stod(rows.back()[wire_up])).epsilon(1e-5));
  double up = 0;
  for (const char* name : {"worker-0_UP", "worker-1_UP", "worker-2_UP"}) up += carried.at(name);
  CHECK(up == Approx(std::stod(rows.back()[wire_up])).epsilon(1e-5));
}

TEST_CASE("of the rounds that were asked for, at their own times, whether simulated or remembered") {
  const json source = uneven({{"method", "lag-wk"}});
  const auto whole = timeline_of(source), part = timeline_of(source, 4, 9);
  std::string in_range, told;
  for (const auto& event : whole.events) {
    const Round round = event["ph"] == "X" ? event["args"]["round"].get<Round>() : 0;
    if (round >= 4 && round <= 9) in_range += event.dump() + '\n';
  }
  for (const auto& event : part.events)
    if (event["ph"] == "X") told += event.dump() + '\n';
  CHECK(told == in_range);
  CHECK(told != "");
}

TEST_CASE("a remembered round is told of the workers that took part in it") {
  json source = small_scenario({{"method", "lag-ps"}});
  source["stop"]["rounds"] = 40;
  const auto [events, rows] = timeline_of(source);
  std::map<Round, std::set<std::string>> computing, sending;
  for (const auto& [host, slices] : tracks_of(events))
    for (const auto& slice : slices)
      if (host != "server" && slice.name == "compute") computing[slice.round].insert(host);
  for (const auto& event : events) {
    const std::string link = event["name"];
    if (event["ph"] != "C" || !link.ends_with("_UP") || link == "server_UP" || event["args"]["MB/s"] == 0) continue;
    Round round = 1;
    while (event["ts"].get<double>() * 1e-6 >= std::stod(rows[static_cast<std::size_t>(round)][sim_time])) ++round;
    sending[round].insert(link.substr(0, link.size() - 3));
  }
  // Who took part is what the method alone says.
  const Scenario s = scenario_of(source);
  Method method = s.make_method(0);
  Learner learner(method);
  std::set<std::set<std::string>> different;
  for (Round k = 0; k < 40; ++k) {
    std::set<std::string> expected;
    for (const auto& share : learner.round(k).shares) expected.insert("worker-" + std::to_string(share.m));
    CHECK(computing[k + 1] == expected);
    CHECK(sending[k + 1] == expected);
    if (expected.size() == 1) different.insert(expected);
  }
  CHECK(different.size() >= 2);
}

TEST_CASE("Wi-Fi's counter is the part of the air time that is used") {
  json source = small_scenario();
  source["platform"] = {{"type", "wifi"}, {"bandwidth", "1MBps"}, {"worker_speed", "1Mf"}};
  source["stop"]["rounds"] = 1;
  const auto told = timeline_of(source);
  double most = 0;
  for (const auto& event : told.events)
    if (event["ph"] == "C" && event["args"].contains("% of air time"))
      most = std::max(most, event["args"]["% of air time"].get<double>());
  CHECK(most == Approx(100));
}

TEST_CASE("a run is the same whether somebody watches or not") {
  const Folder here;
  json source = small_scenario();
  source["workers"] = 9;
  source["platform"]["worker_speed"] = {{"type", "uniform"}, {"min", "0.5Mf"}, {"max", "2Mf"}};
  source["platform"]["server_bandwidth"] = "20Mbps";
  source["conditions"] = {{"stragglers", {{"probability", 0.3}, {"factor", 4}}}};
  source["algorithms"] = {{{"method", "lag-wk"}}, {{"method", "lasg-ps"}, {"batch", 2}, {"step", 0.1}}};
  here.write("s.json", source);
  REQUIRE(here.laconic({"run", "s.json", "--out", "a"}).code == 0);
  const auto watched =
      here.laconic({"run", "s.json", "--out", "b", "--timeline", "t.json", "--timeline-rounds", "3:5"});
  CHECK(watched.err == "");
  REQUIRE(watched.code == 0);
  for (const char* table : {"trajectory.csv", "summary.csv"})
    CHECK(text_of(here.path / "a" / table) == text_of(here.path / "b" / table));
}

TEST_CASE("run and replay write timelines, compressed if so named, of each algorithm, and never over another file") {
  const Folder here;
  json source = small_scenario();
  source["algorithms"] = {{{"method", "gd"}, {"label", "G\\D"}}, {{"method", "lag-wk"}}};
  here.write("s.json", source);
  const auto run = here.laconic({"run", "s.json", "--out", "r", "--timeline", "t.json", "--timeline-rounds", "2:3"});
  CHECK(run.err == "");
  REQUIRE(run.code == 0);
  CHECK(run.out.find("timeline of rounds 2 to 3 in t.json\n") != std::string::npos);
  const json told = json::parse(text_of(here.path / "t.json"));
  std::map<int, std::string> processes;
  for (const auto& event : told["traceEvents"]) {
    // What the format wants of each kind.
    for (const char* key : {"ph", "pid", "name"}) CHECK(event.contains(key));
    if (event["ph"] != "M") CHECK(event["ts"].is_number());
    if (event["name"] == "process_name") processes[event["pid"]] = event["args"]["name"];
    if (event["ph"] == "X") {
      CHECK((event["args"]["round"] == 2 || event["args"]["round"] == 3));
      CHECK((event["dur"].is_number() && event["tid"].is_number()));
    }
  }
  CHECK(processes ==
        std::map<int, std::string>{{1, "G\\D: hosts"}, {2, "G\\D: links"}, {3, "lag-wk: hosts"}, {4, "lag-wk: links"}});

  REQUIRE(here.laconic({"replay", "r", "--out", "q", "--timeline", "t.json.gz", "--timeline-rounds", "2:3"}).code == 0);
  CHECK(unzipped(here.path / "t.json.gz") == text_of(here.path / "t.json"));

  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"--timeline", "t.json"}, "--timeline: t.json is there already; --force replaces it\n"},
      {{"--timeline", "no/t.json"}, "--timeline: no/t.json: cannot write: No such file or directory\n"},
      {{"--timeline", "u.json", "--set", R"(/platform={"type":"none"})"},
       "--timeline: a scenario without a network has no time: its platform is \"none\"\n"},
      {{"--timeline", "u.json", "--timeline-rounds", "5:2"},
       "--timeline-rounds: expected two whole numbers such as 1:100, the first and the last round, got \"5:2\""},
      {{"--timeline", "u.json", "--timeline-rounds", "0:2"}, "--timeline-rounds: expected"},
      {{"--timeline", "u.json", "--timeline-rounds", "7"}, "--timeline-rounds: expected"},
      {{"--timeline-rounds", "1:7"}, "--timeline-rounds requires --timeline"},
  };
  for (const auto& [arguments, message] : cases) {
    std::vector<std::string> command{"run", "s.json", "--out", "x"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto refused = here.laconic(command);
    INFO(message);
    CHECK(refused.code == 2);
    CHECK(refused.err.find(message) != std::string::npos);
    CHECK_FALSE(fs::exists(here.path / "x"));
  }
  CHECK(names_in(here.path) == std::vector<std::string>{".err", ".out", "q", "r", "s.json", "t.json", "t.json.gz"});
}

namespace {

// The rules of the format that Perfetto's and chrome://tracing's readers rest on. Perfetto cuts times to nanoseconds.
std::map<std::string, int> check_format(const json& events) {
  struct Track {
    std::int64_t process = 0, end = 0;
    double end_us = 0;
    bool named = false;
  };
  std::map<std::int64_t, Track> tracks;
  std::map<std::string, int> states;
  std::set<std::int64_t> processes;
  const auto whole = [](const json& event, const char* key) {
    REQUIRE(event.contains(key));
    REQUIRE(event[key].is_number_integer());
    CHECK(event[key].get<std::int64_t>() > 0);  // 0 is Perfetto's idle thread
    CHECK(event[key].get<std::int64_t>() <= std::numeric_limits<std::uint32_t>::max());
    return event[key].get<std::int64_t>();
  };
  const auto nanoseconds = [](const json& value) { return static_cast<std::int64_t>(value.get<double>() * 1000.0); };
  for (const auto& event : events) {
    INFO(event.dump());
    const std::string phase = event.at("ph"), name = event.at("name");
    const std::int64_t process = whole(event, "pid");
    if (phase == "M") {
      const bool thread = name.starts_with("thread_"), sorts = name.ends_with("_sort_index");
      CHECK((thread || name.starts_with("process_")));
      CHECK(event.at("args").at(sorts ? "sort_index" : "name").is_string() != sorts);
      if (!thread) processes.insert(process);
      if (!thread || sorts) continue;
      Track& track = tracks[whole(event, "tid")];
      CHECK_FALSE(track.named);  // a number is one thread's alone, whatever its process
      track.named = true;
      track.process = process;
      continue;
    }
    CHECK(processes.count(process) == 1);
    CHECK(event.at("ts").get<double>() >= 0);
    if (phase == "C") {
      CHECK(event.at("args").size() == 1);
      CHECK(event.at("args").begin()->get<double>() >= 0);
      continue;
    }
    Track& track = tracks.at(whole(event, "tid"));
    CHECK(track.process == process);
    ++states[name];
    if (phase == "i") {
      CHECK(event.at("s") == "t");
      continue;
    }
    REQUIRE(phase == "X");
    const double start = event["ts"], duration = event.at("dur");
    CHECK(duration > 0);
    CHECK(nanoseconds(event["ts"]) >= track.end);
    CHECK(start >= track.end_us - 2e-4);  // Timeline's tenth of a nanosecond, and rounding
    track.end = nanoseconds(event["ts"]) + nanoseconds(event["dur"]);
    track.end_us = start + duration;
  }
  return states;
}

}  // namespace

TEST_CASE("a run's timeline keeps the format's rules: whole numbers, names, and no slice over another on its track") {
  const Folder here;
  json source = uneven({{"method", "gd"}});
  source["algorithms"].push_back({{"method", "lag-wk"}});
  source["workers"] = 3;
  here.write("s.json", source);
  REQUIRE(here.laconic({"run", "s.json", "--out", "r", "--timeline", "t.json"}).code == 0);
  const json told = json::parse(text_of(here.path / "t.json"));
  CHECK(told.size() == 2);
  CHECK(told.at("displayTimeUnit") == "ms");
  const auto states = check_format(told.at("traceEvents"));
  for (const char* state : {"receive", "compute", "send", "wait"}) CHECK(states.count(state) == 1);
  CHECK(states.count("lost") == 0);

  // And of one with failures and deadlines, for each of the ways to take them.
  for (const char* late :
       {R"("wait")", R"({"timeout": "60ms", "then": "reuse"})", R"({"timeout": "60ms", "then": "drop"})"}) {
    INFO(late);
    source["algorithms"] = {{{"method", "gd"}}};
    source["stop"]["rounds"] = 60;
    source["conditions"] = {{"late", json::parse(late)},
                            {"stragglers", {{"probability", 0.2}, {"factor", 4}}},
                            {"failures",
                             {{{"workers", 0}, {"mtbf", "200ms"}, {"mttr", "30ms"}},
                              {{"link", "worker-1"}, {"mtbf", "150ms"}, {"mttr", "30ms"}},
                              {{"host", "server"}, {"mtbf", "500ms"}, {"mttr", "30ms"}}}}};
    here.write("f.json", source);
    const auto run = here.laconic({"run", "f.json", "--out", "f", "--timeline", "f.json.gz", "--force"});
    CHECK(run.err == "");
    REQUIRE(run.code == 0);
    const auto kinds = check_format(json::parse(unzipped(here.path / "f.json.gz")).at("traceEvents"));
    for (const char* state : {"lost", "off", "send", "compute"}) CHECK(kinds.count(state) == 1);
  }
}

TEST_CASE("a failure on the timeline, to the nanosecond: what it cut short, and for how long all was off") {
  json source = small_scenario();
  source["workers"] = 1;
  source["stop"]["rounds"] = 1;
  const double model = 5 * 8 + 64, transfer = 0.01 + model / 1e6, compute = 4 * 60 * 5 / 1e6;
  source["conditions"]["failures"] = {{{"link", "worker-0_UP"}, {"down", 0.012}, {"up", 0.02}},
                                      {{"workers", 0}, {"down", 0.003}, {"up", 0.005}}};
  const auto [events, rows] = timeline_of(source);
  const auto tracks = tracks_of(events);
  using States = std::vector<std::pair<std::string, double>>;
  const auto states = [&](const std::string& host) {
    States out;
    for (const auto& slice : tracks.at(host)) out.emplace_back(slice.name, slice.to - slice.from);
    return out;
  };
  const auto same = [](const States& told, const States& expected) {
    REQUIRE(told.size() == expected.size());
    for (std::size_t i = 0; i < told.size(); ++i) {
      CHECK(told[i].first == expected[i].first);
      CHECK(told[i].second == Approx(expected[i].second).margin(2e-9));
    }
  };
  const double asked = 0.005 + transfer, done = asked + compute, sent = 0.02;
  same(states("worker-0"), {{"lost", 0.003},
                            {"off", 0.002},
                            {"receive", transfer},
                            {"compute", compute},
                            {"wait", sent - done},
                            {"send", transfer}});
  same(states("server"),
       {{"lost", 0.003}, {"wait", 0.002}, {"send", transfer}, {"wait", sent - asked}, {"receive", transfer}});
  same(states("worker-0_UP"), {{"off", 0.008}});
  int instants = 0;
  for (const auto& event : events)
    if (event["ph"] == "i") {
      CHECK(event["ts"].get<double>() == Approx(1e6 * done).margin(2e-3));
      ++instants;
    }
  CHECK(instants == 2);  // the upload that could not begin, at both its ends
}
