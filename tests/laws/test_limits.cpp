#include <algorithm>
#include <cmath>

#include "algorithms/methods/registry.hpp"
#include "algorithms/problems/logistic.hpp"
#include "tests/laws/setup.hpp"
#include "tests/sim/runs.hpp"

// Where a method must coincide with a simpler one, and numbers that its paper fixes.

using namespace laconic::tests;
using nlohmann::json;

namespace {

json still(const json& entry, const char* wire = "float64") {
  json source = small_scenario(entry);
  source["problem"]["objective"] = source["problem"]["reduction"] = "mean";
  source["platform"] = {{"type", "none"}};
  source["network"]["wire"] = wire;
  source["stop"]["rounds"] = 40;
  return source;
}

std::vector<std::vector<std::string>> run_of(const json& entry, const char* wire = "float64") {
  return csv(rows_of(scenario_of(still(entry, wire))));
}

// What a model is, whatever it cost.
std::vector<std::string> learned(const json& entry, const char* wire = "float64") {
  std::vector<std::string> out;
  for (const auto& row : run_of(entry, wire)) out.push_back(row[loss] + ' ' + row[grad_norm]);
  return out;
}

double distance(const json& a, const json& b) {
  const auto x = run_of(a), y = run_of(b);
  REQUIRE(x.size() == y.size());
  double most = 0;
  for (std::size_t k = 0; k < x.size(); ++k)
    most = std::max(most, std::abs(std::stod(x[k][loss]) / std::stod(y[k][loss]) - 1));
  return most;
}

json entry(const char* method, json more) {
  more["method"] = method;
  more["label"] = "x";
  return more;
}

std::vector<std::uint64_t> uploads_per_round(const json& e) {
  std::vector<std::uint64_t> out;
  std::uint64_t before = 0;
  for (const auto& row : run_of(e)) {
    out.push_back(std::stoull(row[uploads]) - before);
    before = std::stoull(row[uploads]);
  }
  out.erase(out.begin());
  return out;
}

std::string error_of(const json& source) {
  try {
    scenario_of(source);
  } catch (const std::exception& ex) {
    return ex.what();
  }
  return "no error";
}

std::string error(const json& e) { return error_of(still(e)); }

}  // namespace

TEST_CASE("SCALED's Example 1: signGD on x1^2 + x2^2 with a constant step circles with period 2 and never arrives") {
  json source = still(entry("signgd", {{"step", 0.5}, {"start", {0.25, 0.25}}}));
  source["problem"] = {{"type", "toy"}, {"function", "quadratic"}, {"curvature", 2}, {"dimension", 2}};
  source.erase("data");
  source["workers"] = 1;
  const Scenario s = scenario_of(source);
  Method method = s.make_method(0);
  run_lockstep(method, s.cluster.wire, [&](Round k, double, const Vector& x, const Ledger&) {
    CHECK(x == Vector::Constant(2, k % 2 == 0 ? 0.25 : -0.25));
    return k < 20;
  });
  // The scaled sign, which shrinks with the gradient, arrives.
  source["algorithms"] = json::array({entry("scaled-signgd", {{"step", 0.1}, {"start", {0.25, 0.25}}})});
  CHECK(std::stod(csv(rows_of(scenario_of(source))).back()[loss]) < 1e-6);
}

TEST_CASE("AdaGrad-norm on x^2/2 takes the steps its recursion says") {
  json source = still(entry("adagrad-norm", {{"step", 1}, {"b0", 0.5}, {"start", 3}}));
  source["problem"] = {{"type", "toy"}, {"function", "quadratic"}};
  source.erase("data");
  source["workers"] = 1;
  const Scenario s = scenario_of(source);
  Method method = s.make_method(0);
  double x = 3, b2 = 0.25;
  run_lockstep(method, s.cluster.wire, [&](Round k, double, const Vector& theta, const Ledger&) {
    if (k > 0) {
      b2 += x * x;
      x -= x / std::sqrt(b2);
    }
    CHECK(theta[0] == Approx(x).epsilon(1e-14));
    return k < 20;
  });
}

TEST_CASE("a rule with threshold 0 makes every lazy method its eager twin, bit for bit") {
  const json sgd = entry("sgd", {{"step", 0.1}, {"batch", 4}});
  for (const char* wire : {"float32", "float64"}) {
    for (const char* lazy : {"stochastic-lag-wk", "lasg-wk1", "lasg-wk2", "lasg-ps"})
      CHECK(learned(entry(lazy, {{"step", 0.1}, {"batch", 4}, {"c", 0}, {"memory", "none"}}), wire) ==
            learned(sgd, wire));
    for (const char* lazy : {"lag-wk", "lag-ps"})
      CHECK(learned(entry(lazy, {{"step", 0.1}, {"xi", 0}, {"memory", "none"}}), wire) ==
            learned(entry("gd", {{"step", 0.1}}), wire));
    CHECK(learned(entry("le-signgd", {{"step", 0.1}, {"alpha", 0}}), wire) ==
          learned(entry("ef-signgd", {{"step", 0.1}}), wire));
    CHECK(learned(entry("laqsg-wk2", {{"step", 0.1}, {"batch", 4}, {"c", 0}, {"bits", 4}}), wire) ==
          learned(entry("qsgd", {{"step", 0.1}, {"batch", 4}, {"bits", 4}}), wire));
  }
  // Sending differences instead adds up to the same but for rounding.
  CHECK(distance(entry("lasg-wk2", {{"step", 0.1}, {"batch", 4}, {"c", 0}}), sgd) < 1e-12);
}

TEST_CASE("k = d keeps everything, one local step is SGD, one worker's vote is its sign") {
  for (const char* wire : {"float32", "float64"}) {
    for (const char* sparse : {"top-k", "stoc-mv"})
      CHECK(learned(entry("sgd", {{"step", 0.1}, {"batch", 4}, {"compressor", {{"type", sparse}, {"k", 5}}}}), wire) ==
            learned(entry("sgd", {{"step", 0.1}, {"batch", 4}}), wire));
  }
  CHECK(distance(entry("local-sgd", {{"step", 0.1}, {"batch", 4}, {"H", 1}}),
                 entry("sgd", {{"step", 0.1}, {"batch", 4}})) < 1e-12);

  const auto alone = [](const json& e) {
    json source = still(e);
    source["workers"] = 1;
    std::vector<std::string> out;
    for (const auto& row : csv(rows_of(scenario_of(source)))) out.push_back(row[loss] + ' ' + row[upload_bits]);
    return out;
  };
  CHECK(alone(entry("mh-signsgd", {{"step", 0.01}, {"batch", 4}})) ==
        alone(entry("signsgd", {{"step", 0.01}, {"batch", 4}})));
  CHECK(alone(entry("scaled-majority-vote", {{"step", 0.01}, {"batch", 4}})) ==
        alone(entry("scaled-signsgd", {{"step", 0.01}, {"batch", 4}})));
  CHECK(alone(entry("signum", {{"step", 0.01}, {"momentum", 0}})) == alone(entry("signgd", {{"step", 0.01}})));
}

TEST_CASE("after a vote every worker's copy is the server's, bit for bit") {
  int methods_with_votes = 0;
  for (const char* wire : {"float32", "float64"}) {
    for (const json& e :
         {entry("mh-signsgd", {{"batch", 4}}), entry("mh-signsgd-adaptive", {{"batch", 4}}),
          entry("scaled-majority-vote", {{"step", {{"type", "inverse-sqrt"}, {"c", 0.1}}}, {"batch", 4}}),
          entry("signum", {{"step", 0.01}, {"aggregate", "majority-vote"}, {"update", "amsgrad"}})}) {
      ++methods_with_votes;
      const Scenario s = scenario_of(still(e, wire));
      Method method = s.make_method(0);
      CHECK_FALSE(method.server->broadcasts());
      int rounds = 0;
      run_lockstep(method, s.cluster.wire, [&](Round k, double, const Vector& model, const Ledger& ledger) {
        for (const auto& worker : method.workers)
          REQUIRE(std::equal(model.begin(), model.end(), worker->model().begin(), worker->model().end()));
        CHECK(ledger.downloads == static_cast<std::uint64_t>(3 * k));
        return ++rounds < 30;
      });
      CHECK(rounds == 30);
    }
  }
  CHECK(methods_with_votes == 8);
}

TEST_CASE("LASG forces an upload after D rounds, and all of them when the snapshot is renewed") {
  const json quiet = {{"step", 0.1}, {"batch", 4}, {"D", 7}, {"c", 1e9}};
  for (const char* method : {"lasg-wk2", "lasg-ps"}) {
    const auto sent = uploads_per_round(entry(method, quiet));
    for (std::size_t k = 0; k < sent.size(); ++k) CHECK(sent[k] == (k % 7 == 0 ? 3 : 0));
  }
  // WK1's rule also hears of the renewed snapshot at once.
  const auto sent = uploads_per_round(entry("lasg-wk1", quiet));
  for (std::size_t k = 0; k < sent.size(); k += 7) CHECK(sent[k] == 3);
  // An unknown L_m asks everybody: rounds 0 and 1.
  const auto estimated = uploads_per_round(entry("lasg-pse", quiet));
  CHECK(estimated[0] == 3);
  CHECK(estimated[1] == 3);
  CHECK(estimated[2] == 0);
  CHECK(estimated[8] == 3);
  // LAG's stochastic rule has no such clock.
  const auto lag = uploads_per_round(entry("stochastic-lag-wk", {{"step", 0.1}, {"batch", 4}, {"c", 1e9}}));
  CHECK(std::count(lag.begin(), lag.end(), 0) == 39);
}

TEST_CASE("c is 1/gamma^2 unless it is given") {
  CHECK(learned(entry("lasg-wk2", {{"step", 0.1}, {"batch", 4}})) ==
        learned(entry("lasg-wk2", {{"step", 0.1}, {"batch", 4}, {"c", 1 / (0.1 * 0.1)}})));
}

TEST_CASE("LAQ's clock forces an upload after t_max silent rounds") {
  const auto sent = uploads_per_round(entry("laq", {{"step", 1e-9}, {"t_max", 5}, {"bits", 8}, {"xi", 1e9}}));
  for (std::size_t k = 0; k < sent.size(); ++k) CHECK(sent[k] == (k % 6 == 0 ? 3 : 0));
}

TEST_CASE("server-side rules send silent workers nothing, and they compute nothing") {
  for (const char* method : {"lasg-ps", "lasg-pse", "laqsg-ps"}) {
    INFO(method);
    const auto last = run_of(entry(method, {{"step", 0.1}, {"batch", 4}, {"D", 7}, {"c", 1e9}})).back();
    CHECK(last[uploads] == last[downloads]);
    const double gradients = std::stod(last[flops]) / (4.0 * 4 * 5);
    const double sent = std::stod(last[uploads]);
    // PSE takes a second gradient at every upload but a worker's first.
    CHECK(gradients == (std::string_view(method) == "lasg-pse" ? 2 * sent - 3 : sent));
  }
  // WK2 takes a second one wherever nothing is forced.
  const auto last = run_of(entry("lasg-wk2", {{"step", 0.1}, {"batch", 4}, {"D", 10}, {"c", 1e9}})).back();
  CHECK(std::stod(last[flops]) / (4.0 * 4 * 5) == 3 * (40 * 2 - 4));
}

TEST_CASE("iterations count local steps") {
  const auto last = run_of(entry("local-sgd", {{"step", 0.1}, {"batch", 4}, {"H", 5}})).back();
  CHECK(last[round_] == "40");
  CHECK(last[iterations] == "200");
  CHECK(std::stod(last[flops]) == 3 * 200 * 4.0 * 4 * 5);
}

TEST_CASE("sampling all workers is sampling none, and sampling some asks so many") {
  const json local = {{"step", 0.1}, {"batch", 4}, {"H", 3}};
  json all = local, some = local;
  all["clients"] = 3;
  some["clients"] = 0.5;
  CHECK(learned(entry("fedavg", all)) == learned(entry("local-sgd", local)));
  for (const auto sent : uploads_per_round(entry("fedavg", some))) CHECK(sent == 2);
  const auto last = run_of(entry("fedavg", some)).back();
  CHECK(last[uploads] == last[downloads]);
  CHECK(std::stod(last[flops]) == 40 * 2 * 3 * 4.0 * 4 * 5);
}

TEST_CASE("MARINA with p = 1 is gradient descent, and with a lossy Q still reaches the optimum") {
  CHECK(learned(entry("marina", {{"step", 0.3}, {"p", 1}, {"compressor", "identity"}})) ==
        learned(entry("gd", {{"step", 0.3}})));
  json source = still(entry("marina", {{"step", 0.2}, {"p", 0.2}, {"compressor", {{"type", "rand-k"}, {"k", 1}}}}));
  source["stop"]["rounds"] = 3000;
  source["record"]["every"] = 3000;
  CHECK(std::stod(csv(rows_of(scenario_of(source))).back()[loss_gap]) < 1e-12);
}

TEST_CASE("SCAFFOLD's first round is local SGD's, and its control variates remove the drift of many local steps") {
  const json local = {{"step", 0.1}, {"batch", 4}, {"H", 5}};
  const auto scaffold = run_of(entry("scaffold", local)), plain = run_of(entry("local-sgd", local));
  CHECK(std::stod(scaffold[1][loss]) == Approx(std::stod(plain[1][loss])).epsilon(1e-13));
  const auto gap = [](const char* method) {
    json source =
        still(entry(method, {{"step", 0.3}, {"batch", 20}, {"H", 20}}));  // all 20 samples: no noise but drift
    source["stop"]["rounds"] = 500;
    source["record"]["every"] = 500;
    return std::stod(csv(rows_of(scenario_of(source))).back()[loss_gap]);
  };
  CHECK(gap("scaffold") < 1e-12);
  CHECK(gap("local-sgd") > 1e-6);
}

TEST_CASE("1-bit Adam warms up as Adam without bias correction does, then freezes the variance and sends one bit") {
  const json e = {{"step", 0.01}, {"batch", 4}, {"warm_up", 15}};
  const auto rows = run_of(entry("onebit-adam", e));
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const std::uint64_t dense = 3 * std::min<std::uint64_t>(k, 15), bits = 3 * (k - dense / 3);
    CHECK(rows[k][upload_bits] == std::to_string(dense * 5 * 64 + bits * (64 + 5)));
    CHECK(rows[k][download_bits] == rows[k][upload_bits]);
  }
  CHECK(std::stod(rows.back()[loss]) < 0.97 * std::stod(rows.front()[loss]));

  const Scenario s = scenario_of(still(entry("onebit-adam", e)));
  Method method = s.make_method(0);
  run_lockstep(method, s.cluster.wire, [&](Round k, double, const Vector& model, const Ledger&) {
    for (const auto& worker : method.workers)
      REQUIRE(std::equal(model.begin(), model.end(), worker->model().begin(), worker->model().end()));
    return k < 40;
  });
}

TEST_CASE(
    "SCALED's Example 3: AdaGrad-norm on signs has b_k^2 = b_0^2 + k, so that x_k = x_0 - sum_i gamma / sqrt(b_0^2 + i)") {
  json source = still(entry("sign-adagrad-norm-b", {{"step", 0.1}, {"b0", 0.5}, {"start", 9}}));
  source["problem"] = {{"type", "toy"}, {"function", "quadratic"}, {"curvature", 2}};
  source.erase("data");
  source["workers"] = 1;
  const Scenario s = scenario_of(source);
  Method method = s.make_method(0);
  double x = 9;
  run_lockstep(method, s.cluster.wire, [&](Round k, double, const Vector& theta, const Ledger&) {
    if (k > 0) x -= 0.1 / std::sqrt(0.25 + static_cast<double>(k));
    CHECK(theta[0] == Approx(x).epsilon(1e-14));
    return k < 40;
  });
}

TEST_CASE("compressing changes converges where compressing gradients stalls") {
  const auto gap = [](const json& e) {
    json source = still(e);
    source["stop"]["rounds"] = 2000;
    source["record"]["every"] = 2000;
    return std::stod(csv(rows_of(scenario_of(source))).back()[loss_gap]);
  };
  CHECK(gap(entry("ef21", {{"step", 0.3}, {"k", 1}})) < 1e-12);
  CHECK(gap(entry("gd", {{"step", 0.3}, {"compressor", {{"type", "top-k"}, {"k", 1}}}})) > 1e-6);
  CHECK(gap(entry("diana", {{"step", 0.3}, {"bits", 3}})) < 1e-12);
  CHECK(gap(entry("qgd", {{"step", 0.3}, {"bits", 3}})) > 1e-6);
}

TEST_CASE("parts of different papers mix, and still learn") {
  for (const json& e :
       {entry("lasg-wk2", {{"step", 0.01},
                           {"batch", 4},
                           {"compressor", {{"type", "top-k"}, {"k", 2}}},
                           {"memory", "error-feedback"},
                           {"update", "amsgrad"}}),
        entry("lag-wk", {{"step", 0.5}, {"compressor", {{"type", "qsgd"}, {"bits", 6}}}}),
        entry("local-sgd",
              {{"step", 0.1}, {"batch", 4}, {"H", 4}, {"compressor", "scaled-sign"}, {"memory", "error-feedback"}}),
        entry("signum", {{"step", 0.01}, {"aggregate", "majority-vote"}}),
        entry("gd", {{"step", 0.3}, {"compressor", {{"type", "laq"}, {"bits", 3}}}}),
        entry("gd", {{"step", 0.3}, {"momentum", 0.5}, {"update", {{"type", "momentum"}, {"beta1", 0.5}}}})}) {
    INFO(e.dump());
    const auto rows = run_of(e);
    CHECK(std::stod(rows.back()[loss]) < 0.97 * std::stod(rows.front()[loss]));
  }
}

TEST_CASE("a step that looks at every sample is refused where samples never end") {
  for (const json& problem : {json{{"type", "toy"}, {"function", "quadratic"}, {"noise", 1}},
                              json{{"type", "quadratic"}, {"noise", 1}, {"spectrum", {1, 2, 3}}}}) {
    json source =
        still(entry("gd", {{"compressor", "sign"}, {"aggregate", "majority-vote"}, {"update", "mh-adaptive"}}));
    source["problem"] = problem;
    source.erase("data");
    INFO(problem.dump());
    CHECK(error_of(source) ==
          "test.json: /algorithms/0/update: \"mh-adaptive\" looks at every sample of a batch, and this "
          "problem draws them without end: give a \"batch\"");
  }
}

TEST_CASE("impossible mixes are refused with the reason") {
  const std::string at = "test.json: /algorithms/0/";
  CHECK(error(entry("gd", {{"aggregate", "majority-vote"}})) ==
        at + "aggregate: \"majority-vote\" counts signs: compressor \"identity\" sends more");
  CHECK(
      error(entry("le-signgd", {{"aggregate", "majority-vote"}})) ==
      at + "aggregate: \"majority-vote\" counts every worker's signs in every round: trigger \"le\" has none to count");
  CHECK(
      error(entry("signgd", {{"aggregate", "majority-vote"}, {"participation", "lag-ps"}})) ==
      at +
          "aggregate: \"majority-vote\" counts every worker's signs in every round: participation \"lag-ps\" has none to count");
  CHECK(error(entry("signgd", {{"aggregate", "majority-vote"}, {"memory", "difference"}})) ==
        "test.json: /algorithms/0/compressor: \"sign\" is no contraction, and memory \"difference\" would pile up its "
        "errors without end: choose \"scaled-sign\", \"top-k\" or an unbiased compressor");
  CHECK(error(entry("mh-signsgd", {{"batch", 4}, {"downlink", "sign"}})) ==
        at + "downlink: aggregate \"majority-vote\" sends its vote down, and no model");
  CHECK(error(entry("mh-signsgd-adaptive", {{"batch", 4}, {"step", 1}})) ==
        at + "step: update \"mh-adaptive\" finds its own step");
  CHECK(error(entry("sgd", {{"batch", 4}, {"update", "mh-adaptive"}})) ==
        at + "update: \"mh-adaptive\" steps along a vote, which aggregate \"mean\" is not");
  CHECK(
      error(entry("lasg-wk2", {{"step", 0.1}, {"batch", 4}, {"local_steps", 2}})) ==
      at +
          "local_steps: \"lasg-wk2\" compares gradients at two models, and after local steps a worker has none to compare");
  CHECK(error(entry("local-sgd", {{"step", 0.1}, {"batch", 4}, {"H", 2}, {"participation", "lasg-pse"}})) ==
        at + "H: \"lasg-pse\" compares gradients at two models, and after local steps a worker has none to compare");
  CHECK(error(entry("topk-ams", {{"step", 0.1}, {"batch", 4}, {"k", 1.5}})) ==
        at + "k: expected a whole number of entries, or a fraction of d below 1, got 1.5");
  CHECK(error(entry("topk-ams", {{"step", 0.1}, {"batch", 4}})) ==
        "test.json: /algorithms/0: missing \"k\": expected a positive number: a count, or a fraction of d below 1");
  CHECK(error(entry("lag-wk", {{"compressor", {{"type", "qsgd"}, {"bits", 4}}}, {"memory", "shifted"}})) ==
        at + "memory: \"shifted\" keeps a part only of what was sent, which cannot stand for a silent worker");
  CHECK(
      error(entry("gd", {{"participation", {{"type", "sampled"}, {"clients", 2}}}, {"memory", "difference"}})) ==
      at + "participation: \"sampled\" averages those who take part, and memory \"difference\" would count the others' "
           "old vectors with them");
  CHECK(
      error(entry("signgd",
                  {{"participation", {{"type", "sampled"}, {"clients", 2}}}, {"aggregate", "majority-vote"}})) ==
      at +
          "aggregate: \"majority-vote\" counts every worker's signs in every round: participation \"sampled\" has none to count");
  CHECK(
      error(entry("gd", {{"participation", {{"type", "sampled"}, {"clients", 4}}}})) ==
      at + "participation/clients: expected a whole number from 1 to the 3 workers, or a share of them below 1, got 4");
  CHECK(error(entry("gd", {{"compressor", "sign"}, {"memory", "shifted"}})).find("missing \"alpha\": expected ") !=
        std::string::npos);
  CHECK(error(entry("cada2", {{"step", 0.1}, {"batch", 4}})).find("missing \"c\": expected ") != std::string::npos);
  CHECK(error(entry("gd", {{"compressor", {{"type", "low-rank"}, {"rank", 3}}}})) ==
        at + "compressor/rank: expected at most the matrix's smaller side, got 3");
  CHECK(error(entry("qgd", {{"bits", 1}})) == at + "bits: expected a whole number from 2 to 32, got 1");
}
