#include <algorithm>
#include <map>

#include "algorithms/base/error.hpp"
#include "algorithms/base/expression.hpp"
#include "algorithms/methods/registry.hpp"
#include "platforms/topologies/registry.hpp"
#include "tests/laws/method_entries.hpp"
#include "tests/platforms/examples.hpp"
#include "tests/sim/runs.hpp"
#include "tests/trials.hpp"

// Laws that every method of the registry keeps. A new entry is covered the moment it is registered.

using namespace laconic::tests;
using nlohmann::json;

namespace {

// The rows without what only a network knows.
std::string without_time(const std::string& text) {
  std::string out;
  for (auto row : csv(text)) {
    row[sim_time].clear();
    row[compute_s].clear();
    for (const auto& field : row) out += field + ',';
    out += '\n';
  }
  return out;
}

void expect_same_everywhere(const json& source) {
  json lockstep = source;
  lockstep["platform"] = {{"type", "none"}};
  const std::string expected = without_time(rows_of(scenario_of(lockstep)));
  REQUIRE(csv(expected).size() > 40);  // mh-signsgd-adaptive overshoots on the toy quadratic and diverges

  json uneven = source;
  uneven["network"]["model"] = "tcp";
  uneven["platform"] = {{"type", "star"},
                        {"worker_speed", {{"type", "log-normal"}, {"median", "1Mf"}, {"sigma", 2}}},
                        {"bandwidth", {"1kBps", "30MBps", "2MBps", "400kBps"}},
                        {"latency", {{"type", "exponential"}, {"mean", "20ms"}}},
                        {"server_bandwidth", "100kBps"}};
  for (const json& network : {source, uneven}) {
    const std::string rows = in_child([&] { return rows_of(scenario_of(network)); });
    CHECK(without_time(rows) == expected);
  }
}

}  // namespace

TEST_CASE("law: the simulated cluster trains bit for bit as lockstep does, whatever the network") {
  const auto all = methods::methods();
  for (std::size_t i = 0; i < all.size(); ++i)
    for (const bool wide : {true, false})
      for (const bool notice : {true, false}) {
        if (!takes_pair(i, static_cast<std::size_t>(2 * wide + notice), 4)) continue;
        const auto& method = all[i];
        const char* wire = wide ? "float64" : "float32";
        INFO(method.name << ", " << wire << ", skip_notice " << notice);
        json source = scenario_for(method, wire);
        source["network"]["skip_notice"] = notice;
        expect_same_everywhere(source);
      }
}

TEST_CASE("law: so it does on every topology") {
  const PlatformFiles files;
  const auto all = methods::methods();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& method = all[i];
    json source = scenario_for(method, "float32");
    source["stop"]["rounds"] = 6;
    json lockstep = source;
    lockstep["platform"] = {{"type", "none"}};
    const std::string expected = without_time(rows_of(scenario_of(lockstep)));
    REQUIRE(csv(expected).size() == 7);
    for (std::size_t t = 0; t < topologies().size(); ++t) {
      if (!takes_pair(i, t, topologies().size())) continue;
      const auto& topology = topologies()[t];
      INFO(method.name << " on " << topology.name);
      source["platform"] = platform_example(topology.name, files);
      const Scenario s = scenario_of(source);
      CHECK(without_time(in_child([&] { return rows_of(s); })) == expected);
    }
  }
}

TEST_CASE("law: real conditions cost time alone, while every round waits for everybody") {
  for (const auto& method : methods::methods()) {
    INFO(method.name);
    json source = scenario_for(method, "float32");
    source["stop"]["rounds"] = 12;
    const auto learned = [](const std::string& text) {
      std::string out;
      for (const auto& row : csv(text))
        for (const auto column : {round_, loss, grad_norm, accuracy, uploads, upload_bits, wire_up})
          out += row[column] + (column == wire_up ? '\n' : ',');
      return out;
    };
    const std::string ideal = in_child([&] { return rows_of(scenario_of(source)); });
    source["conditions"] = json::parse(R"({
      "stragglers": {"probability": 0.3, "factor": {"type": "log-normal", "median": 5, "sigma": 1}},
      "links": [{"link": "worker-1", "bandwidth": [[0, "1MBps"], ["10ms", "100kBps"]], "period": "20ms"},
                {"link": "worker-2", "latency": [["30ms", "50ms"]]}],
      "hosts": [{"host": "worker-0", "speed": [["50ms", 0.1]]}]})");
    json failing = source;
    source["conditions"]["traffic"] = {{{"from", "worker-3"}, {"to", "server"}, {"on", "20ms"}, {"off", "30ms"}}};
    failing["conditions"]["failures"] = {{{"mtbf", "200ms"}, {"mttr", "20ms"}}};
    REQUIRE(csv(ideal).size() == 13);
    for (const json& real : {source, failing}) {
      const std::string rows = in_child([&] { return rows_of(scenario_of(real)); });
      REQUIRE_FALSE(rows.starts_with("threw"));
      CHECK(learned(rows) == learned(ideal));
      if (method.name != std::string_view("lag-ps"))
        CHECK(std::stod(csv(rows).back()[sim_time]) > std::stod(csv(ideal).back()[sim_time]));
    }
  }
}

TEST_CASE("law: a deadline that nobody misses changes nothing, for every method that can keep one") {
  std::size_t kept = 0, refused = 0;
  for (const auto& method : methods::methods()) {
    json source = scenario_for(method, "float32");
    source["stop"]["rounds"] = 12;
    const std::string ideal = without_time(in_child([&] { return rows_of(scenario_of(source)); }));
    for (const char* then : {"reuse", "drop"}) {
      INFO(method.name << ", " << then);
      source["conditions"]["late"] = {{"timeout", "1h"}, {"then", then}};
      if (is_refused(source)) {
        ++refused;
        continue;
      }
      ++kept;
      auto rows = csv(in_child([&] { return rows_of(scenario_of(source)); }));
      std::string text;
      for (auto& row : rows) {
        CHECK((row[late] == "0" && row[lost] == "0"));
        for (const auto column : {late, lost}) row[column].clear();
        for (std::size_t i = 0; i < row.size(); ++i) text += row[i] + (i + 1 < row.size() ? ',' : '\n');
      }
      CHECK(without_time(text) == ideal);
    }
  }
  CHECK(kept > refused);
}

TEST_CASE("law: so it does under every collective that carries it, of all pairs of method, topology and collective") {
  const PlatformFiles files;
  std::map<std::pair<std::string, std::string>, ClusterPlan> clusters;  // to read one takes processes of their own
  std::size_t n = 0;
  for (const auto& method : methods::methods()) {
    json source = scenario_for(method, "float32");
    source["workers"] = 5;  // no power of two
    source["stop"]["rounds"] = 5;
    json lockstep = source;
    lockstep["platform"] = {{"type", "none"}};
    const auto learned = [](const std::string& text) {
      std::string out;
      for (const auto& row : csv(text))
        for (const auto column : {round_, iterations, loss, loss_gap, grad_norm, accuracy, flops})
          out += row[column] + ',';
      return out;
    };
    const std::string expected = learned(rows_of(scenario_of(lockstep)));
    std::vector<std::string> legal;
    for (const auto& collective : collectives()) {
      lockstep["collective"] = collective.name;
      if (!is_refused(lockstep)) legal.emplace_back(collective.name);
    }
    REQUIRE(!legal.empty());
    ++n;
    lockstep.erase("collective");
    Scenario s = scenario_of(lockstep);
    // Each method on each topology, under each collective, and each topology under each collective.
    for (std::size_t t = 0; t < topologies().size(); ++t) {
      const auto untried = std::find_if(legal.begin(), legal.end(), [&](const std::string& one) {
        return !clusters.contains({topologies()[t].name, one});
      });
      const std::string& collective = untried != legal.end() ? *untried : legal[(n + t) % legal.size()];
      INFO(method.name << " on " << topologies()[t].name << " under " << collective);
      source["platform"] = platform_example(topologies()[t].name, files);
      if (source["platform"]["type"] == "wifi") source["platform"]["server_latency"] = 0;  // as from worker to worker
      source["collective"] = collective;
      const auto [known, fresh] = clusters.try_emplace({topologies()[t].name, collective});
      if (fresh) known->second = read_cluster(source, "test.json", ".");
      s.cluster = known->second;
      CHECK(learned(in_child([&] { return rows_of(s); })) == expected);
    }
  }
  CHECK(clusters.size() == topologies().size() * collectives().size());
}

TEST_CASE("law: so it does with other parameters, and on a noisy toy problem") {
  const json given[] = {{{"batch", 3}, {"batches", "cyclic"}, {"momentum", 0.4}},
                        {{"start", 0.1}, {"update", {{"type", "momentum"}, {"beta1", 0.5}}}}};
  const auto all = methods::methods();
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t p = 0; p < std::size(given); ++p) {
      if (!takes_pair(i, p, std::size(given))) continue;
      const auto& method = all[i];
      const json& parameters = given[p];
      INFO(method.name << ", " << parameters.dump());
      json source = scenario_for(method, "float32");
      json& entry = source["algorithms"][0];
      if (parameters.contains("update")) entry.erase("b0");  // which only AdaGrad's updates read
      for (const auto& [key, value] : parameters.items()) {
        json with = source;
        with["algorithms"][0][key] = value;
        if (!is_refused(with)) entry[key] = value;
      }
      if (is_refused(source)) continue;
      expect_same_everywhere(source);

      source["problem"] = {
          {"type", "toy"}, {"function", "quadratic"}, {"curvature", 3}, {"dimension", 9}, {"noise", 0.5}};
      source.erase("data");
      source["record"]["metrics"] = {"loss", "loss_gap", "grad_norm"};
      expect_same_everywhere(source);
    }
  }
}

TEST_CASE("law: uploaded and downloaded bits are the specified formulas times the messages") {
  for (const auto& method : methods::methods()) {
    for (const Wire wire : {Wire::float32, Wire::float64}) {
      const bool single = wire == Wire::float32;
      INFO(method.name << ", " << (single ? "float32" : "float64"));
      json source = scenario_for(method, single ? "float32" : "float64");
      source["platform"] = {{"type", "none"}};
      json& entry = source["algorithms"][0];
      if (std::string_view(method.doc.bits).find("b d") != std::string_view::npos) entry["bits"] = 4;
      // Two methods send whole vectors in some rounds: here in the first alone.
      if (entry.contains("p")) entry["p"] = 1e-12;
      if (entry.contains("warm_up")) entry["warm_up"] = 1;
      const bool phases = entry.contains("p") || entry.contains("warm_up");

      const auto rows = csv(rows_of(scenario_of(source)));
      Constants constants = bit_constants(9, wire);
      constants["n"] = 9;
      const double up = evaluate_expression(method.doc.bits, constants),
                   down = evaluate_expression(method.doc.down, constants);
      const auto& from = rows[phases ? 1 : 0];
      const auto since = [&](const auto& row, Column c) { return std::stod(row[c]) - std::stod(from[c]); };
      const int each = method.doc.exchanges;
      for (auto row = rows.begin() + (phases ? 1 : 0); row != rows.end(); ++row) {
        if (std::string_view(method.doc.bits).starts_with("n "))  // n <= d entries
          CHECK(since(*row, upload_bits) <= up * since(*row, uploads));
        else
          CHECK(since(*row, upload_bits) == up * since(*row, uploads) / each);
        CHECK(since(*row, download_bits) == down * since(*row, downloads) / each);
      }
      if (phases) CHECK(rows[1][upload_bits] == std::to_string(4 * 9 * bits_of(wire)));
      // Nobody who takes part is silent in round 0.
      CHECK(rows[1][uploads] == std::to_string((entry.contains("clients") ? 2 : 4) * each));
      CHECK(rows[1][uploads] == rows[1][downloads]);
    }
  }
}

TEST_CASE("law: the same seed gives the same rows, the seed matters only to what is random") {
  for (const auto& method : methods::methods()) {
    INFO(method.name);
    json source = scenario_for(method, "float32");
    source["platform"] = {{"type", "none"}};
    source["data"]["seed"] = 4;
    const std::string a = rows_of(scenario_of(source)), b = rows_of(scenario_of(source));
    CHECK(a == b);
  }
}

TEST_CASE("law: every method makes progress on a well-conditioned problem") {
  for (const auto& method : methods::methods()) {
    INFO(method.name);
    json source = scenario_for(method, "float64");
    source["data"] = {{"type", "gaussian"}, {"samples", 80}, {"features", 5}};
    source["platform"] = {{"type", "none"}};
    const auto rows = csv(rows_of(scenario_of(source)));
    double best = std::stod(rows.front()[loss]);
    for (const auto& row : rows) best = std::min(best, std::stod(row[loss]));
    // The best row, not the last: LE's rule has no clock, and its workers may fall silent for good before the end.
    CHECK(best < 0.9 * std::stod(rows.front()[loss]));
  }
}

TEST_CASE("law: workers that a server leaves out download nothing and compute nothing") {
  json source = scenario_for(*find(methods::methods(), "lag-ps"), "float64");
  const auto rows = csv(in_child([&] { return rows_of(scenario_of(source)); }));
  const auto& last = rows.back();
  CHECK(last[uploads] == last[downloads]);
  CHECK(std::stoul(last[uploads]) < 4 * 60);
  // 4 n d flops for each gradient, and a gradient for each upload only
  CHECK(std::stod(last[flops]) == 4.0 * 12 * 9 * std::stod(last[uploads]));
  CHECK(std::stod(last[compute_s]) == Approx(std::stod(last[flops]) / 1e6).epsilon(1e-12));
}

TEST_CASE("slots are refilled from JSON, and what cannot be combined is refused with the reason") {
  const auto rows = [](const json& entry) {
    json source = small_scenario(entry);
    source["platform"] = {{"type", "none"}};
    return without_time(rows_of(scenario_of(source)));
  };
  const auto renamed = [&](std::string text, const std::string& from) {
    for (std::size_t at; (at = text.find(from)) != std::string::npos;) text.replace(at, from.size(), "x");
    return text;
  };
  // A method is a filling of the slots: GD refilled is the other method.
  CHECK(renamed(rows({{"method", "gd"}, {"label", "x"}, {"compressor", "scaled-sign"}, {"memory", "error-feedback"}}),
                "small") == renamed(rows({{"method", "ef-signgd"}, {"label", "x"}}), "small"));
  CHECK(rows({{"method", "gd"}, {"label", "x"}, {"trigger", {{"type", "lag-wk"}, {"D", 5}}}}) ==
        rows({{"method", "lag-wk"}, {"label", "x"}, {"D", 5}}));
  CHECK(rows({{"method", "lag-wk"}, {"label", "x"}, {"D", 5}, {"xi", 0.2}}) ==
        rows({{"method", "lag-wk"}, {"label", "x"}, {"D", 5}}));
  CHECK(rows({{"method", "gd"}, {"label", "x"}, {"participation", "lag-ps"}}) ==
        rows({{"method", "lag-ps"}, {"label", "x"}}));

  const auto error = [](const json& entry) -> std::string {
    try {
      scenario_of(small_scenario(entry));
    } catch (const InputError& e) {
      return e.what();
    }
    return "no error";
  };
  CHECK(error({{"method", "lag-wk"}, {"participation", "lag-ps"}}) ==
        "test.json: /algorithms/0/trigger: \"lag-wk\" judges by every round's model, which participation \"lag-ps\" "
        "does not "
        "send to all workers: choose one of the two");
  CHECK(error({{"method", "gd"}, {"batches", "cyclic"}}) ==
        "test.json: /algorithms/0/batches: says how a mini-batch is drawn, and this entry has no \"batch\"");
  CHECK(error({{"method", "sgd"}, {"step", 0.1}, {"batch", 21}}) ==
        "test.json: /algorithms/0/batch: expected at most the 20 samples of the smallest worker, got 21");
  CHECK(error({{"method", "gd"}, {"start", {1, 2}}}) ==
        "test.json: /algorithms/0/start: expected a number, a list of d = 5 numbers, or \"normal\", got [1,2]");
}

TEST_CASE("SCALED's error feedback is LE's times a constant step") {
  const auto last_loss = [](const char* memory) {
    json source = small_scenario({{"method", "ef-signgd"}, {"step", 0.01}, {"memory", memory}});
    source["platform"] = {{"type", "none"}};
    return std::stod(csv(rows_of(scenario_of(source))).back()[loss]);
  };
  CHECK(last_loss("scaled-error-feedback") == Approx(last_loss("error-feedback")).epsilon(1e-12));
}

TEST_CASE("a start point is where round 0 is") {
  json source = small_scenario({{"method", "gd"}, {"start", {0.1, 0.2, 0.3, 0.4, 0.5}}});
  source["platform"] = {{"type", "none"}};
  const Scenario s = scenario_of(source);
  Vector start(5);
  start << 0.1, 0.2, 0.3, 0.4, 0.5;
  CHECK(std::stod(csv(rows_of(s)).front()[loss]) == s.problem.loss(start));
}
