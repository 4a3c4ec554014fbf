#include <cmath>

#include "sim/results/trace.hpp"
#include "sim/scenario/read_conditions.hpp"
#include "tests/sim/clockwork.hpp"

// Stragglers, changing links and hosts, traffic, and energy, against closed forms.

using namespace laconic::tests;
using nlohmann::json;

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
  const Stragglers stragglers = read_stragglers(in, 3, 7, ".");
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
  const Stragglers other = read_stragglers(again, 3, 8, ".");
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
  // The profile in SimGrid's syntax, for one direction only.
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
  // Rounds with failures count the same energy, and what is down draws nothing.
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
                          {"failures",
                           {{{"workers", {0, 1}}, {"mtbf", 9}, {"mttr", 1}},
                            {{"link", "worker-2"}, {"mtbf", 7}, {"mttr", 1}},
                            {{"host", "server"}, {"mtbf", 20}, {"mttr", 1}}}}};
  const std::string live = text_of(source);
  const std::string replayed = in_child([&] {
    const Scenario s = scenario_of(source);
    CHECK_FALSE(s.cluster.feeds_back());
    const Trace trace = learn(s, 0);
    return text_written([&](std::FILE* file) { replay_job(s, 0, trace, s.cluster, file, {}); });
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
       "/conditions/links/0/link: nothing changes: expected \"bandwidth\", \"latency\", \"mbps\" or \"mahimahi\"");
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
  said("/conditions/failures", {{{"link", "worker-0"}, {"host", "server"}, {"down", 2}}},
       "/conditions/failures/0/link: expected one of \"workers\", \"host\" and \"link\"");
  said("/conditions/failures", {{{"host", "server"}, {"workers", 1}, {"down", 2}}},
       "/conditions/failures/0/host: expected one of \"workers\", \"host\" and \"link\"");
  said("/conditions/failures", {{{"link", "worker-0"}}},
       "/conditions/failures/0/link: expected one of \"down\" (a time), \"mtbf\" (the time between failures) and "
       "\"available\" (a profile)");
  said("/conditions/failures", {{{"link", "worker-7"}, {"down", 2}}},
       "/conditions/failures/0/link: the platform has no link \"worker-7\" (did you mean \"worker-0\"?)");
  said("/conditions/failures", {{{"host", "sever"}, {"down", 2}}},
       "/conditions/failures/0/host: the platform has no host \"sever\" (did you mean \"server\"?)");
  said("/conditions/failures", {{{"link", ""}, {"down", 2}}},
       "/conditions/failures/0/link: expected the name of a link, or a pattern, got \"\"");
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
