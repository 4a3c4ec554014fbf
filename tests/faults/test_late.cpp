#include <sstream>

#include "tests/faults/faults.hpp"

// Deadlines of algorithms' own, and what else an entry may have that another point of a sweep cannot give it.

using namespace laconic::tests;
using nlohmann::json;

namespace {

const json soon = {{"timeout", "3ms"}, {"then", "drop"}}, later = {{"timeout", "6ms"}, {"then", "reuse"}};

json uneven(const std::vector<json>& algorithms) {
  return {{"name", "s"},
          {"workers", 4},
          {"problem", {{"type", "quadratic"}, {"spectrum", {1, 2, 3}}, {"spread", 1}}},
          {"platform", {{"type", "star"}, {"worker_speed", {"40kf", "20kf", "10kf", "2kf"}}, {"latency", "1ms"}}},
          {"algorithms", algorithms},
          {"stop", {{"rounds", 12}}}};
}

json gd(const char* label, const json& late = {}) {
  json out{{"method", "gd"}, {"label", label}, {"step", 0.1}};
  if (!late.is_null()) out["late"] = late;
  return out;
}

json five() {
  return uneven({gd("plain"),
                 gd("soon", soon),
                 gd("later", later),
                 {{"method", "async-sgd"}, {"label", "async"}, {"step", 0.02}},
                 {{"method", "d-psgd"}, {"label", "ring"}, {"step", 0.1}, {"graph", "ring"}}});
}

Finished done(const Faults& here, const json& source, const std::vector<std::string>& command) {
  here.write("s.json", source);
  Finished run = here.laconic(command);
  INFO(run.err);
  CHECK(run.code == 0);
  return run;
}

// The lines of a table that begin with `start`.
std::string lines_of(const std::string& table, const std::string& start) {
  std::istringstream lines(table);
  std::string out, line;
  while (std::getline(lines, line))
    if (line.starts_with(start)) out += line.substr(start.size()) + '\n';
  return out;
}

std::string rows_in(const Faults& here, const char* folder, const char* label, const std::string& point = "") {
  return lines_of(text_of(here.path / folder / "trajectory.csv"), point + "s," + label + ',');
}

}  // namespace

TEST_CASE("law: a deadline of an entry's own is the scenario's with that entry alone, whoever stands beside it") {
  const Faults here;
  done(here, five(), {"run", "s.json", "--out", "all", "--jobs", "2"});
  const auto alone = [&](const char* label, const json& late) {
    json one = uneven({gd(label)});
    if (!late.is_null()) one["conditions"]["late"] = late;
    done(here, one, {"run", "s.json", "--out", "one", "--force"});
    const std::string rows = rows_in(here, "one", label);
    CHECK(rows.size() > 100);
    CHECK(rows == rows_in(here, "all", label));
    return rows;
  };
  alone("plain", {});
  const std::string drops = alone("soon", soon), reuses = alone("later", later);
  CHECK(drops != reuses);
  for (const std::size_t i : {3, 4}) {
    json one = five();
    const json entry = one["algorithms"][i];
    one["algorithms"] = json::array({entry});
    done(here, one, {"run", "s.json", "--out", "one", "--force"});
    const std::string label = entry["label"];
    CHECK(rows_in(here, "one", label.c_str()) == rows_in(here, "all", label.c_str()));
  }
}

TEST_CASE("law: the scenario's deadline holds for entries without one of their own, and \"wait\" is one") {
  const Faults here;
  json mixed = five();
  mixed["conditions"]["late"] = later;
  for (const std::size_t i : {0, 3, 4}) mixed["algorithms"][i]["late"] = "wait";
  mixed["algorithms"][2].erase("late");
  done(here, mixed, {"run", "s.json", "--out", "mixed"});
  done(here, five(), {"run", "s.json", "--out", "own"});
  CHECK(text_of(here.path / "mixed/trajectory.csv") == text_of(here.path / "own/trajectory.csv"));
  CHECK(text_of(here.path / "mixed/summary.csv") == text_of(here.path / "own/summary.csv"));
  mixed["algorithms"][2]["late"] = later;
  here.write("s.json", mixed);
  check_refused(here.laconic({"validate", "s.json"}), {"s.json: /conditions/late: no algorithm here uses it"});
}

TEST_CASE("a sweep's rows under an entry's own deadlines are those of runs, over deadlines and networks") {
  const Faults here;
  json swept = uneven({gd("plain"), gd("soon", soon)});
  swept["sweep"] = {{"/platform/latency", {"1ms", "3ms"}}, {"/algorithms/1/late/timeout", {"3ms", "20ms"}}};
  done(here, swept, {"sweep", "s.json", "--out", "swept"});
  for (const char* latency : {"1ms", "3ms"})
    for (const char* timeout : {"3ms", "20ms"}) {
      json one = uneven({gd("plain"), gd("soon", soon)});
      one["platform"]["latency"] = latency;
      one["algorithms"][1]["late"]["timeout"] = timeout;
      done(here, one, {"run", "s.json", "--out", "one", "--force"});
      const auto point = std::string(latency) + ',' + timeout + ',', other = std::string(timeout) + ',' + latency + ',';
      for (const char* label : {"plain", "soon"}) {
        const std::string at = rows_in(here, "swept", label, point);
        CHECK((at.empty() ? rows_in(here, "swept", label, other) : at) == rows_in(here, "one", label));
      }
    }
}

TEST_CASE("a timeout is tuned as other parameters are") {
  const Faults here;
  json tuned = uneven({gd("plain"), gd("soon", soon)});
  tuned["stop"] = {{"rounds", 200}, {"loss_gap", 0.01}};
  tuned["algorithms"][1]["late"]["then"] = "reuse";
  tuned["algorithms"][1]["tune"] = {{"grid", {{"late/timeout", {"1us", "3ms", "1s"}}}}};
  done(here, tuned, {"run", "s.json", "--out", "tuned"});
  const json chosen = json::parse(text_of(here.path / "tuned/run.json"))["scenario"]["algorithms"][1];
  CHECK(chosen["late"]["timeout"] != "1us");
  json one = tuned;
  one["algorithms"][1] = chosen;
  done(here, one, {"run", "s.json", "--out", "one"});
  CHECK(text_of(here.path / "one/trajectory.csv") == text_of(here.path / "tuned/trajectory.csv"));
}

TEST_CASE("a run with an entry's own deadline is not replayed, nor does a replay give it one") {
  const Faults here;
  done(here, uneven({gd("plain"), gd("soon", soon)}), {"run", "s.json", "--out", "own"});
  check_refused(here.laconic({"replay", "own", "--set", "/platform/latency=2ms"}),
                {"/algorithms/1/late: where a deadline decides what is learned, no record"});
  json waiting = uneven({gd("plain"), gd("waits", "wait")});
  waiting["conditions"]["seed"] = 1;
  done(here, waiting, {"run", "s.json", "--out", "none"});
  check_refused(here.laconic({"replay", "none", "--set", R"(/algorithms/0/late={"timeout": 1, "then": "drop"})"}),
                {"/algorithms/0/late: what is learned depends on it"});
  check_refused(here.laconic({"replay", "none", "--set", R"(/conditions/late={"timeout": 1, "then": "drop"})"}),
                {"/conditions/late: a deadline would decide what is learned"});
  waiting["algorithms"].erase(0);
  done(here, waiting, {"run", "s.json", "--out", "waits"});
  check_refused(here.laconic({"replay", "waits", "--set", R"(/conditions/late={"timeout": 1, "then": "drop"})"}),
                {"/conditions/late: no algorithm here uses it"});
}

TEST_CASE("an entry's deadline is refused where nothing could be late, or everybody is needed, with its place") {
  const Faults here;
  const auto refused = [&](const json& change, const std::vector<std::string>& words) {
    json source = uneven({gd("plain"), gd("soon", soon)});
    source.merge_patch(change);
    here.write("s.json", source);
    check_refused(here.laconic({"validate", "s.json"}), words);
  };
  const auto entry = [&](const json& changes, const std::vector<std::string>& words) {
    json source = uneven({gd("soon", soon)});
    source["algorithms"][0].merge_patch(changes);
    here.write("s.json", source);
    check_refused(here.laconic({"validate", "s.json"}), words);
  };
  refused({{"platform", {{"type", "none"}, {"worker_speed", nullptr}, {"latency", nullptr}}}},
          {"/algorithms/1/late: a scenario without a network has no time"});
  refused({{"collective", "ring-allreduce"}}, {"/algorithms/1/late: deadlines are for", "parameter-server"});
  refused({{"network", {{"solver", "actors"}}}}, {"/algorithms/1/late: the \"actors\" of /network/solver"});
  refused({{"network", {{"model", "connections"}}}}, {"/algorithms/1/late: the \"connections\" of /network/model"});
  entry({{"collective", "ring-allreduce"}}, {"/algorithms/0/collective: failures and deadlines are for"});
  entry({{"late", "never"}}, {"/algorithms/0/late: expected \"wait\", or {\"timeout\": a time"});
  entry({{"late", {{"timeout", 0}}}}, {"/algorithms/0/late/timeout: expected a positive time, got 0"});
  entry({{"late", {{"timeout", nullptr}}}}, {"/algorithms/0/late: missing \"timeout\""});
  entry({{"late", {{"timout", 1}}}}, {R"(/algorithms/0/late: unknown key "timout" (did you mean "timeout"?))"});
  const auto method = [&](const char* name, const json& changes, const char* why) {
    json with = changes;
    with["method"] = name;
    entry(with, {"/algorithms/0/late: the method cannot keep deadlines: ", why});
  };
  method("async-sgd", {}, "no rounds that could end without somebody");
  method("d-psgd", {{"graph", "ring"}}, "would mix with weights");
  method("ad-psgd", {{"graph", "ring"}}, "weights");
  method("mh-signsgd", {{"batch", 1}}, "sends its vote");
  method("marina", {{"p", 0.5}}, "must have arrived");
  method("lag-wk", {}, "choose \"reuse\"");
  json source = uneven({gd("plain", "wait"), {{"method", "async-sgd"}, {"step", 0.1}}});
  source["conditions"]["late"] = soon;
  here.write("s.json", source);
  check_refused(here.laconic({"validate", "s.json"}), {"/algorithms/1/method: cannot keep the deadlines"});
}

TEST_CASE("what an entry cannot do at another point of a sweep than the first is told, not done otherwise") {
  const Faults here;
  const json star = uneven({})["platform"];
  const json failures = {{"failures", {{{"workers", 1}, {"down", 0.005}, {"up", 10}}}}};
  const json own = {{"method", "gd"}, {"label", "own"}, {"collective", "ring-allreduce"}};
  const json async = {{"method", "ringleader"}, {"step", 0.1}};
  const auto fails = [&](const json& entry, const char* pointer, const json& values, const char* words) {
    json source = uneven({entry});
    source["network"] = {{"solver", "auto"}, {"model", "alpha-beta"}};
    source["sweep"] = {{pointer, values}};
    here.write("s.json", source);
    const Finished run = here.laconic({"sweep", "s.json", "--out", "o", "--force"});
    INFO(run.out << run.err);
    CHECK(run.code == 3);
    CHECK((run.out + run.err).find(words) != std::string::npos);
  };
  fails(own, "/conditions", {{{"seed", 1}}, failures}, "/algorithms/0/collective: failures and deadlines are for");
  fails(own, "/network/solver", {"auto", "actors"}, "/algorithms/0/collective: the \"actors\"");
  fails(async, "/network/solver", {"auto", "actors"}, "\"ringleader\" is asynchronous, and the \"actors\"");
  fails(async, "/platform", {star, {{"type", "none"}}}, "is asynchronous: who comes first is a matter of time");
  fails(gd("soon", soon), "/network/model", {"alpha-beta", "connections"}, "/algorithms/0/late: the \"connections\"");
  fails(gd("soon", soon), "/platform", {star, {{"type", "none"}}}, "/algorithms/0/late: a scenario without a network");
}
