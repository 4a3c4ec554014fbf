#include <set>

#include "algorithms/decentralised/registry.hpp"
#include "tests/laws/method_entries.hpp"
#include "tests/sim/runs.hpp"
#include "tests/trials.hpp"

// What coding costs is charged where it is done, and alike by whoever finds how long a round takes.

using namespace laconic::tests;
using nlohmann::json;

namespace {

json costs_of_all() {
  json out;
  for (const auto& codec : methods::compressors()) out[codec.name] = {{"encode", "300us"}, {"decode", "20us"}};
  for (const char* method : {"onebit-adam", "powersgd"}) out[method] = {{"encode", "300us"}, {"decode_flops", 70}};
  return out;
}

std::vector<std::vector<std::string>> rows_under(json source, const char* solver) {
  source["network"]["solver"] = solver;
  const std::string out = in_child([&] { return rows_of(scenario_of(source)); });
  REQUIRE_FALSE(out.starts_with("threw"));
  return csv(out);
}

double end_of(const json& source) { return std::stod(rows_under(source, "auto").back()[sim_time]); }

// 4 workers, d = 9, computing and links that take next to nothing.
json quick(const json& entry) {
  json source = small_scenario(entry);
  source["workers"] = 4;
  source["data"] = {{"type", "gaussian"}, {"samples", 12}, {"features", 9}};
  source["platform"] = {
      {"type", "star"}, {"worker_speed", "1Ef"}, {"server_speed", "1Ef"}, {"bandwidth", "1PBps"}, {"latency", 0}};
  source["stop"]["rounds"] = 3;
  return source;
}

}  // namespace

TEST_CASE("law: coding costs as much for the closed form, SimGrid and actors, for every method") {
  const auto all = methods::methods();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!takes_pair(i, 0, 2)) continue;
    INFO(all[i].name);
    json source = scenario_for(all[i], "float32");
    source["stop"]["rounds"] = 6;
    source["codecs"] = costs_of_all();
    const auto fast = rows_under(source, "auto");
    for (const char* solver : {"simgrid", "actors"}) {
      const auto other = rows_under(source, solver);
      REQUIRE(other.size() == fast.size());
      for (std::size_t k = 0; k < fast.size(); ++k)
        for (const Column column : {sim_time, compute_s, flops})
          CHECK(std::stod(other[k][column]) == Approx(std::stod(fast[k][column])).epsilon(1e-12));
    }
    source.erase("codecs");
    const auto free = rows_under(source, "auto");
    // These encode nothing that has a cost here: coefficients of their own, or nothing but whole vectors so far.
    static const std::set<std::string> plain{"demo", "onebit-adam", "scaffold", "sparse-loco"};
    if (plain.contains(all[i].name))
      CHECK(std::stod(free.back()[sim_time]) <= std::stod(fast.back()[sim_time]));
    else
      CHECK(std::stod(free.back()[sim_time]) < std::stod(fast.back()[sim_time]));
    CHECK(free.back()[loss] == fast.back()[loss]);
  }
}

TEST_CASE("an encoding takes its sender's time, and the server decodes each upload before the next round") {
  json source = quick({{"method", "qsgd"}, {"step", 0.1}, {"batch", 1}});
  source["codecs"] = {{"qsgd", {{"encode", "1ms"}}}};
  CHECK(end_of(source) == Approx(3 * 9 * 1e-3).epsilon(1e-6));
  source["codecs"] = {{"qsgd", {{"decode", "1ms"}}}};
  CHECK(end_of(source) == Approx(2 * 4 * 9 * 1e-3).epsilon(1e-6));  // that of the last round is after its last row
  source["codecs"] = {{"identity", {{"encode", "1ms"}, {"decode", "100us"}}}};
  CHECK(end_of(source) == Approx(3 * 9 * (1e-3 + 1e-4)).epsilon(1e-6));  // the model on its way down
  source["algorithms"][0]["codecs"] = {{"identity", {{"encode", 0}}}};
  CHECK(end_of(source) < 1e-6);
  source = quick({{"method", "onebit-adam"}, {"step", 0.1}, {"batch", 1}, {"warm_up", 1}});
  source["codecs"] = {{"onebit-adam", {{"encode", "1ms"}, {"decode", "1ms"}}}};
  CHECK(end_of(source) == Approx((2 + 4) * 9 * 1e-3).epsilon(1e-6));
  source = quick({{"method", "gd"}, {"step", 0.1}, {"compressor", {{"type", "sign"}}}, {"aggregate", "majority-vote"}});
  source["codecs"] = {{"sign", {{"encode_flops", 2e15}}}};
  CHECK(end_of(source) == Approx(3 * 9 * 2e-3).epsilon(1e-6));
}

TEST_CASE("a node of a graph decodes what its neighbours sent before it encodes again") {
  json source = quick({{"method", "choco-sgd"}, {"step", 0.1}, {"consensus_step", 0.5}, {"compressor", "sign"}});
  source["algorithms"][0]["compressor"] = {{"type", "scaled-sign"}};
  source["problem"]["objective"] = "mean";
  source["graph"] = "ring";
  source["codecs"] = {{"scaled-sign", {{"encode", "1ms"}, {"decode", "100us"}}}};
  CHECK(end_of(source) == Approx(9 * (3 * 1e-3 + 2 * 2 * 1e-4)).epsilon(1e-6));
}

TEST_CASE("what decodes in no time is refused a decoding that takes time, and unknown codecs are named") {
  const auto refusal = [](const json& source) -> std::string {
    try {
      scenario_of(source);
    } catch (const InputError& e) {
      return e.what();
    }
    return "none";
  };
  json source = quick({{"method", "async-sgd"}, {"step", 0.1}, {"compressor", {{"type", "sign"}}}});
  source["codecs"] = {{"sign", {{"encode", "1ms"}}}};
  CHECK(refusal(source) == "none");
  source["codecs"]["sign"]["decode"] = "1ms";
  CHECK(refusal(source).find("/algorithms/0/compressor: its messages would be decoded") != std::string::npos);
  source["codecs"] = {{"topk", {{"encode", "1ms"}}}};
  CHECK(refusal(source).find("/codecs: \"topk\" is no compressor (did you mean \"top-k\"?)") != std::string::npos);
  source["codecs"] = {{"sign", {{"encode", "-1ms"}}}};
  CHECK(refusal(source).find("/codecs/sign/encode: expected") != std::string::npos);
}
