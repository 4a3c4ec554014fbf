#include "sim/scenario/what_is_learned.hpp"

#include "tests/catch.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

json before() {
  return {{"name", "s"},
          {"workers", 3},
          {"platform", {{"type", "star"}}},
          {"record", {{"every", 2}}},
          {"stop", {{"rounds", 5}, {"loss", 1}}}};
}

}  // namespace

TEST_CASE("a record holds wherever the network, its conditions, the rows and the targets alone are others") {
  json after = before();
  after["name"] = "t";
  after["platform"] = {{"type", "two-tier"}};
  after["network"] = {{"model", "tcp"}, {"wire", "float32"}};
  after["conditions"] = {{"stragglers", {{"factor", 2}}}};
  after["record"]["every"] = 1;
  after["stop"] = {{"rounds", 5}, {"sim_time", 1}};
  CHECK_FALSE(learned_difference(before(), after));
  CHECK(learned_digest(before()) == learned_digest(after));
}

TEST_CASE("what changes learning is told by its pointer in the scenario") {
  const auto told = [](const char* pointer, const json& value) {
    json after = before();
    after[json::json_pointer(pointer)] = value;
    CHECK(learned_digest(before()) != learned_digest(after));
    return learned_difference(before(), after).value_or("");
  };
  CHECK(told("/workers", 4) == "/workers");
  CHECK(told("/network/wire", "float64") == "/network/wire");
  CHECK(told("/stop/rounds", 6) == "/stop/rounds");
}

TEST_CASE("a deadline decides what is learned, and time how much of it where a run stops at a time") {
  json source = before();
  CHECK_FALSE(first_deadline(source));
  CHECK_FALSE(time_decides(source));
  source["stop"]["sim_time"] = 1;
  CHECK_FALSE(first_deadline(source));
  CHECK(time_decides(source));
  source = before();
  source["conditions"]["late"] = "wait";
  CHECK_FALSE(time_decides(source));
  source["conditions"]["late"] = {{"timeout", 1}, {"then", "drop"}};
  source["algorithms"] = {{{"method", "gd"}}, {{"method", "gd"}, {"late", "wait"}}};
  CHECK(first_deadline(source) == "/conditions/late");
  CHECK(time_decides(source));
  source["algorithms"][0]["late"] = "wait";
  CHECK_FALSE(first_deadline(source));
  CHECK_FALSE(time_decides(source));
  source["algorithms"][1]["late"] = {{"timeout", 1}, {"then", "drop"}};
  CHECK(first_deadline(source) == "/algorithms/1/late");
  CHECK(time_decides(source));
}

TEST_CASE("where seconds are stated, of a step or a codec, flops depend on the hosts, and so does what is recorded") {
  const auto depends = [](const json& source) {
    json elsewhere = source;
    elsewhere["platform"] = {{"type", "star"}, {"worker_speed", "3Gf"}};
    return speeds_decide(source) && time_decides(source) && learned_digest(source) != learned_digest(elsewhere);
  };
  json source = before();
  CHECK_FALSE(depends(source));
  source["codecs"] = {{"sign", {{"encode_flops", 3}}}};
  CHECK_FALSE(depends(source));
  source["codecs"]["sign"]["decode"] = "1ns";
  CHECK(depends(source));
  source = before();
  source["problem"] = {{"type", "workload"}, {"model", "resnet-50"}};
  CHECK_FALSE(depends(source));
  source["problem"]["step_time"] = "150ms";
  CHECK(depends(source));
  source["problem"] = {{"type", "workload"}, {"layers", {{{"name", "a"}, {"shape", {3}}, {"seconds", 1}}}}};
  CHECK(depends(source));
}
