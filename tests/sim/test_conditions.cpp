#include <cmath>
#include <filesystem>
#include <fstream>

#include "algorithms/core/error.hpp"
#include "sim/trace.hpp"
#include "tests/sim/runs.hpp"

// Stragglers, changing links and hosts, traffic, failures, deadlines, and energy, against closed forms.

using namespace laconic;
using nlohmann::json;

namespace {

// Powers of two, so that clocks are exact: a message takes 0.25 s of latency and 0.25 s for its 40 bytes, a gradient
// takes 1 s, and a round 2 s.
json clockwork(int M = 1, const json& entry = {{"method", "gd"}}) {
  json source = small_scenario(entry);
  source["workers"] = M;
  source["data"]["samples"] = 64 * M;
  source["platform"] = {{"type", "star"},
                        {"worker_speed", 4 * 64 * 5},
                        {"bandwidth", 160},
                        {"latency", "250ms"},
                        {"server_bandwidth", "1GBps"}};
  source["network"]["header"] = 0;
  source["stop"]["rounds"] = 3;
  return source;
}

struct Files {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("laconic-conditions-" + std::to_string(getpid()));
  Files() { std::filesystem::create_directories(folder); }
  ~Files() { std::filesystem::remove_all(folder); }
  std::string write(const char* name, const std::string& text) const {
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  }
};

using Rows = std::vector<std::vector<std::string>>;

std::string text_of(const json& source) {
  return in_child([&] { return rows_of(scenario_of(source)); });
}

Rows rows_with(json source, const char* pointer, const json& value) {
  source[json::json_pointer(pointer)] = value;
  const std::string text = text_of(source);
  INFO(text);
  REQUIRE_FALSE(text.starts_with("threw"));
  return csv(text);
}

std::vector<double> column(const Rows& rows, Column which) {
  std::vector<double> out;
  for (const auto& row : rows) out.push_back(std::stod(row[which]));
  return out;
}

std::vector<std::string> words(const Rows& rows, Column which) {
  std::vector<std::string> out;
  for (const auto& row : rows) out.push_back(row[which]);
  return out;
}

// Of the clock after each round.
void check_times(const Rows& rows, std::vector<double> expected) {
  expected.insert(expected.begin(), 0);
  REQUIRE(rows.size() == expected.size());
  for (std::size_t k = 0; k < rows.size(); ++k) {
    INFO("round " << k);
    CHECK(std::stod(rows[k][sim_time]) == Approx(expected[k]).epsilon(1e-6));
  }
}

std::string error(json source, const char* pointer, const json& value, const std::filesystem::path& folder = ".") {
  source[json::json_pointer(pointer)] = value;
  try {
    make_scenario(source, "s.json", folder);
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

// Gradient of f_m of the scenario's problem.
Vector gradient(const Scenario& s, int m, const Vector& theta) {
  const Oracle& f_m = *s.problem.workers[static_cast<std::size_t>(m)];
  Vector out(s.problem.d);
  f_m.gradient(theta, Batch{{}, f_m.samples(), true}, out);
  return out;
}

}  // namespace

TEST_CASE("a round lasts as long as its slowest worker, and stragglers cost nothing but time") {
  const Files files;
  json source = clockwork(3);
  const Rows clean = csv(text_of(source));
  check_times(clean, {2, 4, 6});
  // Worker 1 in the first round of two, worker 2 in the second.
  const Rows rows =
      rows_with(source, "/conditions/stragglers/trace", files.write("slow.txt", "# m0 m1 m2\n1 3 1\n1,1,1.5\n"));
  check_times(rows, {4, 6.5, 10.5});
  CHECK(column(rows, compute_s) == std::vector<double>{0, 5, 8.5, 13.5});
  for (const auto same : {loss, grad_norm, uploads, upload_bits, wire_up, wire_down, flops})
    CHECK(words(rows, same) == words(clean, same));
  for (const auto& row : rows) CHECK((row[late].empty() && row[lost].empty() && row[energy_j].empty()));
}

TEST_CASE("a straggler's factor is drawn for each worker and round, whoever asks first") {
  const json block = {
      {"probability", 0.25}, {"factor", {{"type", "uniform"}, {"min", 2}, {"max", 4}}}, {"workers", {0, 2}}};
  Params in(block, "", "");
  const Stragglers stragglers(in, 3, 7, ".");
  int slow = 0;
  double sum = 0;
  for (Round k = 4000; k-- > 0;) {
    CHECK(stragglers.slowdown(1, k) == 1);
    const double x = stragglers.slowdown(0, k);
    if (x == 1) continue;
    ++slow;
    sum += x;
    CHECK((x >= 2 && x <= 4));
  }
  CHECK(std::abs(slow - 1000) < 4 * std::sqrt(4000 * 0.25 * 0.75));
  CHECK(std::abs(sum / slow - 3) < 4 * std::sqrt(4.0 / 12 / slow));
  Params again(block, "", "");
  const Stragglers other(again, 3, 8, ".");
  int equal = 0;
  for (Round k = 0; k < 1000; ++k) equal += other.slowdown(0, k) == stragglers.slowdown(0, k);
  CHECK(equal < 700);  // another seed

  json source = clockwork(3);
  source["stop"]["rounds"] = 20;
  source["conditions"] = {{"stragglers", {{"probability", 0.5}, {"factor", 3}}}};
  const std::string text = text_of(source);
  CHECK(text == text_of(source));
  source["seed"] = 2;  // of the run, not of the cluster
  CHECK(words(csv(text_of(source)), sim_time) == words(csv(text), sim_time));
  source["conditions"]["seed"] = 5;
  CHECK(words(csv(text_of(source)), sim_time) != words(csv(text), sim_time));
}

TEST_CASE("a bandwidth that changes while a message is on its way") {
  // Half of the model has arrived at 0.375 s, the rest takes 0.25 s; the upload 0.5 s.
  const json source = clockwork();
  check_times(rows_with(source, "/conditions/links",
                        {{{"link", "worker-0"}, {"bandwidth", json::parse(R"([["375ms", 80]])")}}}),
              {2.375, 4.875, 7.375});
  // The same in SimGrid's syntax, one direction only.
  check_times(rows_with(source, "/conditions/links", {{{"link", "worker-0_UP"}, {"bandwidth", "0.375 80"}}}),
              {2.25, 4.5, 6.75});
  // With a period: at full rate from 0 to 1 s and from 2 to 3 s.
  check_times(rows_with(source, "/conditions/links",
                        {{{"link", "worker-*"}, {"bandwidth", {{0, 160}, {"1s", 80}}}, {"period", "2s"}}}),
              {2.125, 4.1875, 6.21875});
  // An outage from 0.25 to 1.25 s.
  check_times(
      rows_with(source, "/conditions/links", {{{"link", "worker-0"}, {"bandwidth", {{0.25, 0}, {1.25, "1280bps"}}}}}),
      {3.0 - 1.0 / 160, 5.0 - 1.0 / 160, 7.0 - 1.0 / 160});
}

TEST_CASE("profiles in files, and measured traces") {
  const Files files;
  const json source = clockwork();
  check_times(
      rows_with(source, "/conditions/links",
                {{{"link", "worker-0"}, {"bandwidth", files.write("bw.txt", "# Bps\n0 160\n1.0 80\nLOOPAFTER 1\n")}}}),
      {2.125, 4.1875, 6.21875});
  check_times(
      rows_with(source, "/conditions/links",
                {{{"link", "worker-0"}, {"bandwidth", files.write("p.txt", "PERIODICITY 2\n0 160\n1.0 80\n")}}}),
      {2.125, 4.1875, 6.21875});
  // Seconds and megabits, from whenever it was measured; steps of 1 s.
  check_times(rows_with(source, "/conditions/links",
                        {{{"link", "worker-0"}, {"mbps", files.write("m.log", "100 0.00128\n101 0.00064\n")}}}),
              {2.125, 4.1875, 6.21875});
}

TEST_CASE("a message keeps the latency it started with") {
  const json source = clockwork();
  check_times(rows_with(source, "/conditions/links", {{{"link", "worker-0"}, {"latency", {{0.125, 0.5}}}}}),
              {2.25, 4.75, 7.25});
  check_times(rows_with(source, "/conditions/links",
                        {{{"link", "worker-0"}, {"latency", {{0, 0.25}, {1.25, 0.75}}}, {"period", "3s"}}}),
              {2.5, 5.5, 8.5});
}

TEST_CASE("a host's speed that changes while it computes") {
  const json source = clockwork();
  const Rows rows = rows_with(source, "/conditions/hosts", {{{"host", "worker-0"}, {"speed", {{1, 0.5}}}}});
  check_times(rows, {2.5, 5.5, 8.5});
  CHECK(column(rows, compute_s) == std::vector<double>{0, 1.5, 3.5, 5.5});
}

TEST_CASE("traffic takes its share of the links while it flows") {
  const json source = clockwork();
  // A flow against one message: half the bandwidth each, on the way up alone.
  check_times(rows_with(source, "/conditions/traffic", {{{"from", "worker-0"}, {"to", "server"}}}), {2.25, 4.5, 6.75});
  check_times(rows_with(source, "/conditions/traffic", {{{"from", "worker-0"}, {"to", "server"}, {"flows", 3}}}),
              {2.75, 5.5, 8.25});
  // On from 0 to 1 s, off to 2 s: it meets no upload in the first round.
  check_times(
      rows_with(source, "/conditions/traffic", {{{"from", "server"}, {"to", "worker-0"}, {"on", "1s"}, {"off", "7s"}}}),
      {2.25, 4.25, 6.25});
  const json drawn = {{{"from", "server"},
                       {"to", "worker-0"},
                       {"on", {{"type", "exponential"}, {"mean", 1}}},
                       {"off", {{"type", "exponential"}, {"mean", "1s"}}}}};
  CHECK(rows_with(source, "/conditions/traffic", drawn) == rows_with(source, "/conditions/traffic", drawn));
}

TEST_CASE("a worker that fails under \"wait\" does its round again, and learns the same") {
  json source = clockwork(3);
  const Rows clean = csv(text_of(source));
  const Rows rows = rows_with(source, "/conditions/failures", {{{"workers", 1}, {"down", "1s"}, {"up", "3s"}}});
  check_times(rows, {5, 7, 9});
  for (const auto same : {loss, grad_norm, uploads, upload_bits, wire_up, flops})
    CHECK(words(rows, same) == words(clean, same));
  CHECK(words(rows, lost) == std::vector<std::string>{"0", "1", "1", "1"});
  CHECK(words(rows, late) == std::vector<std::string>{"0", "0", "0", "0"});
  CHECK(rows[1][downloads] == "4");  // one in vain
  CHECK(rows[1][wire_down] == "160");
  // Down when the round begins; during the download; during the upload.
  check_times(rows_with(source, "/conditions/failures", {{{"workers", 1}, {"down", 0}, {"up", "1s"}}}), {3, 5, 7});
  check_times(rows_with(source, "/conditions/failures", {{{"workers", 1}, {"down", 0.125}, {"up", 0.5}}}),
              {2.5, 4.5, 6.5});
  const Rows upload = rows_with(source, "/conditions/failures", {{{"workers", 1}, {"down", 1.875}, {"up", 2}}});
  check_times(upload, {4, 6, 8});
  CHECK(std::stod(upload[1][flops]) == 4 * std::stod(clean[1][flops]) / 3);  // and computed again
  // By a profile, again and again: down from 1 to 2 s of every 8 s. Two windows that overlap are one.
  check_times(rows_with(source, "/conditions/failures",
                        {{{"workers", 0}, {"available", {{0, 1}, {1, 0}, {2, 1}}}, {"period", "8s"}}}),
              {4, 6, 8});
  check_times(rows_with(source, "/conditions/failures",
                        {{{"workers", 1}, {"down", 1}, {"up", 3}}, {{"workers", 1}, {"down", 2}, {"up", 4}}}),
              {6, 8, 10});
}

TEST_CASE("an answer at the deadline is in time, and one after it is late") {
  json source = clockwork(3);
  const Rows clean = csv(text_of(source));
  for (const char* then : {"reuse", "drop"}) {
    const Rows rows = rows_with(source, "/conditions/late", {{"timeout", 2}, {"then", then}});
    check_times(rows, {2, 4, 6});
    CHECK(words(rows, loss) == words(clean, loss));
    CHECK(words(rows, late) == std::vector<std::string>{"0", "0", "0", "0"});
    CHECK(words(rows, wire_down) == words(clean, wire_down));
  }
  // All too late: nobody can be asked in the round that their answers meet.
  const Rows rows = rows_with(source, "/conditions/late", {{"timeout", "1.5s"}, {"then", "drop"}});
  check_times(rows, {1.5, 3, 4.5});
  CHECK(words(rows, late) == std::vector<std::string>{"0", "0", "3", "3"});
  CHECK(rows[3][loss] == rows[0][loss]);  // no step without a direction
}

TEST_CASE("reuse: the latest vectors stand for the late, and what comes late counts where it comes") {
  const Files files;
  json source = clockwork(3);
  source["conditions"]["stragglers"]["trace"] = files.write("slow.txt", "1 3 1\n1 1 1\n1 1 1\n");
  // Worker 1's answer of 4 s misses the deadline and meets the second round, in which it is not asked.
  const Rows rows = rows_with(source, "/conditions/late", {{"timeout", "2.5s"}, {"then", "reuse"}});
  check_times(rows, {2.5, 4.5, 6.5});
  CHECK(words(rows, late) == std::vector<std::string>{"0", "0", "1", "1"});
  CHECK(words(rows, uploads) == std::vector<std::string>{"0", "2", "5", "8"});
  CHECK(words(rows, downloads) == std::vector<std::string>{"0", "3", "5", "8"});
  const Scenario s = scenario_of(source);
  const double gamma = 1 / s.problem.L;
  Vector theta = Vector::Zero(5);
  const Vector late_one = gradient(s, 1, theta);
  theta -= gamma * (gradient(s, 0, theta) + gradient(s, 2, theta));
  CHECK(std::stod(rows[1][loss]) == Approx(s.problem.loss(theta)).epsilon(1e-13));
  const Vector here = theta;
  theta -= gamma * (gradient(s, 0, here) + late_one + gradient(s, 2, here));
  CHECK(std::stod(rows[2][loss]) == Approx(s.problem.loss(theta)).epsilon(1e-13));
}

TEST_CASE("drop: the mean of those who came stands for all, and what comes late is thrown away") {
  const Files files;
  json source = clockwork(3);
  source["conditions"]["stragglers"]["trace"] = files.write("slow.txt", "1 3 1\n1 1 1\n1 1 1\n");
  const Rows rows = rows_with(source, "/conditions/late", {{"timeout", "2.5s"}, {"then", "drop"}});
  check_times(rows, {2.5, 4.5, 6.5});
  CHECK(words(rows, late) == std::vector<std::string>{"0", "0", "1", "1"});
  const Scenario s = scenario_of(source);
  const double gamma = 1 / s.problem.L;
  Vector theta = Vector::Zero(5);
  for (int k = 0; k < 2; ++k) {
    const Vector here = theta;
    theta -= gamma * 1.5 * (gradient(s, 0, here) + gradient(s, 2, here));
    CHECK(std::stod(rows[static_cast<std::size_t>(k) + 1][loss]) == Approx(s.problem.loss(theta)).epsilon(1e-13));
  }
}

TEST_CASE("failures under a deadline: whoever goes down is waited for till then, and left out until it is back") {
  json source = clockwork(3);
  source["conditions"]["failures"] = {{{"workers", 1}, {"down", "1s"}, {"up", "3s"}}};
  for (const char* then : {"reuse", "drop"}) {
    const Rows rows = rows_with(source, "/conditions/late", {{"timeout", "2.5s"}, {"then", then}});
    check_times(rows, {2.5, 4.5, 6.5});
    CHECK(words(rows, lost) == std::vector<std::string>{"0", "1", "2", "2"});
    CHECK(words(rows, late) == std::vector<std::string>{"0", "0", "0", "0"});
    CHECK(words(rows, uploads) == std::vector<std::string>{"0", "2", "4", "7"});
  }
}

TEST_CASE("an upload that was lost is as if the worker had stayed silent: both ends agree, and the run converges") {
  // Were the differences that LAG sends, or EF21's, or LAQ's counted at one end alone, G would stay wrong for ever.
  for (const char* method : {"lag-wk", "laq", "ef21"}) {
    INFO(method);
    json source = small_scenario({{"method", method}});
    if (method == std::string("ef21")) source["algorithms"][0]["compressor"] = {{"type", "top-k"}, {"k", 2}};
    source["stop"]["rounds"] = 400;
    source["record"]["every"] = 400;
    source["data"] = {{"type", "lag-synthetic"}, {"samples", 20}, {"features", 5}};
    source["conditions"] = {{"failures", {{{"mtbf", "300ms"}, {"mttr", "40ms"}}}},
                            {"late", {{"timeout", "30ms"}, {"then", "reuse"}}}};
    const Rows rows = csv(text_of(source));
    CHECK(std::stoi(rows.back()[lost]) > 20);
    source["conditions"] = json::object();
    const Rows clean = csv(text_of(source));
    CHECK(std::stod(rows.back()[loss_gap]) < 1e-3 * std::stod(rows.front()[loss_gap]));
    CHECK(std::stod(rows.back()[loss_gap]) < 100 * std::max(1e-9, std::stod(clean.back()[loss_gap])));
  }
}

TEST_CASE("what cannot go on says so") {
  json source = clockwork(2);
  source["conditions"]["failures"] = {{{"workers", 1}, {"down", "3s"}}};
  CHECK(text_of(source) ==
        "threw: worker 1 went down for good at 3 s, and \"late\": \"wait\" waits for it: the simulation cannot go on");
  source["conditions"]["failures"][0].erase("workers");
  source["conditions"]["traffic"] = {{{"from", "server"}, {"to", "worker-0"}}};
  source["conditions"]["late"] = {{"timeout", "2.5s"}, {"then", "reuse"}};
  CHECK(error(source, "/seed", 1) ==
        "s.json: /conditions/traffic/0/from: worker-0 can fail: expected traffic between hosts that do not");
  source["conditions"].erase("traffic");
  CHECK(text_of(source) == "threw: every worker is down for good at 4.5 s: the simulation cannot go on");
}

TEST_CASE("energy of a known schedule") {
  json source = clockwork();
  source["platform"]["watts"] = {{"server", {{"idle", 10}, {"busy", 20}}},
                                 {"worker", {{"idle", 100}, {"busy", 150}}},
                                 {"link", {{"idle", 1}, {"busy", 3}}}};
  // 2 s a round, one of them computing; four links of which each carries 40 bytes or none.
  const double round = 2 * (10 + 100) + 1 * (150 - 100) + 4 * 1 * 2 + 2 * (3 - 1) * (40 / 160.0 + 40 / 1e9);
  const auto check = [&](const Rows& rows, double once) {
    for (std::size_t k = 0; k < rows.size(); ++k)
      CHECK(std::stod(rows[k][energy_j]) == Approx(static_cast<double>(k) * once).epsilon(1e-9));
  };
  check(csv(text_of(source)), round);
  // The couriers' stage counts the same, and who is down draws nothing.
  check(rows_with(source, "/conditions/late", {{"timeout", 3}, {"then", "drop"}}), round);
  const Rows rows = rows_with(source, "/conditions/failures", {{{"workers", 0}, {"down", 0}, {"up", 1}}});
  CHECK(std::stod(rows[1][energy_j]) == Approx(round + 1 * 10 + 4).epsilon(1e-9));
  // Traffic draws for what it carries: a second at the whole rate, and half of it while the message passes.
  const Rows busy = rows_with(source, "/conditions/traffic", {{{"from", "worker-0"}, {"to", "server"}}});
  const double carried = 160 * (2.25 - 0.25) - 40;
  CHECK(std::stod(busy[1][energy_j]) ==
        Approx(round + 0.25 * (10 + 100 + 4) + (3 - 1) * carried * (1 / 160.0 + 1 / 1e9)).epsilon(1e-9));
  source["platform"].erase("watts");
  CHECK(csv(text_of(source))[1][energy_j].empty());
}

TEST_CASE("what time alone changes replays as it ran") {
  json source = clockwork(3, {{"method", "lag-wk"}});
  source["stop"]["rounds"] = 12;
  source["platform"]["watts"] = {{"worker", {{"idle", 1}, {"busy", 2}}}};
  source["conditions"] = {{"stragglers", {{"probability", 0.3}, {"factor", 2.5}}},
                          {"links", {{{"link", "worker-1"}, {"bandwidth", {{0, 160}, {1, 40}}}, {"period", 3}}}},
                          {"failures", {{{"workers", {0, 1}}, {"mtbf", 9}, {"mttr", 1}}}}};
  const std::string live = text_of(source);
  const std::string replayed = in_child([&] {
    const Scenario s = scenario_of(source);
    CHECK_FALSE(s.cluster.feeds_back());
    Method method = s.make_method(0);
    const Trace trace = learn(method, s.problem, s.record, s.cluster.wire, [] { return false; });
    std::FILE* file = std::tmpfile();
    replay_job(s, 0, trace, s.cluster, file, {});
    std::rewind(file);
    std::string out(1 << 20, ' ');
    out.resize(std::fread(out.data(), 1, out.size(), file));
    std::fclose(file);
    return out;
  });
  CHECK(live == replayed);
  INFO(live);
  REQUIRE(csv(live).size() == 13);
  CHECK(std::stoi(csv(live).back()[lost]) > 0);
}

TEST_CASE("what is wrong about conditions is told with its reason") {
  const Files files;
  const json source = clockwork(3);
  const auto said = [&](const char* pointer, const json& value, const std::string& expected) {
    CHECK(error(source, pointer, value, files.folder) == "s.json: " + expected);
  };
  said("/conditions/straglers", json::object(),
       "/conditions: unknown key \"straglers\" (did you mean \"stragglers\"?); known: \"failures\", \"hosts\", "
       "\"late\", \"links\", \"seed\", \"stragglers\" and \"traffic\"");
  said("/conditions/stragglers", {{"probability", 0.5}},
       "/conditions/stragglers: missing \"factor\": expected a positive number");
  said("/conditions/stragglers", {{"factor", 0}}, "/conditions/stragglers/factor: expected a positive number, got 0");
  said("/conditions/stragglers", {{"factor", 2}, {"workers", 3}},
       "/conditions/stragglers/workers: expected a worker's number, 0 to 2, or a list of them, got 3");
  files.write("two.txt", "1 2\n");
  said("/conditions/stragglers", {{"trace", "two.txt"}},
       "/conditions/stragglers/trace: " + (files.folder / "two.txt").string() +
           ": line 1: expected a factor for each of the 3 workers, got 2 of them");
  said("/conditions/links", {{{"link", "worker-9"}, {"bandwidth", {{0, 1}}}}},
       "/conditions/links/0/link: the platform has no link \"worker-9\" (did you mean \"worker-0\"?)");
  said("/conditions/links", {{{"link", "worker-0"}}},
       "/conditions/links/0/link: nothing changes: expected \"bandwidth\", \"latency\" or \"mbps\"");
  said("/conditions/links", {{{"link", "worker-0"}, {"bandwidth", {{1, 8}, {1, 9}}}}},
       "/conditions/links/0/bandwidth: expected dates that ascend, got 1 after 1");
  said(
      "/conditions/links", {{{"link", "worker-0"}, {"bandwidth", {{0, 8}, {1, 0}}}}},
      "/conditions/links/0/bandwidth: ends at 0 and stays there: nothing would move again; expected a value above 0, or a period");
  said("/conditions/links", {{{"link", "worker-0"}, {"bandwidth", {{0, 8}, {1, 9}}}, {"period", 1}}},
       "/conditions/links/0/bandwidth: expected a period beyond the last date, 1 s, and at most 1e9 s, got 1");
  said("/conditions/links", {{{"link", "worker-0"}, {"bandwidth", {{0, "8ms"}}}}},
       "/conditions/links/0/bandwidth/0: expected [date, value]: a time such as \"10s\" and a bandwidth of 0, or from "
       "0.001 to 1e18 bytes per second, got [0,\"8ms\"]");
  said(
      "/conditions/links", {{{"link", "worker-0"}, {"bandwidth", "0 1 2"}}},
      "/conditions/links/0/bandwidth: line 1: expected \"date value\", PERIODICITY or LOOPAFTER and a time, got 3 words");
  said("/conditions/hosts", {{{"host", "worker-0"}, {"speed", {{0, -1}}}}},
       "/conditions/hosts/0/speed: expected a share of the host's speed: 0, or from 1e-6 to 1e6, got -1 at 0 s");
  said("/conditions/traffic", {{{"from", "worker-0"}, {"to", "sever"}}},
       "/conditions/traffic/0/from: the platform has no host \"sever\" (did you mean \"server\"?)");
  said("/conditions/traffic", {{{"from", "worker-0"}, {"to", "server"}, {"on", 1}}},
       "/conditions/traffic/0/on: \"on\" and \"off\" go together: the times for which a flow lasts and pauses");
  said("/conditions/failures", {{{"workers", 0}}},
       "/conditions/failures/0/workers: expected one of \"down\" (a time), \"mtbf\" (the time between failures) and "
       "\"available\" (a profile)");
  said("/conditions/failures", {{{"down", 2}, {"up", 1}}},
       "/conditions/failures/0/up: expected a time after \"down\", 2 s, got 1 s");
  said("/conditions/late", {{"timeout", 0}, {"then", "drop"}},
       "/conditions/late/timeout: expected a positive time, got 0");
  said("/conditions/late", {{"timeout", 1}}, "/conditions/late: missing \"then\": expected \"reuse\" or \"drop\"");
  said("/platform/watts", {{"worker", {{"idle", 5}, {"busy", 4}}}},
       "/platform/watts/worker/busy: expected at least \"idle\", 5, got 4");
  said("/platform/watts", "file", "/platform/watts: \"file\" means the properties of SimGrid's XML");

  json tcp = source;
  tcp["network"]["model"] = "tcp";
  CHECK(error(tcp, "/conditions/links", {{{"link", "worker-0"}, {"bandwidth", {{0, 1}}}}})
            .find("s.json: /conditions/links/0/bandwidth: under the network \"tcp\" (LV08) SimGrid loses messages") ==
        0);
  json none = source;
  none["platform"] = {{"type", "none"}};
  CHECK(error(none, "/conditions", {{"seed", 1}}) == "s.json: /conditions: a scenario without a network has none");
}

TEST_CASE("methods that cannot keep deadlines say why") {
  const auto refusal = [](const char* method, const char* then) {
    json entry = {{"method", method}};
    for (const char* key : {"step", "batch", "H", "warm_up", "p"}) {
      json source = clockwork(3, entry);
      const std::string what = error(source, "/conditions/late", {{"timeout", 9}, {"then", then}});
      if (what.find(std::string("missing \"") + key) != std::string::npos)
        entry[key] = key == std::string("step") ? json(0.1) : key == std::string("p") ? json(0.5) : json(2);
    }
    return error(clockwork(3, entry), "/conditions/late", {{"timeout", 9}, {"then", then}});
  };
  const auto refused = [&](const char* method, const char* then, const char* why) {
    INFO(method);
    const std::string what = refusal(method, then);
    INFO(what);
    CHECK(what.find("s.json: /algorithms/0/method: cannot keep the deadlines of /conditions/late: ") == 0);
    CHECK(what.find(why) != std::string::npos);
  };
  for (const char* then : {"reuse", "drop"}) {
    refused("mh-signsgd", then, "aggregate \"majority-vote\" sends its vote to copies of the model");
    refused("marina", then, "must have arrived");
    refused("scaffold", then, "must have arrived");
    refused("onebit-adam", then, "copies of the model");
    refused("lag-ps", then, "participation \"lag-ps\" takes for granted that whom it asks answers");
    refused("diana", then, "memory \"shifted\" keeps a part only");
  }
  refused("lag-wk", "drop", "memory \"difference\" makes the server reuse old vectors");
  refused("le-signgd", "drop", "trigger \"le\" makes the server reuse old vectors");
  CHECK(refusal("lag-wk", "reuse") == "no error");
  CHECK(refusal("ef-signgd", "drop") == "no error");
}
