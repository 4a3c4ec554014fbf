#include "sim/scenario/claim.hpp"

#include "algorithms/base/error.hpp"
#include "tests/sim/runs.hpp"

// What a claim may say, and every mistake in one.

using namespace laconic::tests;
using nlohmann::json;

namespace {

json two() {
  json source = small_scenario();
  source["algorithms"] = {{{"method", "gd"}, {"label", "GD"}}, {{"method", "lag-wk"}}};
  return source;
}

json with(const json& claim) {
  json source = two();
  source["claims"] = json::array({claim});
  return source;
}

std::string error(const json& source) {
  try {
    scenario_of(source);
    check_claim_points(source, "test.json");
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

std::string claim_error(json claim, const json& more = json::object()) {
  claim.update(more);
  return error(with(claim));
}

const json compared = {
    {"of", "lag-wk"}, {"metric", "uploads"}, {"to", {{"loss_gap", 0.1}}}, {"times", "GD"}, {"at_most", 1}};
const json line = {{"of", "GD"}, {"converges", "linearly"}};
const json stay = {{"of", "GD"}, {"metric", "loss"}, {"stays_above", 0.1}};

Claim read(const json& claim) { return scenario_of(with(claim)).claims.at(0); }

}  // namespace

TEST_CASE("a claim compares, converges or stays") {
  const Claim c = read(compared);
  CHECK(c.kind == Claim::Kind::compares);
  CHECK(c.of == "lag-wk");
  CHECK(*c.times == "GD");
  CHECK(c.metric == "uploads");
  CHECK(c.costs());
  CHECK(*c.at_most == 1);
  CHECK_FALSE(c.at_least);
  CHECK(c.to->target == Metric::loss_gap);
  CHECK(c.to->value == 0.1);
  CHECK_FALSE(c.expected_to_fail);
  const Claim l = read(line);
  CHECK(l.kind == Claim::Kind::converges);
  CHECK(l.metric == "loss_gap");
  CHECK(l.r_squared == 0.98);
  CHECK_FALSE(l.costs());
  const Claim s = read(stay);
  CHECK(s.kind == Claim::Kind::stays);
  CHECK(*s.stays_above == 0.1);
}

TEST_CASE("targets and budgets") {
  const auto to = [](const json& where) {
    json claim = compared;
    claim["metric"] = "round";
    claim["to"] = where;
    return *read(claim).to;
  };
  CHECK(to({{"accuracy", 0.9}}).target == Metric::accuracy);
  CHECK(to({{"rounds", 7}}).column == "round");
  CHECK(to({{"uploads", 7}}).column == "uploads");
  CHECK(to({{"upload_bits", 1e6}}).column == "upload_bits");
  CHECK(to({{"sim_time", "10ms"}}).column == "sim_time_s");
  CHECK(to({{"sim_time", "10ms"}}).value == Approx(0.01));
  CHECK_FALSE(to({{"sim_time", 2}}).target);
}

TEST_CASE("a claim without words is put in words") {
  CHECK(read(compared).what == "lag-wk: uploads to loss_gap 0.1 at most 1 times GD's");
  json claim = compared;
  claim.erase("at_most");
  claim["within"] = 0.05;
  CHECK(read(claim).what == "lag-wk: uploads to loss_gap 0.1 within 5 % of GD's");
  CHECK(*read(claim).at_least == 0.95);
  CHECK(*read(claim).at_most == 1.05);
  CHECK(read(line).what == "GD: loss_gap falls linearly");
  CHECK(read(stay).what == "GD: loss stays above 0.1");
  CHECK(read({{"of", "GD"}, {"metric", "loss"}, {"at_least", 1}, {"at_most", 2}}).what == "GD: loss from 1 to 2");
  claim["what"] = "as good as GD";
  CHECK(read(claim).what == "as good as GD");
}

TEST_CASE("what claims read is recorded, and their targets are watched") {
  json source = with(line);
  source["record"]["metrics"] = {"accuracy"};
  CHECK(scenario_of(source).record.metrics[static_cast<int>(Metric::loss_gap)]);
  CHECK(scenario_of(source).record.metrics[static_cast<int>(Metric::loss)]);
  source["claims"].push_back(compared);
  source["claims"].push_back(compared);
  CHECK(scenario_of(source).record.watch == std::vector<Target>{{Metric::loss_gap, 0.1}});
  source["problem"]["l2"] = 0;
  CHECK(error(source) ==
        "test.json: /problem/l2: expected a positive number, as loss_gap needs a unique optimum, got 0");
  source["claims"] = {{{"of", "GD"}, {"metric", "accuracy"}, {"at_least", 0.5}}};
  CHECK(error(source) == "no error");
  source["problem"] = {{"type", "toy"}, {"function", "quadratic"}};
  source.erase("data");
  source.erase("record");
  CHECK(error(source) == "test.json: /problem/type: \"toy\" classifies nothing: it has no accuracy");
}

TEST_CASE("labels and metrics") {
  CHECK(claim_error(compared, {{"of", "gd"}}) ==
        "test.json: /claims/0/of: expected \"GD\" or \"lag-wk\", got \"gd\" (did you mean \"GD\"?)");
  CHECK(claim_error(compared, {{"times", "LAG"}})
            .find("test.json: /claims/0/times: expected \"GD\" or \"lag-wk\", got \"LAG\"") == 0);
  CHECK(claim_error(compared, {{"times", "lag-wk"}}) == "test.json: /claims/0/times: compares \"lag-wk\" with itself");
  CHECK(claim_error(compared, {{"metric", "upload_bit"}})
            .find("test.json: /claims/0/metric: expected \"round\", \"iterations\", ") == 0);
  CHECK(claim_error(compared, {{"metric", "upload_bit"}}).ends_with("(did you mean \"upload_bits\"?)"));
  CHECK(
      claim_error(line, {{"metric", "uploads"}}) ==
      "test.json: /claims/0/metric: expected what can converge: \"loss\", \"loss_gap\", \"grad_norm\" or \"accuracy\", "
      "got \"uploads\"");
  CHECK(claim_error({{"of", "GD"}, {"at_most", 1}}).find("test.json: /claims/0: missing \"metric\": expected ") == 0);
  CHECK(claim_error({{"metric", "loss"}, {"at_most", 1}}) ==
        "test.json: /claims/0: missing \"of\": expected the label of an algorithm");
}

TEST_CASE("bounds") {
  const std::string choice =
      "test.json: /claims/0: expected bounds (\"at_most\", \"at_least\" or \"within\"), or \"converges\", or "
      "\"stays_above\" or \"stays_below\", got ";
  CHECK(claim_error({{"of", "GD"}, {"metric", "loss"}}) == choice + "none of these");
  CHECK(claim_error(compared, {{"stays_above", 1}}) == choice + "several of these");
  CHECK(claim_error(compared, {{"within", 0.1}}) ==
        "test.json: /claims/0/within: sets both bounds: expected no other beside it");
  CHECK(claim_error({{"of", "GD"}, {"metric", "loss"}, {"within", 0.1}}) ==
        "test.json: /claims/0/within: compares two algorithms: missing \"times\", the label of the other");
  CHECK(claim_error({{"of", "GD"}, {"metric", "loss"}, {"times", "lag-wk"}, {"within", 1}}) ==
        "test.json: /claims/0/within: expected a positive number below 1, such as 0.05, got 1");
  CHECK(claim_error(compared, {{"at_least", 2}}) ==
        "test.json: /claims/0/at_least: 2 is above \"at_most\", 1: nothing can lie between");
  CHECK(claim_error(stay, {{"stays_below", 1}}) ==
        "test.json: /claims/0/stays_below: expected no \"stays_above\" beside it");
  CHECK(claim_error(stay, {{"times", "lag-wk"}}) ==
        "test.json: /claims/0/times: belongs to a claim with \"at_most\", \"at_least\" or \"within\"");
  CHECK(claim_error(line, {{"to", {{"rounds", 1}}}}) ==
        "test.json: /claims/0/to: belongs to a claim with \"at_most\", \"at_least\" or \"within\"");
  CHECK(claim_error(compared, {{"from", 1}}) ==
        "test.json: /claims/0/from: belongs to a claim with \"converges\", \"stays_above\" or \"stays_below\"");
  CHECK(claim_error(stay, {{"r_squared", 0.5}}) ==
        "test.json: /claims/0/r_squared: belongs to a claim with \"converges\"");
  CHECK(claim_error(line, {{"r_squared", 1.5}}) ==
        "test.json: /claims/0/r_squared: expected a number above 0 and at most 1, got 1.5");
  CHECK(claim_error(line, {{"converges", "quickly"}}).find("test.json: /claims/0/converges: expected \"linearly\"") ==
        0);
}

TEST_CASE("where a metric is read") {
  CHECK(
      claim_error(compared, {{"to", {{"loss_gap", 1}, {"rounds", 5}}}})
          .find("test.json: /claims/0/to: expected one target or budget, such as {\"loss_gap\": 1e-3} or {\"rounds\": "
                "100}, got ") == 0);
  CHECK(claim_error(compared, {{"to", {{"comment", "x"}}}})
            .find("test.json: /claims/0/to: expected one target or budget, ") == 0);
  CHECK(claim_error(compared, {{"to", {{"gap", 1}}}}).find("test.json: /claims/0/to: unknown key \"gap\"") == 0);
  CHECK(claim_error(compared, {{"to", {{"sim_time", "soon"}}}}).find("test.json: /claims/0/to/sim_time: expected a ") ==
        0);
  json still = with(compared);
  still["platform"] = {{"type", "none"}};
  CHECK(error(still) == "no error");
  still["claims"][0]["metric"] = "sim_time_s";
  CHECK(error(still) == "test.json: /claims/0/metric: a scenario without a network has no simulated time");
  still["claims"][0]["metric"] = "uploads";
  still["claims"][0]["to"] = {{"sim_time", 1}};
  CHECK(error(still) == "test.json: /claims/0/to: a scenario without a network has no simulated time");
}

TEST_CASE("an expected failure says why") {
  CHECK(claim_error(compared, {{"expected", "fails"}}) ==
        "test.json: /claims/0: missing \"note\": expected a sentence that says why it is expected to fail");
  CHECK(claim_error(compared, {{"expected", "fail"}})
            .find("test.json: /claims/0/expected: expected \"holds\" or \"fails\", got \"fail\"") == 0);
  CHECK(claim_error(compared, {{"expected", "fails"}, {"note", "tried D = 1"}}) == "no error");
}

TEST_CASE("points of the sweep") {
  json source = with(compared);
  source["claims"][0]["at"] = {{"/platform/latency", "1ms"}};
  CHECK(error(source) == "test.json: /claims/0/at: \"/platform/latency\": the scenario has no \"sweep\"");
  source["sweep"] = {{"/seed", {1, 2}}, {"zip", {{"/platform/latency", {"1ms", "2ms"}}, {"/network/header", {0, 1}}}}};
  CHECK(error(source) == "no error");
  source["claims"][0]["at"] = {{"/platform/latency", "3ms"}};
  CHECK(error(source) ==
        "test.json: /claims/0/at: \"/platform/latency\": expected one of [\"1ms\",\"2ms\"], got \"3ms\"");
  source["claims"][0]["at"] = {{"/platform/latenc", "1ms"}};
  CHECK(error(source) ==
        "test.json: /claims/0/at: \"/platform/latenc\": is not swept (did you mean \"/platform/latency\"?); swept: "
        "\"/network/header\", \"/platform/latency\" and \"/seed\"");
}
