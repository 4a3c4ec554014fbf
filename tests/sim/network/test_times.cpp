#include <cmath>

#include "tests/sim/runs.hpp"

// Simulated times against closed forms.

using namespace laconic::tests;
using nlohmann::json;

namespace {

constexpr double d = 5, w = 8, header = 64;                     // float64 wire
constexpr double bandwidth = 1e6, latency = 0.01, speed = 1e6;  // as small_scenario says
constexpr double model = d * w + header;                        // bytes on the wire
constexpr double sign_message = 1 + header;                     // 5 signs are one byte

json one_worker(const json& entry = {{"method", "gd"}}) {
  json source = small_scenario(entry);
  source["workers"] = 1;
  return source;
}

double time_after(const json& source, std::size_t rounds) {
  const auto rows = csv(in_child([&] { return rows_of(scenario_of(source)); }));
  return std::stod(rows.at(rounds)[sim_time]);
}

}  // namespace

TEST_CASE("one worker on an idle link: latency + bytes / bandwidth each way, and the flops between") {
  const double compute = 4 * 60 * d / speed;
  for (const std::size_t rounds : {1, 20})
    CHECK(time_after(one_worker(), rounds) ==
          Approx(static_cast<double>(rounds) * (2 * (latency + model / bandwidth) + compute)).epsilon(1e-9));
  CHECK(time_after(one_worker({{"method", "signgd"}}), 1) ==
        Approx(2 * latency + (model + sign_message) / bandwidth + compute).epsilon(1e-9));
}

TEST_CASE("server latency adds, and the narrower of the two links counts") {
  json source = one_worker();
  source["platform"]["server_latency"] = "5ms";
  source["platform"]["server_bandwidth"] = "250kBps";
  CHECK(time_after(source, 1) == Approx(2 * (latency + 0.005 + model / 250e3) + 4 * 60 * d / speed).epsilon(1e-9));
  source["platform"]["server_bandwidth"] = "1GBps";
  CHECK(time_after(source, 1) == Approx(2 * (latency + 0.005 + model / bandwidth) + 4 * 60 * d / speed).epsilon(1e-9));
}

TEST_CASE("M equal transfers share the server's link equally, both ways at full rate") {
  json source = small_scenario();
  for (const int M : {2, 3, 30}) {
    source["workers"] = M;
    const double share = bandwidth / M;
    CHECK(time_after(source, 1) == Approx(2 * (latency + model / share) + 4 * (60.0 / M) * d / speed).epsilon(1e-9));
  }
  // A server link wide enough for all is no bottleneck.
  source["workers"] = 30;
  source["platform"]["server_bandwidth"] = "30MBps";
  CHECK(time_after(source, 1) == Approx(2 * (latency + model / bandwidth) + 4 * 2 * d / speed).epsilon(1e-9));
}

TEST_CASE("unequal workers: each on its own clock, the round ends with the slowest") {
  json source = small_scenario();
  source["platform"]["server_bandwidth"] = "1GBps";
  source["platform"]["worker_speed"] = {"1Mf", "2Mf", "10kf"};
  source["platform"]["latency"] = {"10ms", "1s", 0};
  source["platform"]["bandwidth"] = {1e6, 2e6, 5e4};
  const double slowest = std::max({2 * (0.01 + model / 1e6) + 4 * 20 * d / 1e6,
                                   2 * (1 + model / 2e6) + 4 * 20 * d / 2e6, 2 * (model / 5e4) + 4 * 20 * d / 1e4});
  CHECK(time_after(source, 1) == Approx(slowest).epsilon(1e-9));
}

TEST_CASE("doubling a payload doubles its transfer time") {
  // Latency and header out of the way, what is left is bytes / bandwidth: the model's size reaches the network.
  json source = one_worker();
  source["platform"]["latency"] = 0;
  source["platform"]["worker_speed"] = "1Zf";
  source["network"]["header"] = 0;
  const double float64 = time_after(source, 1);
  source["network"]["wire"] = "float32";
  CHECK(float64 == Approx(2 * time_after(source, 1)).epsilon(1e-9));
  CHECK(float64 == Approx(2 * d * w / bandwidth).epsilon(1e-9));
  source["network"]["wire"] = "float64";
  source["data"]["features"] = 10;
  CHECK(time_after(source, 1) == Approx(2 * float64).epsilon(1e-9));
}

TEST_CASE("headers cost their bytes on every message and nothing else") {
  json source = one_worker();
  const auto rows = csv(in_child([&] { return rows_of(scenario_of(source)); }));
  source["network"]["header"] = "1kB";
  const auto longer = csv(in_child([&] { return rows_of(scenario_of(source)); }));
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const auto rounds = static_cast<double>(k);
    CHECK(std::stod(longer[k][sim_time]) - std::stod(rows[k][sim_time]) ==
          Approx(rounds * 2 * (1000 - header) / bandwidth).margin(1e-9));
    CHECK(std::stod(longer[k][wire_up]) - std::stod(rows[k][wire_up]) == rounds * (1000 - header));
    CHECK(std::stod(longer[k][wire_down]) - std::stod(rows[k][wire_down]) == rounds * (1000 - header));
    for (const auto column : {loss, grad_norm, uploads, upload_bits, download_bits, flops})
      CHECK(longer[k][column] == rows[k][column]);
  }
}

TEST_CASE("a silent worker's notice is a header, or free, it changes the bytes and the time, and nothing else") {
  // H = 2: everybody uploads in even rounds and is silent in odd ones.
  json source = small_scenario({{"method", "gd"}, {"trigger", {{"type", "every"}, {"H", 2}}}});
  source["platform"]["server_bandwidth"] = "3MBps";
  const auto with = csv(in_child([&] { return rows_of(scenario_of(source)); }));
  source["network"]["skip_notice"] = false;
  const auto without = csv(in_child([&] { return rows_of(scenario_of(source)); }));
  const double compute = 4 * 20 * d / speed, transfer = latency + model / bandwidth;
  const auto duration = [](const auto& rows, std::size_t k) {
    return std::stod(rows[k + 1][sim_time]) - std::stod(rows[k][sim_time]);
  };
  const auto bytes = [](const auto& rows, std::size_t k) {
    return std::stod(rows[k + 1][wire_up]) - std::stod(rows[k][wire_up]);
  };
  for (std::size_t k = 0; k + 1 < with.size(); ++k) {
    const bool silent = k % 2 == 1;
    CHECK(duration(with, k) ==
          Approx(silent ? transfer + compute + latency + header / bandwidth : 2 * transfer + compute).epsilon(1e-9));
    CHECK(duration(without, k) == Approx(silent ? transfer + compute : 2 * transfer + compute).epsilon(1e-9));
    CHECK(bytes(with, k) == 3 * (silent ? header : model));
    CHECK(bytes(without, k) == 3 * (silent ? 0 : model));
    for (const auto column : {loss, grad_norm, uploads, upload_bits, wire_down, flops})
      CHECK(with[k][column] == without[k][column]);
  }
  CHECK(with.back()[uploads] == "30");
}

TEST_CASE("without a header a notice is still a message: one byte, after the latency") {
  json source = one_worker({{"method", "gd"}, {"trigger", {{"type", "every"}, {"H", 1000}}}});
  source["network"]["header"] = 0;
  const auto rows = csv(in_child([&] { return rows_of(scenario_of(source)); }));
  const double round_1 = std::stod(rows[2][sim_time]) - std::stod(rows[1][sim_time]);
  CHECK(round_1 == Approx(2 * latency + (d * w + 1) / bandwidth + 4 * 60 * d / speed).epsilon(1e-9));
}

TEST_CASE("the tcp model is SimGrid's LV08: 13.01 latency + bytes / (0.97 bandwidth)") {
  json source = one_worker();
  source["network"]["model"] = "tcp";
  CHECK(time_after(source, 1) ==
        Approx(2 * (13.01 * latency + model / (0.97 * bandwidth)) + 4 * 60 * d / speed).epsilon(1e-6));
}

TEST_CASE("compression costs what the scenario says, where it happens") {
  json source = one_worker({{"method", "signgd"}});
  const double free = time_after(source, 1);
  source["compress_flops_per_entry"] = 1000;
  CHECK(time_after(source, 1) - free == Approx(1000 * d / speed).epsilon(1e-9));
  source["algorithms"][0] = {{"method", "gd"}, {"label", "signgd"}};
  const double dense = time_after(source, 1);
  source.erase("compress_flops_per_entry");
  CHECK(time_after(source, 1) == dense);  // nothing is compressed
}

TEST_CASE("two runs of a symmetric star are byte-identical: ties are served in worker order") {
  json source = small_scenario({{"method", "le-signgd"}});
  source["workers"] = 20;
  source["stop"]["rounds"] = 100;
  const auto run = [&] { return in_child([&] { return rows_of(scenario_of(source)); }); };
  const std::string first = run();
  CHECK(csv(first).size() == 101);
  CHECK(first == run());
}

TEST_CASE("a round in which nobody takes part takes no time and ends") {
  json source = small_scenario({{"method", "lag-ps"}, {"step", 1e-9}, {"xi", 1e12}});
  source["stop"]["rounds"] = 5;
  const auto rows = csv(in_child([&] { return rows_of(scenario_of(source)); }));
  CHECK(rows.back()[round_] == "5");
  CHECK(rows.back()[uploads] == "3");
  CHECK(rows.back()[sim_time] == rows[1][sim_time]);
}
