#include "algorithms/methods/registry.hpp"
#include "tests/laws/method_entries.hpp"
#include "tests/sim/runs.hpp"

// A workload's rounds are those of a problem that is learned: the same messages, with the same bits, at the same times.

using namespace laconic::tests;
using nlohmann::json;

namespace {

constexpr int d = 36;

json scenario_of_method(const json& entry) {
  return {{"name", "w"},
          {"workers", 4},
          {"problem",
           {{"type", "quadratic"}, {"spectrum", {{"type", "linear"}, {"min", 1}, {"max", 2}}}, {"dimension", d}}},
          {"platform",
           {{"type", "star"},
            {"worker_speed", {"1Mf", "3Mf", "400kf", "2Mf"}},
            {"server_speed", "1Mf"},
            {"bandwidth", {"1kBps", "30MBps", "2MBps", "400kBps"}},
            {"latency", "10ms"}}},
          {"algorithms", {entry}},
          {"stop", {{"rounds", 22}}}};
}

// The workload of the same size and as many flops.
json with_workload(json source) {
  for (const char* key : {"batch", "step"}) source["algorithms"][0].erase(key);
  source["problem"] = {{"type", "workload"},
                       {"layers", {{{"name", "a"}, {"shape", {6, 6}}, {"flops", 2.0 * d * d / 3}}}}};
  return source;
}

std::string rows(const json& source) {
  return in_child([&] { return rows_of(scenario_of(source)); });
}

// All but what is measured of a model.
void expect_equal_rounds(const std::string& sized, const std::string& learned) {
  const auto a = csv(sized), b = csv(learned);
  REQUIRE(b.size() > 20);
  REQUIRE(a.size() == b.size());
  for (std::size_t k = 0; k < a.size(); ++k)
    for (std::size_t column = 0; column < columns; ++column) {
      INFO("row " << k << ", column " << column);
      if (column >= loss && column <= accuracy) {
        CHECK(a[k][column].empty());
      } else if (column == sim_time || column == compute_s || column == Column::flops) {
        CHECK(std::stod(a[k][column]) == Approx(std::stod(b[k][column])).epsilon(1e-9));
      } else {
        CHECK(a[k][column] == b[k][column]);
      }
    }
}

}  // namespace

TEST_CASE("law: a workload's rounds are those of the method on a problem of its size, for every method that has them") {
  int compared = 0;
  for (const auto& method : methods::methods()) {
    INFO(method.name);
    json entry = entry_for(method);
    if (entry.contains("batch")) entry["batch"] = 1;
    const std::string name = method.name;
    if (name == "powersgd") entry["rows"] = 6;
    json learned = scenario_of_method(entry);
    if (name == "mh-signsgd-adaptive") learned["algorithms"][0]["L"] = 1;
    json sized = with_workload(learned);
    learned["compress_flops_per_entry"] = sized["compress_flops_per_entry"] = 7;
    if (is_refused(sized)) {
      const bool lazy = name.starts_with("la") || name.starts_with("cada") || name.starts_with("s") ||
                        name == "le-signgd" || name.starts_with("stochastic-lag");
      CHECK((lazy || name == "demo"));
      continue;
    }
    if (name == "stoc-mv-ams") continue;  // how many entries it keeps depends on the gradient
    ++compared;
    expect_equal_rounds(rows(sized), rows(learned));
  }
  CHECK(compared > 25);
}

TEST_CASE("law: so they are with every compressor, up and down, and under collectives that add up") {
  for (const char* collective : {"parameter-server", "tree", "ring-allreduce"})
    for (const json& part : std::vector<json>{{{"type", "identity"}},
                                              {{"type", "qsgd"}, {"bits", 4}},
                                              {{"type", "low-rank"}, {"rank", 2}},
                                              {{"type", "natural"}},
                                              {{"type", "terngrad"}},
                                              {{"type", "top-k"}, {"k", 0.1}},
                                              {{"type", "rand-k"}, {"k", 3}}}) {
      INFO(collective << " " << part.dump());
      const bool server = collective == std::string("parameter-server");
      if (!server && part["type"] != "identity") continue;
      json learned = scenario_of_method({{"method", "gd"}, {"step", 0.01}, {"compressor", part}});
      if (server) learned["algorithms"][0]["downlink"] = part;
      learned["collective"] = collective;
      json sized = with_workload(learned);
      expect_equal_rounds(rows(sized), rows(learned));
    }
}

TEST_CASE("law: a workload's rounds take as long for the closed form, SimGrid and actors") {
  json source = with_workload(scenario_of_method({{"method", "powersgd"}, {"rank", 2}}));
  source["problem"]["layers"] = {{{"name", "a"}, {"shape", {40, 3, 3}}, {"flops", 1e5}},
                                 {{"name", "b"}, {"shape", {12}}, {"flops", 10}}};
  const auto under = [&](const char* solver) {
    source["network"]["solver"] = solver;
    return csv(rows(source));
  };
  const auto fast = under("auto");
  for (const char* solver : {"simgrid", "actors"}) {
    const auto other = under(solver);
    REQUIRE(other.size() == fast.size());
    for (std::size_t k = 0; k < fast.size(); ++k) {
      CHECK(std::stod(other[k][sim_time]) == Approx(std::stod(fast[k][sim_time])).epsilon(1e-12));
      CHECK(other[k][upload_bits] == fast[k][upload_bits]);
    }
  }
}

TEST_CASE("a step's seconds are those on any host, and compression's messages are counted in round after round") {
  json source = with_workload(scenario_of_method({{"method", "gd"}}));
  source["problem"] = {{"type", "workload"}, {"model", "resnet-18"}, {"step_time", "150ms"}};
  source["stop"]["rounds"] = 3;
  const auto timed = csv(rows(source));
  CHECK(std::stod(timed[3][compute_s]) == Approx(4 * 3 * 0.150));
  CHECK(timed[3][upload_bits] == std::to_string(std::uint64_t{3} * 4 * 32 * 11689512));
  source["algorithms"][0]["local_steps"] = 5;
  CHECK(std::stod(csv(rows(source))[3][compute_s]) == Approx(4 * 3 * 5 * 0.150));
  CHECK(csv(rows(source))[3][iterations] == "15");
}
