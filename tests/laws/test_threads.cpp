#include <cstring>

#include "algorithms/methods/registry.hpp"
#include "tests/laws/method_entries.hpp"
#include "tests/sim/runs.hpp"

// A run does not depend on how many threads compute it.

using namespace laconic::tests;
using nlohmann::json;

namespace {

// Bit for bit: two NaN are the same here.
bool same_bits(const Vector& a, const Vector& b) {
  return a.size() == b.size() &&
         std::memcmp(a.data(), b.data(), sizeof(double) * static_cast<std::size_t>(a.size())) == 0;
}

void expect_same_on_threads(const json& source) {
  const Scenario s = scenario_of(source);
  Method one = s.make_method(0), three = s.make_method(0);
  ThreadTeam team(3);
  team.worth = 0;
  Learner expected(one), learner(three, nullptr, &team);
  for (Round k = 0; k < 25; ++k) {
    CHECK(learner.round(k) == expected.round(k));
    REQUIRE(same_bits(learner.model(), expected.model()));
    for (std::size_t m = 0; m < one.workers.size(); ++m)
      REQUIRE(same_bits(three.workers[m]->model(), one.workers[m]->model()));
  }
  const Measures a = measure(s.problem, s.record, expected.model()),
                 b = measure(s.problem, s.record, expected.model(), team);
  CHECK(a == b);
}

}  // namespace

TEST_CASE("law: a run on one thread is the run on three, bit for bit") {
  for (const auto& method : methods::methods()) {
    for (const json& parameters : {json::object(), json{{"downlink", {{"type", "rand-k"}, {"k", 4}}}},
                                   json{{"downlink", {{"type", "top-k"}, {"k", 6}}}, {"momentum", 0.5}}}) {
      json source = scenario_for(method, "float32");
      source["workers"] = 7;
      source["platform"] = {{"type", "none"}};
      source["algorithms"][0].update(parameters);
      if (!parameters.empty() && is_refused(source)) continue;
      INFO(method.name << " " << parameters.dump());
      expect_same_on_threads(source);
    }
  }
}

TEST_CASE("law: so it does on sparse samples, in float32, and for many classes") {
  for (const char* type : {"logistic", "softmax"}) {
    json source = scenario_for(*find(methods::methods(), std::string("lasg-wk2")), "float64");
    source["platform"] = {{"type", "none"}};
    source["problem"] = {{"type", type}, {"l2", 0.1}, {"precision", "float32"}};
    source["data"] = {{"type", "sparse-gaussian"}, {"samples", 200}, {"features", 30}, {"density", 0.2}};
    expect_same_on_threads(source);
  }
}
