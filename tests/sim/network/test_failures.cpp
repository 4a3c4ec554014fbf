#include <fmt/format.h>

#include "tests/sim/clockwork.hpp"

// Failures and deadlines, against closed forms.

using namespace laconic::tests;
using nlohmann::json;

namespace {

// Gradient of f_m of the scenario's problem.
Vector gradient(const Scenario& s, int m, const Vector& theta) {
  const Oracle& f_m = *s.problem.workers[static_cast<std::size_t>(m)];
  Vector out(s.problem.d);
  f_m.gradient(theta, Batch{{}, f_m.samples(), true}, out);
  return out;
}

}  // namespace

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
  source["conditions"]["late"] = {{"timeout", "2.5s"}, {"then", "reuse"}};
  CHECK(text_of(source) ==
        "threw: every worker is down or out of reach for good at 4.5 s: the simulation cannot go on");
  source["conditions"]["failures"] = {{{"link", "worker-*_UP"}, {"down", "3s"}}};
  CHECK(text_of(source) ==
        "threw: every worker is down or out of reach for good at 4.5 s: the simulation cannot go on");
  source["conditions"]["failures"] = {{{"host", "server"}, {"down", "3s"}}};
  const char* server = "threw: the server went down for good at 3 s: the simulation cannot go on";
  CHECK(text_of(source) == server);
  source["conditions"].erase("late");
  CHECK(text_of(source) == server);
  source["conditions"]["failures"] = {{{"link", "worker-1"}, {"down", "3s"}}};
  CHECK(text_of(source) ==
        "threw: link worker-1_UP went down for good at 3 s, and \"late\": \"wait\" waits for worker 1 behind it: the "
        "simulation cannot go on");
  // Finitely often, and then for good.
  source["conditions"]["failures"] = {{{"host", "server"}, {"down", "3s"}, {"up", "9s"}},
                                      {{"host", "server"}, {"down", "4s"}}};
  CHECK(text_of(source) == server);
}

TEST_CASE("a link that is off under \"wait\": what crosses it is lost, and sent again when it is back") {
  json source = clockwork(1);
  const Rows clean = csv(text_of(source));
  const auto off = [&](const char* link, double down, double up) {
    return rows_with(source, "/conditions/failures", {{{"link", link}, {"down", down}, {"up", up}}});
  };
  // The model is half there at 0.25 s. It starts anew at 1 s.
  const Rows down = off("worker-0", 0.25, 1);
  check_times(down, {3, 5, 7});
  for (const auto same : {loss, grad_norm, uploads, downloads, upload_bits, wire_up, wire_down, compute_s, flops})
    CHECK(words(down, same) == words(clean, same));
  CHECK(words(down, lost) == std::vector<std::string>{"0", "1", "1", "1"});
  // The answer is kept, and only sent again; whether it was on its way or could not start.
  for (const double at : {1.75, 1.25}) {
    const Rows up = off("worker-0", at, 4);
    check_times(up, {4.5, 6.5, 8.5});
    for (const auto same : {loss, wire_up, wire_down, compute_s, flops}) CHECK(words(up, same) == words(clean, same));
    CHECK(words(up, lost) == std::vector<std::string>{"0", "1", "1", "1"});
  }
  // One direction alone; the server's link; while nothing crosses; twice in one transfer.
  check_times(off("worker-0_UP", 0.25, 1), {2, 4, 6});
  check_times(off("worker-0_DOWN", 0.25, 1), {3, 5, 7});
  check_times(off("server", 0.25, 1), {3, 5, 7});
  check_times(off("*", 0.75, 1.25), {2, 4, 6});
  check_times(
      rows_with(source, "/conditions/failures",
                {{{"link", "server"}, {"down", 0.25}, {"up", 1}}, {{"link", "worker-0"}, {"down", 1.25}, {"up", 2}}}),
      {4, 6, 8});
  // The worker fails while its answer waits for the link: it does its round again.
  const Rows both =
      rows_with(source, "/conditions/failures",
                {{{"link", "worker-0"}, {"down", 1.75}, {"up", 4}}, {{"workers", 0}, {"down", 2}, {"up", 3}}});
  check_times(both, {6, 8, 10});
  CHECK(both[1][downloads] == "2");
  CHECK(std::stod(both[1][flops]) == 2 * std::stod(clean[1][flops]));
  // Under the other network, too.
  source["network"]["model"] = "tcp";
  const double way = std::stod(csv(text_of(source))[1][sim_time]) / 2 - 0.5;
  check_times(off("worker-0", 0.25, 10), {11 + 2 * way, 12 + 4 * way, 13 + 6 * way});
}

TEST_CASE("a server that is down: nothing reaches it, and what it computes begins anew") {
  json source = clockwork(2);
  const Rows clean = csv(text_of(source));
  const auto off = [&](double down, double up) {
    return rows_with(source, "/conditions/failures", {{{"host", "server"}, {"down", down}, {"up", up}}});
  };
  check_times(off(0.75, 1.25), {2, 4, 6});  // the workers compute on
  check_times(off(0.75, 2), {2.5, 4.5, 6.5});
  check_times(off(0, 5), {7, 9, 11});
  const Rows rows = off(0.25, 1);
  check_times(rows, {3, 5, 7});
  for (const auto same : {loss, uploads, downloads, wire_up, wire_down, compute_s, flops})
    CHECK(words(rows, same) == words(clean, same));
  CHECK(words(rows, lost) == std::vector<std::string>{"0", "2", "2", "2"});
  // It computes, 1 s in each round.
  source["compress_flops_per_entry"] = 64;
  source["platform"]["server_speed"] = 64 * 5;
  source["platform"]["worker_speed"] = 1e15;
  source["algorithms"][0]["downlink"] = "sign";
  const Rows computing = csv(text_of(source));
  const double round = std::stod(computing[1][sim_time]);
  CHECK(round > 1);
  check_times(off(0.5, 3), {3 + round, 3 + 2 * round, 3 + 3 * round});
  CHECK(words(off(0.5, 3), loss) == words(computing, loss));
}

TEST_CASE("links and the server under a deadline: what crosses is lost, who is out of reach is not asked") {
  const json source = clockwork(3);
  const auto rows_after = [&](const json& failure, const char* then) {
    json with = source;
    with["conditions"]["late"] = {{"timeout", "2.5s"}, {"then", then}};
    return rows_with(with, "/conditions/failures", failure);
  };
  for (const char* then : {"reuse", "drop"}) {
    // From the first upload until after the second round has begun: lost, then left out.
    const Rows rows = rows_after({{{"link", "worker-1"}, {"down", 1.75}, {"up", 3}}}, then);
    check_times(rows, {2.5, 4.5, 6.5});
    CHECK(words(rows, lost) == std::vector<std::string>{"0", "1", "2", "2"});
    CHECK(words(rows, uploads) == std::vector<std::string>{"0", "2", "4", "7"});
    CHECK(words(rows, downloads) == std::vector<std::string>{"0", "3", "5", "8"});
    // Its way up alone: it is asked.
    CHECK(words(rows_after({{{"link", "worker-1_UP"}, {"down", 1.75}, {"up", 3}}}, then), downloads) ==
          std::vector<std::string>{"0", "3", "6", "9"});
    // A server that is down at the deadline ends its round when it is back.
    const Rows down = rows_after({{{"host", "server"}, {"down", 1.75}, {"up", 3}}}, then);
    check_times(down, {3, 5, 7});
    CHECK(words(down, lost) == std::vector<std::string>{"0", "3", "3", "3"});
    CHECK(words(down, uploads) == std::vector<std::string>{"0", "0", "3", "6"});
    CHECK(down[1][loss] == down[0][loss]);
  }
}

TEST_CASE("both ways of a cable fail together, and every cable for itself") {
  json source = clockwork(3);
  source["stop"]["rounds"] = 30;
  const auto times = [&](const char* link, int seed = 0) {
    source["conditions"]["seed"] = seed;
    return words(rows_with(source, "/conditions/failures", {{{"link", link}, {"mtbf", 8}, {"mttr", 1}}}), sim_time);
  };
  CHECK(times("worker-*") == times("worker-*"));
  CHECK(times("worker-*") != times("worker-*", 1));
  CHECK(times("worker-0") != times("worker-*"));
  CHECK(times("worker-0") != times("worker-0_UP"));
}

TEST_CASE("failures that come sooner than a round can end do not go on for ever") {
  json source = clockwork(2);
  const auto endless = [&](const json& failure) {
    json with = source;
    with["conditions"]["failures"] = json::array({failure});
    return text_of(with);
  };
  // Up for 0.25 s, in which no message arrives.
  const json flapping = json::parse("[[0, 1], [0.25, 0]]");
  CHECK(endless({{"link", "worker-1"}, {"available", flapping}, {"period", 1}}) ==
        "threw: worker 1 has tried 1001 times in one round, until 1000.25 s: failures come sooner than it can end, "
        "and the simulation cannot go on");
  CHECK(endless({{"workers", 1}, {"available", flapping}, {"period", 1}}).starts_with("threw: worker 1 has tried"));
  CHECK(endless({{"host", "server"}, {"available", flapping}, {"period", 1}}).find("has tried 1001 times") !=
        std::string::npos);
}

TEST_CASE("traffic rests while its way is down") {
  const json source = clockwork(2);
  const auto with = [&](json failures) {
    json out = source;
    out["conditions"] = {{"traffic", {{{"from", "worker-0"}, {"to", "server"}}}}, {"failures", std::move(failures)}};
    return csv(text_of(out));
  };
  // Half the bandwidth for worker 0's upload; its way down is another.
  check_times(with({{{"link", "worker-0_DOWN"}, {"down", 100}, {"up", 101}}}), {2.25, 4.5, 6.75});
  // It is back before the upload, and is through its latency by then; or begins together with it.
  check_times(with({{{"link", "worker-0_UP"}, {"down", 0.5}, {"up", 1.5}}}), {2.25, 4.5, 6.75});
  check_times(with({{{"link", "worker-0_UP"}, {"down", 0}, {"up", 1.875}}}), {2.625, 4.875, 7.125});
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
    refused("powersgd", then, "must have arrived");
    refused("lag-ps", then, "participation \"lag-ps\" takes for granted that whom it asks answers");
    refused("diana", then, "memory \"shifted\" keeps a part only");
  }
  refused("lag-wk", "drop", "memory \"difference\" makes the server reuse old vectors");
  refused("le-signgd", "drop", "trigger \"le\" makes the server reuse old vectors");
  CHECK(refusal("lag-wk", "reuse") == "no error");
  CHECK(refusal("ef-signgd", "drop") == "no error");
}

TEST_CASE("a platform file's own profiles: links and hosts go off, links change in mid-transfer") {
  const Files files;
  json source = clockwork(1);
  source["platform"] = {{"type", "file"}, {"file", (files.folder / "p.xml").string()}, {"server", "hub"}};
  const auto run = [&](const std::string& of_hub, const std::string& of_link) {
    files.write("p.xml", R"(<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <zone id="z" routing="Full">
    <host id="hub" speed="1Gf" )" +
                             of_hub + R"(/>
    <host id="leaf" speed="1280f"/>
    <!-- <host id="gone" state_file="nowhere.txt"/> -->
    <link id="line" bandwidth="160Bps" latency="250ms" sharing_policy="SPLITDUPLEX" )" +
                             of_link + R"(/>
    <route src="hub" dst="leaf" symmetrical="NO"><link_ctn id="line" direction="UP"/></route>
    <route src="leaf" dst="hub" symmetrical="NO"><link_ctn id="line" direction="DOWN"/></route>
  </zone>
</platform>
)");
    return text_of(source);
  };
  check_times(csv(run("", "")), {2, 4, 6});
  files.write("off.txt", "0 1\n1.75 0\n4 1\n");
  check_times(csv(run("", "state_file=\"off.txt\"")), {4.5, 6.5, 8.5});
  check_times(csv(run("state_file='off.txt'", "")), {4.5, 6.5, 8.5});
  // Half of the model has arrived when the bandwidth falls, or rises; later messages have all of it.
  files.write("bw.txt", "0.375 80\n");
  check_times(csv(run("", "bandwidth_file=\"bw.txt\"")), {2.375, 4.875, 7.375});
  files.write("bw.txt", "0.375 320\n");
  check_times(csv(run("", "bandwidth_file=\"bw.txt\"")), {1.8125, 3.5625, 5.3125});
  // Half rate from 1 to 2 s of every 2 s, in SimGrid's two ways to say so.
  for (const char* text : {"PERIODICITY 2\n0 160\n1 80\n", "0 160\n1 80\nLOOPAFTER 1\n"}) {
    files.write("bw.txt", text);
    check_times(csv(run("", "bandwidth_file=\"bw.txt\"")), {2.125, 4.1875, 6.21875});
  }
  files.write("lat.txt", "0.125 0.5\n");
  check_times(csv(run("", "latency_file=\"lat.txt\"")), {2.25, 4.75, 7.25});
  // All of them; the speed is SimGrid's to change.
  files.write("bw.txt", "1.875 80\n");
  files.write("speed.txt", "0 0.5\n");
  check_times(
      csv(run("speed_file=\"speed.txt\"", "latency_file=\"lat.txt\" bandwidth_file=\"bw.txt\" state_file=\"off.txt\"")),
      {5, 8, 11});
  files.write("off.txt", "3 0\n");
  CHECK(run("", "state_file=\"off.txt\"") ==
        "threw: link line_DOWN went down for good at 3 s, and \"late\": \"wait\" waits for worker 0 behind it: the "
        "simulation cannot go on");
  CHECK(run("state_file=\"off.txt\"", "") ==
        "threw: the server went down for good at 3 s: the simulation cannot go on");
  source["collective"] = "broadcast";
  CHECK(run("", "state_file=\"off.txt\"") ==
        "threw: test.json: /platform: failures and deadlines are for the collective \"parameter-server\" alone: the "
        "others need everybody");
  source.erase("collective");
  source["network"]["model"] = "tcp";
  for (const char* key : {"bandwidth_file", "latency_file"})
    CHECK(run("", key + std::string("=\"lat.txt\""))
              .ends_with(fmt::format("changes links with time (the {} of link line): SimGrid loses messages on their "
                                     "way then, but for the network \"alpha-beta\"",
                                     key)));
  source["conditions"]["links"] = {{{"link", "line"}, {"mbps", files.write("m.log", "0 1\n1 2\n")}}};
  CHECK(run("", "").find("/conditions/links/0/mbps: under the network \"tcp\" (LV08) SimGrid loses messages") !=
        std::string::npos);
}
