#include "sim/sweep/shards.hpp"

#include <signal.h>

#include <numeric>
#include <set>

#include "tests/sim/sweeps.hpp"

using namespace laconic::sweep;
using namespace laconic::tests;
using nlohmann::json;

namespace {

// Points that learn alike on other networks, and points that learn for themselves.
json many_points() {
  return swept({{"/seed", {1, 2, 3}}, {"/platform/latency", {"1ms", "2ms", "3ms", "5ms"}}, {"/stop/rounds", {5, 8}}});
}

std::string shard_of(std::size_t i, std::size_t n) { return std::to_string(i) + "/" + std::to_string(n); }

Finished shard(const Folder& here, std::size_t i, std::size_t n) {
  return here.laconic({"sweep", "s.json", "--out", "r", "--shard", shard_of(i, n), "--jobs", "2"});
}

void expect_as_local(const Folder& here) {
  if (!fs::exists(here.path / "whole")) REQUIRE(here.laconic({"sweep", "s.json", "--out", "whole"}).code == 0);
  for (const char* table : tables) CHECK(text_of(here.path / "r" / table) == text_of(here.path / "whole" / table));
  CHECK(names_in(here.path / "r") == std::vector<std::string>{"summary.csv", "sweep.json", "trajectory.csv"});
}

std::vector<fs::path> files_of(const fs::path& points, const char* extension) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(points))
    if (entry.path().extension() == extension) out.push_back(entry.path());
  return out;
}

}  // namespace

TEST_CASE("shards, one after the other in any order, make the tables of a sweep here, byte for byte") {
  for (const auto& order : std::vector<std::vector<std::size_t>>{{1}, {2, 1}, {3, 1, 5, 2, 4}}) {
    const Folder here;
    here.write("s.json", many_points());
    std::size_t done = 0;
    for (const auto i : order) {
      CHECK_FALSE(fs::exists(here.path / "r/summary.csv"));
      const auto run = shard(here, i, order.size());
      INFO(run.out << run.err);
      CHECK(run.code == 0);
      CHECK(run.err == "");
      ++done;
    }
    CHECK(done == order.size());
    expect_as_local(here);
    // Whatever is asked for again changes nothing.
    const std::string there = text_of(here.path / "r/sweep.json");
    for (const auto& again : std::vector<std::vector<std::string>>{
             {"--shard", "1/5"}, {"--shard", "1/1"}, {"--merge"}, {"--status"}, {"--collect"}}) {
      std::vector<std::string> command{"sweep", "s.json", "--out", "r"};
      command.insert(command.end(), again.begin(), again.end());
      const auto run = here.laconic(command);
      CHECK(run.code == 0);
      CHECK(run.out == "24 points, 48 runs done, 48 of them before\nresults in r\n");
    }
    CHECK(text_of(here.path / "r/sweep.json") == there);
    expect_as_local(here);
  }
}

TEST_CASE("shards at the same time, each of them twice, make the tables of a sweep here") {
  const Folder here;
  here.write("s.json", many_points());
  std::vector<pid_t> all;
  for (std::size_t i = 0; i < 6; ++i)
    all.push_back(here.start({"sweep", "s.json", "--out", "r", "--shard", shard_of(i % 3 + 1, 3), "--jobs", "1"}));
  for (const pid_t pid : all) {
    int status = 0;
    waitpid(pid, &status, 0);
    CHECK(status == 0);
  }
  CHECK(here.laconic({"sweep", "s.json", "--out", "r", "--merge"}).code == 0);
  expect_as_local(here);
}

TEST_CASE("shards that are killed, with what they had written torn, go on: no run lost, none twice") {
  const Folder here;
  here.write("s.json", many_points());
  for (const std::size_t i : {1, 2}) CHECK(shard(here, i, 3).code == 0);
  const auto files = files_of(here.path / "r/points", ".runs");
  REQUIRE(files.size() == 2);  // a file for each shard, not for each run
  fs::resize_file(files[0], fs::file_size(files[0]) / 2);
  fs::resize_file(files[1], fs::file_size(files[1]) - 1);
  // A shard that is killed at any moment.
  const pid_t pid = here.start({"sweep", "s.json", "--out", "r", "--shard", "3/3"}, true);
  kill(-pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  const auto early = here.laconic({"sweep", "s.json", "--out", "r", "--merge"});
  CHECK(early.code == 3);
  CHECK(early.out.find(" are missing: no tables yet\n") != std::string::npos);
  for (const std::size_t i : {3, 1, 2}) CHECK(shard(here, i, 3).code == 0);
  expect_as_local(here);
}

TEST_CASE("what other numbers of shards, or a sweep here, have done is not done again") {
  const Folder here;
  here.write("s.json", many_points());
  CHECK(shard(here, 1, 2).code == 0);
  CHECK(shard(here, 2, 3).out.find(" of them before\n") != std::string::npos);
  CHECK_FALSE(fs::exists(here.path / "r/summary.csv"));
  const auto rest = here.laconic({"sweep", "s.json", "--out", "r"});
  CHECK(rest.code == 0);
  CHECK(rest.out.find("48 runs done, ") != std::string::npos);
  expect_as_local(here);
}

TEST_CASE("what fails in a shard is on record, is told, and is tried again by the same command") {
  const Folder here;
  json source =
      swept({{"/platform", {{{"type", "star"}}, {{"file", "late.json"}}, {{"type", "star"}, {"latency", "2ms"}}}}});
  here.write("s.json", source);
  int failed = 0;
  for (const std::size_t i : {1, 2}) failed += shard(here, i, 2).code == 3;
  CHECK(failed > 0);
  const auto status = here.laconic({"sweep", "s.json", "--out", "r", "--status"});
  CHECK(status.code == 0);
  CHECK(
      status.out.starts_with("4 of 6 runs are done, 2 failed, 0 are missing\nfailed: 2 runs, such as at /platform = "
                             "{\"file\":\"late.json\"}: "));
  // The last of them has made the tables of what there is, as a sweep here does.
  REQUIRE(here.laconic({"sweep", "s.json", "--out", "local"}).code == 3);
  for (const char* table : tables) CHECK(text_of(here.path / "r" / table) == text_of(here.path / "local" / table));
  here.write("late.json", {{"type", "star"}, {"latency", "3ms"}});
  for (const std::size_t i : {1, 2}) CHECK(shard(here, i, 2).code == 0);
  expect_as_local(here);
}

TEST_CASE("a shard never touches the result of another scenario") {
  const Folder here;
  json source = many_points();
  here.write("s.json", source);
  REQUIRE(here.laconic({"sweep", "s.json", "--out", "r"}).code == 0);
  source["seed"] = 7;
  source["sweep"].erase("/seed");
  here.write("s.json", source);
  for (const auto& how : std::vector<std::vector<std::string>>{{"--shard", "1/2"}, {"--merge"}}) {
    std::vector<std::string> command{"sweep", "s.json", "--out", "r"};
    command.insert(command.end(), how.begin(), how.end());
    CHECK(here.laconic(command).code == 2);
  }
}

TEST_CASE("a sweep is cut alike everywhere, whole, and into equal costs") {
  const Folder here;
  here.write("s.json", swept({{"/seed", {1, 2, 3, 4, 5, 6, 7}},
                              {"/platform/latency", {1e-3, 2e-3, 3e-3, 4e-3, 5e-3, 6e-3}},
                              {"/stop/rounds", {10, 1000}}}));
  const OpenSweep sweep = open_sweep(here.path / "s.json", {});
  const OpenSweep again = open_sweep(here.path / "s.json", {});
  for (const std::size_t n : {1, 2, 3, 7, 20, 500}) {
    const Cut cut(sweep, n), other(again, n);
    CHECK(cut.name() == other.name());
    std::vector<int> taken(sweep.plan.runs());
    for (std::size_t i = 1; i <= n; ++i) {
      const auto share = cut.share(i);
      CHECK(share == other.share(i));
      for (std::size_t run = 0; run < share.size(); ++run) taken[run] += share[run];
    }
    CHECK(taken == std::vector<int>(sweep.plan.runs(), 1));
    if (n <= 7) CHECK(cut.longest_s() < 1.5 * cut.total_s() / static_cast<double>(n));
  }
}
