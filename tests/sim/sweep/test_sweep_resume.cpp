#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>

#include <limits>

#include "sim/sweep/sweep_plan.hpp"
#include "tests/sim/sweeps.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

// A sweep that is stuck at its third point, whose platform is a pipe that nobody writes into.
class StuckSweep {
 public:
  explicit StuckSweep(const Folder& here, std::vector<std::string> command = {"sweep", "s.json", "--out", "r"})
      : here_(here) {
    json source = swept(
        {{"/platform",
          {{{"type", "star"}, {"latency", "1ms"}}, {{"type", "star"}, {"latency", "2ms"}}, {{"file", "late.json"}}}}});
    source["claims"] = {{{"what", "GD moves"}, {"of", "GD"}, {"metric", "loss"}, {"stays_above", 0}}};
    here.write("s.json", source);
    REQUIRE(mkfifo((here.path / "late.json").c_str(), 0600) == 0);
    REQUIRE(mkfifo((here.path / ".err").c_str(), 0600) == 0);
    command.insert(command.end(), {"--jobs", "2", "--progress", "always"});
    pid = here.start(command, true);
    // Reading blocks until the progress line shows that the other points are done.
    progress_.open(here.path / ".err");
    std::string shown;
    for (char c; shown.find("4/6 runs done") == std::string::npos && progress_.get(c);) shown += c;
    REQUIRE(progress_);
  }
  // After its end; the third point has a platform now.
  void release() {
    progress_.ignore(std::numeric_limits<std::streamsize>::max());
    fs::remove(here_.path / ".err");
    fs::remove(here_.path / "late.json");
    here_.write("late.json", {{"type", "star"}, {"latency", "3ms"}});
  }
  pid_t pid;

 private:
  const Folder& here_;
  std::ifstream progress_;
};

void expect_complete(const Folder& here) {
  REQUIRE(here.laconic({"sweep", "s.json", "--out", "whole"}).code == 0);
  for (const char* table : tables) CHECK(text_of(here.path / "r" / table) == text_of(here.path / "whole" / table));
  CHECK(csv(text_of(here.path / "r/trajectory.csv")).size() == 1 + 3 * 2 * 9);
  CHECK(names_in(here.path / "r") == std::vector<std::string>{"summary.csv", "sweep.json", "trajectory.csv"});
}

void expect_resumed(const Folder& here) {
  const auto again = here.laconic({"sweep", "s.json", "--out", "r"});
  CHECK(again.err == "");
  CHECK(again.code == 0);
  CHECK(again.out == "3 points, 6 runs done, 4 of them before\nresults in r\n");
  expect_complete(here);
}

// A process that this one started, or 0.
pid_t child_of(pid_t parent) {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string stat = text_of(entry.path() / "stat");  // "pid (name) state parent ..."
    pid_t found = 0;
    char state = 0;
    if (stat.empty() || !(std::istringstream(stat.substr(stat.rfind(')') + 1)) >> state >> found)) continue;
    if (found == parent) return std::stoi(entry.path().filename());
  }
  return 0;
}

// The last link of the chain of processes that each started one.
pid_t youngest_of(pid_t parent) {
  for (pid_t child = parent; child != 0; child = child_of(parent)) parent = child;
  return parent;
}

// The files of finished runs.
std::vector<fs::path> files_of_runs(const fs::path& points) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(points))
    if (entry.path().extension() == ".runs") out.push_back(entry.path());
  return out;
}

}  // namespace

TEST_CASE("a sweep whose processes are all killed goes on: no point lost, none twice, none damaged") {
  const Folder here;
  StuckSweep stuck(here);
  kill(-stuck.pid, SIGKILL);
  waitpid(stuck.pid, nullptr, 0);
  stuck.release();
  expect_resumed(here);
}

TEST_CASE("a sweep whose first process alone is killed goes on at once, beside nobody") {
  const Folder here;
  StuckSweep stuck(here);
  kill(stuck.pid, SIGKILL);
  waitpid(stuck.pid, nullptr, 0);
  stuck.release();  // when the last of the others has let go of the progress line
  expect_resumed(here);
}

TEST_CASE("a point whose process dies fails alone, though many have one process") {
  const Folder here;
  json platforms = json::array();
  for (int i = 0; i < 48; ++i) platforms.push_back({{"type", "star"}, {"latency", 0.001 * (i + 1)}});
  platforms[22] = {{"file", "late.json"}};  // the second of three, of which nobody writes anything into the pipe
  here.write("s.json", swept({{"/platform", platforms}}));
  REQUIRE(mkfifo((here.path / "late.json").c_str(), 0600) == 0);
  const pid_t sweep = here.start({"sweep", "s.json", "--out", "r", "--jobs", "1", "--progress", "never"});
  const int pipe = open((here.path / "late.json").c_str(), O_WRONLY);  // returns when somebody reads
  REQUIRE(pipe >= 0);
  kill(youngest_of(sweep), SIGKILL);
  int status = 0;
  waitpid(sweep, &status, 0);
  close(pipe);
  CHECK(WEXITSTATUS(status) == 3);
  CHECK(text_of(here.path / ".out") ==
        "48 points, 94 runs done, 2 failed: the same command tries them again\nresults in r\n");
  const std::string told = text_of(here.path / ".err");
  CHECK(
      told.starts_with("s.json: at /platform = {\"file\":\"late.json\"}: failed: its process was killed by signal 9"));
  CHECK(std::count(told.begin(), told.end(), '\n') == 1);
  fs::remove(here.path / "late.json");
  here.write("late.json", {{"type", "star"}, {"latency", "3ms"}});
  const auto again = here.laconic({"sweep", "s.json", "--out", "r"});
  CHECK(again.out.starts_with("48 points, 96 runs done"));
  CHECK(again.code == 0);
}

TEST_CASE("an interrupted sweep says how to go on, and does") {
  const Folder here;
  StuckSweep stuck(here);
  kill(stuck.pid, SIGINT);
  int status = 0;
  stuck.release();
  waitpid(stuck.pid, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 3);
  CHECK(text_of(here.path / ".out") == "4 of 6 runs are done; the same command goes on from there\n");
  CHECK_FALSE(fs::exists(here.path / "r/trajectory.csv"));
  expect_resumed(here);
}

TEST_CASE("an interrupted check of a sweep prints nothing but JSON where that was asked for") {
  const Folder here;
  StuckSweep stuck(here, {"check", "s.json", "--json", "--out", "c"});
  kill(stuck.pid, SIGINT);
  int status = 0;
  stuck.release();
  waitpid(stuck.pid, &status, 0);
  CHECK(WEXITSTATUS(status) == 3);
  CHECK(json::parse(text_of(here.path / ".out")) == json::array());
}

TEST_CASE("two sweeps do not share a folder") {
  const Folder here;
  StuckSweep stuck(here);
  Folder there;
  const auto second = there.laconic({"sweep", here.path / "s.json", "--out", here.path / "r"});
  CHECK(second.code == 2);
  CHECK(second.err == fmt::format("--out: process {} is writing into {}\n", stuck.pid, (here.path / "r").string()));
  kill(-stuck.pid, SIGKILL);
  waitpid(stuck.pid, nullptr, 0);
  stuck.release();
  expect_resumed(here);
}

TEST_CASE("finished points are those whose parts are whole, and whose scenario and data are the same") {
  const Folder here;
  json source = swept(
      {{"/platform/latency", json::array({"1ms", json::array({"1ms"})})}});  // the second fails: what is done is kept
  source["data"] = {{"type", "csv"}, {"path", "d.csv"}};
  const auto write_data = [&](const char* last) {
    std::ofstream(here.path / "d.csv") << "x,y\n1,1\n-1,0\n2,1\n-3,0\n1,0\n" << last;
  };
  write_data("5,1\n");
  here.write("s.json", source);
  const auto kept = [&] {
    const auto run = here.laconic({"sweep", "s.json", "--out", "r"});
    CHECK(run.code == 3);
    const auto at = run.out.find(" of them before");
    return at == std::string::npos ? 0 : std::stoi(run.out.substr(run.out.rfind(' ', at - 1)));
  };
  CHECK(kept() == 0);
  CHECK(kept() == 2);
  const std::string rows = text_of(here.path / "r/trajectory.csv");

  const auto damage = [&](const auto& how) {
    const auto files = files_of_runs(here.path / "r/points");
    REQUIRE(files.size() == 1);  // of both runs: they were one process's
    const std::string whole = text_of(files[0]);
    how(files[0], whole.size());
    const int left = kept();
    CHECK(text_of(here.path / "r/trajectory.csv") == rows);
    CHECK(kept() == 2);
    for (const auto& file : files_of_runs(here.path / "r/points")) fs::remove(file);
    std::ofstream(files[0], std::ios::binary) << whole;
    return left;
  };
  const auto write_at = [](const fs::path& file, std::size_t at) {
    std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(static_cast<std::streamoff>(at)) << "#";
  };
  CHECK(damage([](const fs::path& file, std::size_t size) { fs::resize_file(file, size - 1); }) == 1);
  CHECK(damage([](const fs::path& file, std::size_t) { fs::resize_file(file, 0); }) == 0);
  CHECK(damage([&](const fs::path& file, std::size_t) { write_at(file, 200); }) == 1);  // the second follows it
  CHECK(damage([&](const fs::path& file, std::size_t size) { write_at(file, size - 9); }) == 1);
  // Where it says how long it is, nothing behind it can be found.
  CHECK(damage([&](const fs::path& file, std::size_t) { write_at(file, text_of(file).find(' ') + 1); }) == 0);
  // What was learned is kept too, and it may be damaged as well.
  for (const auto& entry : fs::directory_iterator(here.path / "r/points"))
    if (entry.path().extension() == ".traces") fs::resize_file(entry.path(), 100);
  for (const auto& file : files_of_runs(here.path / "r/points")) fs::remove(file);
  CHECK(kept() == 0);
  CHECK(text_of(here.path / "r/trajectory.csv") == rows);

  write_data("6,1\n");  // of the same size
  CHECK(kept() == 0);
  CHECK(text_of(here.path / "r/trajectory.csv") != rows);
  write_data("5,1\n");
  CHECK(kept() == 2);
  source["seed"] = 7;
  here.write("s.json", source);
  CHECK(kept() == 0);
}

TEST_CASE("finished points of images are those whose folder is the same") {
  const Folder here;
  json source = swept({{"/platform/latency", json::array({"1ms", json::array({"1ms"})})}});
  source["data"] = {{"type", "image-folder"}, {"path", "images"}};
  const auto write_image = [&](const char* name, const char* pixel) {
    fs::create_directories((here.path / name).parent_path());
    std::ofstream(here.path / name) << "P5 1 1 255 " << pixel;
  };
  for (const char* name :
       {"images/a/1.pgm", "images/a/2.pgm", "images/a/3.pgm", "images/b/1.pgm", "images/b/sub/2.pgm"})
    write_image(name, name[7] == 'a' ? "A" : "z");
  here.write("s.json", source);
  const auto kept = [&] {
    const auto run = here.laconic({"sweep", "s.json", "--out", "r"});
    CHECK(run.code == 3);
    return run.out.find(" of them before") != std::string::npos;
  };
  CHECK_FALSE(kept());
  CHECK(kept());
  write_image("images/b/sub/3.pgm", "x");
  CHECK_FALSE(kept());
  CHECK(kept());
  fs::last_write_time(here.path / "images/b/1.pgm", fs::file_time_type::clock::now() + std::chrono::seconds(5));
  CHECK_FALSE(kept());
}

TEST_CASE("finished points are those whose platform file has the same profiles beside it") {
  const Folder here;
  std::ofstream(here.path / "p.xml") << R"(<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <zone id="z" routing="Full">
    <host id="a" speed="1Gf"/> <host id="b" speed="1Gf" state_file='b.txt'/>
    <link id="l" bandwidth="1MBps" latency="1ms" bandwidth_file = "l.txt"/>
    <route src="a" dst="b"><link_ctn id="l"/></route>
  </zone>
</platform>
)";
  json source = swept({{"/seed", {1}}});
  source["workers"] = 1;
  source["platform"] = {{"type", "file"}, {"file", "p.xml"}};
  const auto write = [&](const char* name, const char* text) { std::ofstream(here.path / name) << text; };
  const auto plan = [&] {
    SweepPlan out(source, here.path / "s.json");
    out.keep_in(here.path / "points");
    return out;
  };
  write("b.txt", "1 0\n2 1\n");
  write("l.txt", "1 1000\n");
  const Scenario s = make_scenario(plan().sweep().source(0), "s.json", here.path);
  REQUIRE(plan().keep_run(s, {0, 0}, [](std::FILE*, const std::string&) { return JobResult{}; }));
  CHECK(plan().done(RunName{0, 0}));
  write("b.txt", "1 0\n3 1\n");
  CHECK_FALSE(plan().done(RunName{0, 0}));
  write("b.txt", "1 0\n2 1\n");
  CHECK(plan().done(RunName{0, 0}));
  write("l.txt", "1 2000\n");
  CHECK_FALSE(plan().done(RunName{0, 0}));
}
