#include "algorithms/asynchronous/registry.hpp"
#include "algorithms/asynchronous/shadowheart.hpp"
#include "platforms/topologies/registry.hpp"
#include "tests/laws/method_entries.hpp"
#include "tests/platforms/examples.hpp"
#include "tests/sim/runs.hpp"

// What is true of every asynchronous method, and of some in cases that synchronous methods know.

using namespace laconic::tests;
using nlohmann::json;

namespace {

using Table = std::vector<std::vector<std::string>>;

std::string text_of(const json& source) {
  const std::string text = in_child([&] { return rows_of(scenario_of(source)); });
  INFO(text);
  REQUIRE_FALSE(text.starts_with("threw"));
  return text;
}
Table ran(const json& source) { return csv(text_of(source)); }
Table ran(json source, const json& algorithm) {
  source["algorithms"] = json::array({algorithm});
  return ran(source);
}

void check_same_learning(const Table& a, const Table& b, std::size_t stride = 1) {
  for (std::size_t k = 0; k < b.size() && k * stride < a.size(); ++k) {
    INFO("row " << k);
    for (const Column column : {loss, grad_norm})
      REQUIRE(std::stod(a[k * stride][column]) == Approx(std::stod(b[k][column])).epsilon(1e-12));
  }
}

void check_same_run(const Table& a, const Table& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t k = 0; k < a.size(); ++k) {
    INFO("row " << k);
    for (std::size_t column = 0; column < columns; ++column) {
      INFO("column " << column);
      if (column == sim_time || column == compute_s)
        REQUIRE(std::stod(a[k][column]) == Approx(std::stod(b[k][column])).epsilon(1e-10));
      else
        REQUIRE(a[k][column] == b[k][column]);
    }
  }
}

json small(const json& algorithm, int M = 3) {
  json source = small_scenario(algorithm);
  source["workers"] = M;
  source["batches"] = "cyclic";
  return source;
}

const json uneven = {{"type", "star"},
                     {"worker_speed", {"1Mf", "3Mf", "400kf", "2Mf"}},
                     {"bandwidth", {"1kBps", "30MBps", "2MBps", "400kBps"}},
                     {"latency", {"10ms", "3ms", "30ms", "11ms"}},
                     {"server_bandwidth", "3kBps"}};

}  // namespace

TEST_CASE("law: closed events and SimGrid run asynchronous methods alike on stars, contended or of equal workers") {
  for (const auto& method : asynchronous::asynchronous_methods())
    for (const bool equal : {false, true}) {
      INFO(method.name << ", equal workers " << equal);
      json source = scenario_for(method, "float32");
      if (!equal) source["platform"] = uneven;
      source["conditions"]["stragglers"] = {{"probability", equal ? 0 : 0.2}, {"factor", 4}};
      if (equal) source.erase("conditions");
      json simulated = source;
      simulated["network"]["solver"] = "simgrid";
      const Table closed = ran(source);
      CHECK(closed.size() == 61);
      check_same_run(closed, ran(simulated));
    }
}

TEST_CASE("law: every asynchronous method runs on every topology") {
  const PlatformFiles files;
  for (const auto& method : asynchronous::asynchronous_methods()) {
    json source = scenario_for(method, "float32");
    source["stop"]["rounds"] = 8;
    for (const auto& topology : platforms::topologies()) {
      INFO(method.name << " on " << topology.name);
      source["platform"] = platform_example(topology.name, files);
      CHECK(ran(source).size() == 9);
    }
  }
}

TEST_CASE("law: every asynchronous method runs under conditions, and twice to the same bytes") {
  const json conditions = json::parse(R"({
    "stragglers": {"probability": 0.3, "factor": {"type": "log-normal", "median": 5, "sigma": 1}},
    "links": [{"link": "worker-1", "bandwidth": [[0, "1MBps"], ["10ms", "100kBps"]], "period": "20ms"}],
    "hosts": [{"host": "worker-0", "speed": [["50ms", 0.1]]}],
    "traffic": [{"from": "worker-3", "to": "server", "on": "20ms", "off": "30ms"}],
    "failures": [{"workers": 2, "down": "60ms", "up": "300ms"}, {"mtbf": "2s", "mttr": "50ms"},
                 {"host": "server", "down": "400ms", "up": "420ms"}]})");
  for (const auto& method : asynchronous::asynchronous_methods()) {
    INFO(method.name);
    json source = scenario_for(method, "float32");
    source["stop"]["rounds"] = 20;
    source["conditions"] = conditions;
    source["platform"]["watts"] = {{"worker", {{"idle", 5}, {"busy", 15}}}, {"link", {{"idle", 1}, {"busy", 2}}}};
    const std::string once = text_of(source);
    CHECK(once == text_of(source));
    const Table rows = csv(once);
    CHECK(rows.size() == 21);
    CHECK(std::stoi(rows.back()[lost]) > 0);
    CHECK(std::stod(rows.back()[energy_j]) > 0);
  }
}

TEST_CASE("law: with one worker asynchronous methods are synchronous ones") {
  json local = small({{"method", "local-sgd"}, {"step", 0.1}, {"batch", 4}, {"H", 3}}, 1);
  for (const char* wire : {"float32", "float64"}) {
    local["network"]["wire"] = wire;
    check_same_learning(ran(local, {{"method", "async-sgd"}, {"step", 0.1}, {"batch", 4}}),
                        ran(local, {{"method", "sgd"}, {"step", 0.1}, {"batch", 4}}));
    const Table rows = ran(local);
    check_same_learning(ran(local, {{"method", "fedasync"}, {"step", 0.1}, {"batch", 4}, {"H", 3}, {"alpha", 1}}),
                        rows);
    check_same_learning(ran(local, {{"method", "fedbuff"}, {"step", 0.1}, {"batch", 4}, {"H", 3}, {"K", 1}}), rows);
  }
}

TEST_CASE("law: SSP of bound 0, and Rennala with equal workers and B = M, are synchronous SGD") {
  for (const char* objective : {"mean", "sum"}) {
    json source = small({{"method", "sgd"}, {"step", 0.05}, {"batch", 4}});
    source["problem"]["objective"] = objective;
    const Table rows = ran(source);
    check_same_learning(ran(source, {{"method", "rennala"}, {"step", 0.05}, {"batch", 4}, {"B", 3}}), rows);
    json bounded = source;
    bounded["stop"]["rounds"] = 60;
    bounded["platform"]["worker_speed"] = {"1Mf", "300kf", "2Mf"};
    const Table ssp = ran(bounded, {{"method", "ssp"}, {"step", 0.05}, {"batch", 4}, {"s", 0}});
    REQUIRE(ssp.size() == 61);
    check_same_learning(ssp, rows, 3);
  }
}

TEST_CASE("law: a bound that nobody meets, and a weight that nobody earns, change nothing") {
  json source = small({{"method", "async-sgd"}, {"step", 0.05}, {"batch", 4}});
  source["stop"]["rounds"] = 60;
  const std::string plain = text_of(source);
  CHECK(csv(plain).back()[staleness_max] == "2");
  for (const auto& [key, value] : {std::pair<const char*, json>{"accept", 1000000},
                                   {"staleness", "delay-adaptive"},
                                   {"staleness", {{"type", "hinge"}, {"b", 2}}},
                                   {"concurrency", 3}}) {
    json same = source;
    same["algorithms"][0][key] = value;
    CHECK(text_of(same) == plain);
  }
}

TEST_CASE("asynchronous methods count what arrives, is thrown away and is stale") {
  json source = small({{"method", "async-sgd"}, {"step", 0.05}, {"accept", 2}}, 4);
  source["stop"]["rounds"] = 100;
  source["platform"]["worker_speed"] = {"10Mf", "1Mf", "1Mf", "20kf"};
  source["record"]["every"] = 10;
  const Table rows = ran(source);
  REQUIRE(rows.size() == 11);
  CHECK(rows[0][staleness_mean].empty());
  CHECK(rows[0][downloads] == "0");
  for (std::size_t k = 1; k < rows.size(); ++k) {
    CHECK(std::stoi(rows[k][uploads]) == std::stoi(rows[k][round_]) + std::stoi(rows[k][late]));
    CHECK(std::stoi(rows[k][iterations]) == std::stoi(rows[k][uploads]) / 4);
    CHECK(std::stoi(rows[k][staleness_max]) <= 1);
    CHECK(rows[k][consensus].empty());
  }
  CHECK(std::stoi(rows.back()[late]) > 0);

  source["algorithms"][0] = {{"method", "ringleader"}, {"step", 0.05}};
  for (const auto& row : ran(source))
    if (!row[staleness_max].empty()) CHECK(std::stoi(row[staleness_max]) <= 2 * 4 - 2);
}

TEST_CASE("IAG may be lazy: what is silent is no upload, and the server steps") {
  json source = small({{"method", "iag"}, {"step", 0.05}, {"batch", 4}, {"trigger", "lasg-wk2"}, {"c", 0.1}});
  source["problem"]["objective"] = "mean";
  source["problem"]["reduction"] = "mean";
  source["stop"]["rounds"] = 60;
  const Table rows = ran(source);
  CHECK(rows.size() == 61);
  CHECK(std::stoi(rows.back()[uploads]) < 60);
  CHECK(std::stod(rows.back()[loss]) < std::stod(rows[0][loss]));
}

TEST_CASE("what workers keep goes with every asynchronous method, and few of them may work at a time") {
  for (const auto& method : asynchronous::asynchronous_methods())
    for (const json& parts : {json{{"compressor", {{"type", "top-k"}, {"k", 2}}}, {"memory", "error-feedback"}},
                              json{{"compressor", "qsgd"}, {"bits", 4}, {"memory", {{"type", "shifted"}}}},
                              json{{"momentum", 0.5}}, json{{"concurrency", 2}}}) {
      if (method.name == std::string("shadowheart")) continue;
      if (parts.contains("concurrency") &&
          (method.name == std::string("ssp") || method.name == std::string("ringleader")))
        continue;
      json entry = entry_for(method);
      entry.update(parts);
      if (method.name == std::string("fadas")) entry["server_step"] = 0.01;
      INFO(entry.dump());
      json source = scenario_for(method, "float32");
      source["algorithms"][0] = entry;
      const Table rows = ran(source);
      CHECK(rows.size() == 61);
      CHECK(std::stod(rows.back()[loss]) < std::stod(rows[0][loss]));
    }
}

TEST_CASE("what an asynchronous method cannot do is refused with the reason") {
  const auto with = [](const char* pointer, const json& value) {
    json source = small({{"method", "async-sgd"}, {"step", 0.05}});
    source[json::json_pointer(pointer)] = value;
    return refusal_of(source);
  };
  using Catch::Matchers::Contains;
  const json late = {{"timeout", "1s"}, {"then", "drop"}};
  CHECK_THAT(with("/platform", {{"type", "none"}}), Contains("/algorithms/0/method: \"async-sgd\" is asynchronous"));
  CHECK_THAT(with("/network/solver", "actors"), Contains("know rounds alone"));
  CHECK_THAT(with("/collective", "ring-allreduce"), Contains("takes uploads one by one"));
  CHECK_THAT(with("/collective", "broadcast"), Contains("takes uploads one by one"));
  CHECK_THAT(with("/conditions/late", late), Contains("no rounds that could end without somebody"));
  CHECK_THAT(with("/algorithms/0/participation", "sampled"), Contains("no rounds to take part in"));
  CHECK_THAT(with("/algorithms/0/aggregate", "majority-vote"), Contains("no votes to count"));
  CHECK_THAT(with("/algorithms/0/trigger", "lag-wk"), Contains("\"iag\" goes on"));
  CHECK_THAT(with("/algorithms/0/update", {{"type", "gradient-adagrad-norm"}, {"b0", 1}}), Contains("no rounds"));
  CHECK_THAT(with("/algorithms/0/concurrency", 4), Contains("at most the 3 workers"));
  CHECK_THAT(with("/algorithms/0/staleness", "linear"), Contains("expected \"constant\""));
  CHECK_THAT(with("/algorithms/0/B", 2), Contains("\"B\" means nothing to async-sgd"));
  CHECK_THAT(with("/algorithms/0", {{"method", "ssp"}, {"step", 1}, {"s", 1}, {"concurrency", 2}}),
             Contains("leaves workers idle"));
}

TEST_CASE("a worker that stays away stops only those methods that wait for it, and they say so") {
  json source = small({{"method", "rennala"}, {"step", 0.05}, {"B", 2}});
  source["conditions"]["failures"] = {{{"workers", 1}, {"down", "100ms"}}};
  CHECK(ran(source).size() == 21);
  source["algorithms"][0] = {{"method", "ssp"}, {"step", 0.05}, {"s", 1}};
  CHECK_THAT(in_child([&] { return rows_of(scenario_of(source)); }),
             Catch::Matchers::Contains("every worker that the method waits for is down or out of reach for good"));
}

TEST_CASE("Shadowheart's budget solves its equation, and its plan follows from that") {
  const std::vector<double> h{0.3, 0.001, 5, 0.02, 0.02, 40}, t{0.01, 0.5, 0.02, 0.03, 2, 0.001};
  for (const auto& [omega, r] : {std::pair{9.0, 4.0}, {0.0, 2.0}, {3.0, 0.0}, {0.0, 0.0}}) {
    INFO("omega " << omega << ", r " << r);
    std::vector<std::size_t> order{0, 1, 2, 3, 4, 5};
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return std::max(h[a], t[a]) < std::max(h[b], t[b]); });
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t j = 1; j <= order.size(); ++j) {
      const double s = asynchronous::equilibrium(h, t, std::span(order).first(j), omega, r);
      if (omega > 0 || r > 0) {
        double sum = 0;
        for (std::size_t i = 0; i < j; ++i) {
          const double hi = h[order[i]], ti = t[order[i]];
          sum += 1 / (2 * ti * omega + 4 * ti * omega * hi * r / s + 2 * hi * r);
        }
        CHECK(s == Approx(1 / sum).epsilon(1e-12));
      } else {
        CHECK(s == 0);
      }
      least = std::min(least, std::max({s, h[order[j - 1]], t[order[j - 1]]}));
    }
    const auto plan = asynchronous::shadow_plan(h, t, omega, r);
    CHECK(plan.budget == least);
    for (std::size_t i = 0; i < h.size(); ++i) {
      const auto b = static_cast<Round>(least / h[i]), m = static_cast<Round>(least / t[i]);
      CHECK(plan.gradients[i] == (m > 0 ? b : 0));
      CHECK(plan.messages[i] == (b > 0 ? m : 0));
    }
  }
}

TEST_CASE(
    "Shadowheart of equal workers with full gradients and whole messages is gradient descent, however much they send") {
  json source = small({{"method", "gd"}, {"step", 0.5}});
  const Table rows = ran(source);
  for (const double r : {0.0, 3.0})
    check_same_learning(ran(source, {{"method", "shadowheart"}, {"step", 0.5}, {"r", r}}), rows);
  const Table shadow =
      ran(source, {{"method", "shadowheart"}, {"step", 0.5}, {"r", 3}, {"compressor", "rand-k"}, {"k", 1}});
  CHECK(std::stoi(shadow.back()[uploads]) > 3 * 20);  // several messages a round
  CHECK(std::stoll(shadow.back()[upload_bits]) == std::stoll(shadow.back()[uploads]) * 64);
  CHECK(std::stod(shadow.back()[loss]) < std::stod(shadow[0][loss]));
  source["algorithms"][0] = {{"method", "shadowheart"}, {"step", 1}, {"r", 1}, {"compressor", "top-k"}, {"k", 2}};
  CHECK_THAT(refusal_of(source), Catch::Matchers::Contains("unbiased compressor of known variance"));
  source["algorithms"][0]["compressor"] = "stoc-mv";
  CHECK_THAT(refusal_of(source), Catch::Matchers::Contains("its messages differ in length"));
}
