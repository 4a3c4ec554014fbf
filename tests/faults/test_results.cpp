#include <fmt/format.h>

#include "algorithms/base/input_file.hpp"
#include "tests/faults/faults.hpp"

// Tables of results: packed or not they are one text, and what is not the table that was written is no result.

using namespace laconic::tests;
using laconic::read_input;
using nlohmann::json;

namespace {

json race() {
  return {{"name", "race"},
          {"workers", 3},
          {"problem", {{"type", "least-squares"}}},
          {"data", {{"type", "gaussian"}, {"samples", 30}, {"features", 4}}},
          {"platform", {{"type", "star"}, {"latency", "1ms"}}},
          {"algorithms", {{{"method", "gd"}, {"label", "plain, \"old\" GD"}}, {{"method", "lag-wk"}}}},
          {"stop", {{"rounds", 40}}},
          {"record", {{"every", 1}}}};
}

json swept_race() {
  json source = race();
  source["sweep"] = {{"/platform/latency", {"1ms", "1s"}}, {"/seed", {1, 2, 3}}};
  return source;
}

void run_or_sweep(const Folder& here, const json& source, const std::string& out,
                  const std::vector<std::string>& options = {}) {
  here.write("s.json", source);
  std::vector<std::string> words{source.contains("sweep") ? "sweep" : "run", "s.json", "--out", out};
  words.insert(words.end(), options.begin(), options.end());
  const auto run = here.laconic(words);
  INFO(run.err);
  REQUIRE(run.code == 0);
}

json files_told(const fs::path& folder) {
  for (const char* name : {"run.json", "sweep.json"})
    if (fs::exists(folder / name)) return json::parse(text_of(folder / name)).at("files");
  return {};
}

}  // namespace

TEST_CASE("a packed trajectory holds the bytes of a plain one, under any number of jobs") {
  const Folder here;
  json by_time = swept_race();
  by_time["stop"]["sim_time"] = "5s";  // so that each point runs live
  for (const json& source : {race(), swept_race(), by_time}) {
    for (const char* out : {"plain", "packed", "packed-1"}) fs::remove_all(here.path / out);
    run_or_sweep(here, source, "plain");
    run_or_sweep(here, source, "packed", {"--set", "/record/format=csv.gz", "--jobs", "3"});
    run_or_sweep(here, source, "packed-1", {"--set", "/record/format=csv.gz", "--jobs", "1"});
    CHECK_FALSE(fs::exists(here.path / "packed/trajectory.csv"));
    const std::string packed = text_of(here.path / "packed/trajectory.csv.gz");
    CHECK(packed.starts_with(std::string("\x1f\x8b\x08\0\0\0\0\0", 8)));  // neither name nor time
    CHECK(packed == text_of(here.path / "packed-1/trajectory.csv.gz"));
    const std::string text = text_of(here.path / "plain/trajectory.csv");
    CHECK(read_input(here.path / "packed/trajectory.csv.gz") == text);
    CHECK(packed.size() < text.size() * 2 / 3);
    CHECK(text_of(here.path / "packed/summary.csv") == text_of(here.path / "plain/summary.csv"));
    const json plain_told = files_told(here.path / "plain"), packed_told = files_told(here.path / "packed");
    CHECK(plain_told.at("trajectory.csv") == packed_told.at("trajectory.csv.gz"));
    CHECK(plain_told.at("summary.csv") == packed_told.at("summary.csv"));
    CHECK(plain_told.at("trajectory.csv").at("rows") == std::count(text.begin(), text.end(), '\n') - 1);
    CHECK(plain_told.at("trajectory.csv").at("bytes") == text.size());
  }
}

TEST_CASE("a replay packs as a run does, and replacing a result leaves no table of the other form") {
  const Folder here;
  run_or_sweep(here, race(), "r", {"--set", "/record/format=csv.gz"});
  REQUIRE(here.laconic({"replay", "r", "--out", "same"}).code == 0);
  CHECK(text_of(here.path / "same/trajectory.csv.gz") == text_of(here.path / "r/trajectory.csv.gz"));
  REQUIRE(here.laconic({"replay", "r", "--out", "same", "--set", "/record/format=csv", "--force"}).code == 0);
  CHECK_FALSE(fs::exists(here.path / "same/trajectory.csv.gz"));
  CHECK(text_of(here.path / "same/trajectory.csv") == read_input(here.path / "r/trajectory.csv.gz"));
  check_refused(here.laconic({"run", "s.json", "--out", "r"}), {"--out: r already holds a result"});
}

TEST_CASE("a packed sweep that was taken up again has the bytes of one that was not") {
  const Folder here;
  json source = swept_race();
  source["record"] = {{"format", "csv.gz"}};
  source["sweep"] = {{"/platform", {{{"type", "star"}, {"latency", "1ms"}}, {{"file", "later.json"}}}}};
  here.write("s.json", source);
  CHECK(here.laconic({"sweep", "s.json", "--out", "r"}).code == 3);
  CHECK(json::parse(text_of(here.path / "r/points/running.json")).at("runs") == 4);
  here.write("later.json", {{"type", "star"}, {"latency", "1s"}});
  for (const char* out : {"r", "whole"}) REQUIRE(here.laconic({"sweep", "s.json", "--out", out}).code == 0);
  CHECK(text_of(here.path / "r/trajectory.csv.gz") == text_of(here.path / "whole/trajectory.csv.gz"));
}

TEST_CASE("check reads packed tables, and judges none that is not the one that was written") {
  const Folder here;
  json source = race();
  source["claims"] = {{{"of", "lag-wk"}, {"metric", "loss"}, {"stays_above", -1}}};
  source["record"] = {{"format", "csv.gz"}};
  here.write("s.json", source);
  REQUIRE(here.laconic({"check", "s.json"}).code == 0);
  const fs::path folder = here.path / "results/race", packed = folder / "trajectory.csv.gz";
  const auto judge = [&] { return here.laconic({"check", "s.json", "--judge-only"}); };
  CHECK(judge().code == 0);
  const auto refused = [&](const std::string& words) {
    const auto run = judge();
    CHECK(run.code == 2);
    CHECK(run.err == words + "\ns.json: its claims were not judged\n");
  };
  const std::string whole = text_of(packed), text = read_input(packed), name = "results/race/trajectory.csv";
  const auto put = [](const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  };

  put(folder / "trajectory.csv", text);
  auto both = judge();
  CHECK(both.code == 0);
  CHECK(both.err == "note: results/race/trajectory.csv is left aside: the result's own is trajectory.csv.gz\n");
  fs::remove(packed);
  CHECK(judge().code == 0);  // unpacked since

  const auto nth_line = [&](int n) {
    std::size_t at = 0;
    for (; n > 1; --n) at = text.find('\n', at) + 1;
    return at;
  };
  const auto with = [&](const std::string& changed, const std::string& words) {
    put(folder / "trajectory.csv", changed);
    refused(words);
  };
  with(text.substr(0, nth_line(60)), name + ": has 58 rows, 82 were written: it was cut short since");
  with(text.substr(0, text.size() - 3), name + ":83: ends without a line break: the file was cut short");
  with(text + text.substr(nth_line(83)), name + ":84: round 40 of \"lag-wk\", seed 1, stands in line 83 already");
  std::string changed = text;
  changed[nth_line(30) + 5] = '\0';
  with(changed, name + ":30: holds a zero byte: the file is damaged");
  changed = text;
  changed.insert(nth_line(31) - 1, ",7");
  with(changed, name + ":30: expected 26 fields, got 27");
  changed = text;
  changed.insert(0, "\xEF\xBB\xBF");
  json told = json::parse(text_of(folder / "run.json"));
  const std::string crc = told["files"]["trajectory.csv.gz"]["crc32"];
  put(folder / "trajectory.csv", changed);
  CHECK(judge().code == 0);  // a mark is no part of the text
  changed.replace(changed.rfind(",0,"), 3, ",9,");
  put(folder / "trajectory.csv", changed);
  CHECK(judge().err.find(": its text is not what was written: CRC-32 ") != std::string::npos);
  told["files"]["trajectory.csv.gz"]["crc32"] = "7";
  here.write("results/race/run.json", told);
  refused(
      "results/race: run.json or sweep.json: /files/trajectory.csv.gz/crc32: expected 8 hexadecimal digits, got "
      "\"7\"");
  told.erase("files");
  here.write("results/race/run.json", told);
  CHECK(judge().code == 0);  // nothing is promised

  fs::remove(folder / "trajectory.csv");
  put(packed, whole.substr(0, whole.size() / 2));
  CHECK(judge().err.find(name + ".gz: cannot be unpacked behind line ") == 0);
  changed = whole;
  changed[changed.size() - 6] ^= 1;
  put(packed, changed);
  CHECK(judge().err.find("incorrect data check") != std::string::npos);
  put(folder / "trajectory.csv", text);
  refused(
      "results/race: both trajectory.csv and trajectory.csv.gz are there, and nothing says which is the result's: "
      "remove the other");
}

TEST_CASE("the form of the trajectory is one of two, and one for all points") {
  const Folder here;
  json source = swept_race();
  source["record"] = {{"format", "parquet"}};
  here.write("s.json", source);
  check_refused(here.laconic({"validate", "s.json"}), {"s.json: /record/format: ", "csv", "csv.gz", "\"parquet\""});
  source.erase("record");
  for (const json& sweep : {json{{"/record/format", {"csv", "csv.gz"}}},
                            json{{"/record", {{{"every", 2}}, {{"every", 2}, {"format", "csv.gz"}}}}}}) {
    source["sweep"] = sweep;
    here.write("s.json", source);
    check_refused(here.laconic({"sweep", "s.json"}), {"\"format\" cannot be swept: all points are in one file"});
  }
}
