#include <sys/stat.h>

#include "tests/faults/processes.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

// Until a process that this one started, itself or by others, is hard at work.
void until_busy(pid_t pid) {
  constexpr long ticks = 10;
  until([&] {
    const auto all = descendants(pid);
    return std::any_of(all.begin(), all.end(), [](pid_t one) { return look_at(one).ticks >= ticks; });
  });
}

Finished shell(const Folder& here, const std::string& command) {
  const pid_t pid = fork();
  if (pid == 0) {
    if (chdir(here.path.c_str()) != 0) _exit(99);
    execl("/bin/sh", "sh", "-c", command.c_str(), LACONIC_BINARY, nullptr);
    _exit(98);
  }
  return ended(here, pid);
}

// Scenarios whose first round takes hours.
void write_long(const Folder& here) {
  json source = told(here.path / "orphan-long-round.json");
  source["claims"] = {{{"what", "it moves"}, {"of", "local-sgd"}, {"metric", "loss"}, {"stays_above", 0}}};
  here.write("h.json", source);
  source["sweep"] = {{"/seed", {1, 2}}};
  here.write("hs.json", source);
}

const std::vector<std::vector<std::string>> long_commands{{"run", "h.json", "--out", "r"},
                                                          {"sweep", "hs.json", "--out", "r"},
                                                          {"check", "h.json", "--out", "c"},
                                                          {"check", "hs.json", "--out", "c"}};

json small(int rounds, int algorithms) {
  json source{{"name", "s"},
              {"workers", 2},
              {"problem", {{"type", "toy"}, {"function", "quadratic"}, {"dimension", 2}}},
              {"platform", {{"type", "star"}, {"bandwidth", "1Mbps"}, {"latency", "1ms"}}},
              {"stop", {{"rounds", rounds}}}};
  for (int i = 0; i < algorithms; ++i)
    source["algorithms"].push_back({{"method", "gd"}, {"step", 0.01}, {"label", fmt::format("g{}", i)}});
  return source;
}

// Commas outside quotation marks.
std::size_t separators(const std::string& line) {
  std::size_t count = 0;
  bool quoted = false;
  for (const char c : line) {
    quoted ^= c == '"';
    count += c == ',' && !quoted;
  }
  return count;
}

void check_rows(const std::string& table) {
  REQUIRE_FALSE(table.empty());
  CHECK(table.back() == '\n');
  std::istringstream in(table);
  std::string header, row;
  std::getline(in, header);
  while (std::getline(in, row)) REQUIRE(separators(row) == separators(header));
}

}  // namespace

TEST_CASE("fault: whatever is killed takes its processes with it, and lets go of its folder") {
  const Faults here;
  write_long(here);
  for (const auto& command : long_commands) {
    INFO(command[0] << ' ' << command[1]);
    for (int again = 0; again < 2; ++again) {  // the second is not refused, nor does it wait
      const pid_t pid = here.start(command);
      until_busy(pid);
      const auto started = descendants(pid);
      CHECK_FALSE(started.empty());
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
      for (const pid_t one : started) until([&] { return !alive(one); });
    }
    fs::remove_all(here.path / "r");
    fs::remove_all(here.path / "c");
  }
}

TEST_CASE("fault: an interrupt is heeded in the middle of a round, and what is complete is kept") {
  const Faults here;
  write_long(here);
  for (const int signal : {SIGTERM, SIGINT}) {
    for (const auto& command : long_commands) {
      INFO(command[0] << ' ' << command[1] << ' ' << signal);
      const pid_t pid = here.start(command);
      until_busy(pid);
      const auto started = descendants(pid);
      kill(pid, signal);
      CHECK(ended(here, pid).code == 3);
      for (const pid_t one : started) until([&] { return !alive(one); });
      if (command[0] == "run") {
        CHECK(names_in(here.path / "r") ==
              std::vector<std::string>{"run.json", "run.trace", "summary.csv", "trajectory.csv"});
        const std::string rows = text_of(here.path / "r/trajectory.csv");
        check_rows(rows);
        CHECK(std::count(rows.begin(), rows.end(), '\n') == 2);  // of before the first round
        CHECK(text_of(here.path / "r/summary.csv").find("interrupted") != std::string::npos);
        CHECK(told(here.path / "r/run.json")["status"] == "interrupted");
      }
      fs::remove_all(here.path / "r");
      fs::remove_all(here.path / "c");
    }
  }
}

TEST_CASE("fault: an interrupt is heeded while data are read") {
  const Faults here;
  json source = small(3, 1);
  source["problem"] = {{"type", "logistic"}, {"l2", 0.1}};
  source["data"] = {{"type", "csv"}, {"path", "never.csv"}};
  source["claims"] = {{{"what", "it moves"}, {"of", "g0"}, {"metric", "loss"}, {"stays_above", 0}}};
  here.write("s.json", source);
  REQUIRE(mkfifo((here.path / "never.csv").c_str(), 0600) == 0);
  for (const char* command : {"run", "validate", "data", "check"}) {
    INFO(command);
    const pid_t pid = here.start({command, "s.json"});
    const int pipe = open((here.path / "never.csv").c_str(), O_WRONLY);  // returns when somebody reads
    REQUIRE(pipe >= 0);
    kill(pid, SIGTERM);
    const auto run = ended(here, pid);
    close(pipe);
    CHECK(run.code == 3);
    CHECK(run.err == "laconic: interrupted\n");
  }
}

TEST_CASE("fault: no two processes write into one folder") {
  const Faults here;
  write_long(here);
  REQUIRE(here.laconic({"run", "two-runs-q.json", "--set", "/stop/rounds=20", "--out", "done"}).code == 0);
  const pid_t first = here.start({"run", "h.json", "--out", "c/h"});
  until_busy(first);
  const std::string words = fmt::format("--out: process {} is writing into c/h", first);
  const Folder there;  // the output of the others
  for (const bool force : {false, true}) {
    for (std::vector<std::string> command : std::vector<std::vector<std::string>>{{"run", "h.json", "--out", "c/h"},
                                                                                  {"sweep", "hs.json", "--out", "c/h"},
                                                                                  {"replay", "done", "--out", "c/h"},
                                                                                  {"check", "h.json", "--out", "c"}}) {
      if (force) command.emplace_back("--force");
      std::string line = "\"$0\"";
      for (const auto& word : command) line += " " + word;
      const auto run = shell(here, line + " >two.out 2>two.err");
      CHECK(run.code == 2);
      CHECK(text_of(here.path / "two.err").starts_with(words));
    }
  }
  kill(first, SIGKILL);
  waitpid(first, nullptr, 0);

  // The default folder: each has its own.
  const pid_t one = here.start({"run", "h.json"}), two = here.start({"run", "h.json"});
  until_busy(one);
  until_busy(two);
  CHECK(names_in(here.path / "results") == std::vector<std::string>{"h", "h-2"});
  for (const pid_t pid : {one, two}) kill(pid, SIGTERM);
  for (const pid_t pid : {one, two}) CHECK(ended(here, pid).code == 3);
  for (const char* name : {"h", "h-2"})
    CHECK(names_in(here.path / "results" / name) ==
          std::vector<std::string>{"run.json", "run.trace", "summary.csv", "trajectory.csv"});
}

TEST_CASE("fault: links in the place of results are replaced, not followed") {
  const Faults here;
  here.write("s.json", small(3, 1));
  std::ofstream(here.path / "mine") << "mine";
  fs::create_directory(here.path / "r");
  for (const char* name : {"trajectory.csv", "summary.csv", "run.json", "run.trace", "t.json"})
    fs::create_symlink(here.path / "mine", here.path / "r" / name);
  check_refused(here.laconic({"run", "s.json", "--out", "r"}), {"r already holds a result"});
  CHECK(here.laconic({"run", "s.json", "--out", "r", "--timeline", "r/t.json", "--force"}).code == 0);
  CHECK(text_of(here.path / "mine") == "mine");
  for (const auto& entry : fs::directory_iterator(here.path / "r")) CHECK_FALSE(entry.is_symlink());
  fs::remove_all(here.path / "r");
  fs::create_directory(here.path / "r");
  fs::create_symlink(here.path / "mine", here.path / "r/.lock");
  CHECK(here.laconic({"run", "s.json", "--out", "r"}).code == 2);
  CHECK(text_of(here.path / "mine") == "mine");
  // A folder may be a link.
  fs::create_directory(here.path / "real");
  fs::create_directory_symlink(here.path / "real", here.path / "link");
  CHECK(here.laconic({"run", "s.json", "--out", "link"}).code == 0);
  CHECK(fs::exists(here.path / "real/trajectory.csv"));
}

TEST_CASE("fault: streams that are closed at the start take nothing from the results") {
  const Faults here;
  REQUIRE(here.laconic({"run", "rf.json", "--out", "whole"}).code == 3);
  const std::string rows = text_of(here.path / "whole/trajectory.csv");
  for (const char* closed : {"2>&-", ">&-", "<&-", "<&- >&- 2>&-", ">&- 2>&-"}) {
    INFO(closed);
    CHECK(shell(here, std::string("\"$0\" run rf.json --out r --force ") + closed).code == 3);
    CHECK(text_of(here.path / "r/trajectory.csv") == rows);
  }
}

TEST_CASE("fault: many algorithms need few open files") {
  const Faults here;
  here.write("s.json", small(3, 60));
  REQUIRE(here.laconic({"run", "s.json", "--out", "whole"}).code == 0);
  CHECK(shell(here, "ulimit -n 40; \"$0\" run s.json --out r --jobs 30 --timeline t.json 2>err").code == 0);
  CHECK(text_of(here.path / "err") == "");
  CHECK(text_of(here.path / "r/trajectory.csv") == text_of(here.path / "whole/trajectory.csv"));
  CHECK(names_in(here.path / "r") ==
        std::vector<std::string>{"run.json", "run.trace", "summary.csv", "trajectory.csv"});
}

TEST_CASE("fault: what is complete when a file can grow no more is kept under its name, and what is missing is told") {
  const Faults here;
  here.write("one.json", small(3000, 1));
  here.write("many.json", small(300, 5));
  REQUIRE(here.laconic({"run", "one.json", "--out", "whole"}).code == 0);
  REQUIRE(here.laconic({"run", "many.json", "--out", "all"}).code == 0);
  const auto limited = [&](const char* name, const char* of) {  // 50 kB a file
    const auto run = shell(here, fmt::format("ulimit -f 100; \"$0\" run {}.json --out {} 2>err >out", name, name));
    CHECK(run.code == 3);
    const std::string err = text_of(here.path / "err"), rows = text_of(here.path / name / "trajectory.csv");
    INFO(err);
    CHECK(std::count(err.begin(), err.end(), '\n') == 1);
    CHECK(err.find("File too large") != std::string::npos);
    check_rows(rows);
    CHECK(rows.size() > 40000);
    CHECK(text_of(here.path / of / "trajectory.csv").starts_with(rows));
    CHECK(names_in(here.path / name) ==
          std::vector<std::string>{"run.json", "run.trace", "summary.csv", "trajectory.csv"});
    CHECK(told(here.path / name / "run.json")["status"] == "failed");
    return err;
  };
  limited("one", "whole");
  CHECK(limited("many", "all").find("it ends within the rows of") != std::string::npos);
  CHECK(shell(here, "\"$0\" list >/dev/full 2>err").code == 3);
  CHECK(text_of(here.path / "err").find("No space left on device") != std::string::npos);
}

TEST_CASE("fault: data that change while a sweep runs are told, and rows of two versions never stand in one table") {
  const Faults here;
  json source = told(here.path / "dc.json");
  source["stop"]["rounds"] = 5;
  source["sweep"] = {{"/seed", {1, 2}},
                     {"/platform", {{{"type", "star"}, {"latency", "1ms"}}, {{"file", "late.json"}}}}};
  here.write("s.json", source);
  REQUIRE(mkfifo((here.path / "late.json").c_str(), 0600) == 0);
  const pid_t pid = here.start({"sweep", "s.json", "--out", "r", "--jobs", "1"});
  {
    std::ofstream late(here.path / "late.json");  // opens when the first seed has been learned
    const std::string data = text_of(here.path / "d.csv");
    std::ofstream(here.path / "d.csv") << data << data.substr(data.find('\n') + 1);
    late << R"({"type": "star", "latency": "2ms"})";
  }
  const auto run = ended(here, pid);
  INFO(run.err);
  CHECK(run.code == 3);
  CHECK(run.err.find("d.csv: has changed since") != std::string::npos);
  const std::string rows = text_of(here.path / "r/trajectory.csv");
  check_rows(rows);
  CHECK(rows.find(",ks,gd,1,") != std::string::npos);
  CHECK(rows.find(",ks,gd,2,") == std::string::npos);

  // Given again, the command takes the data as they are now, for all points.
  fs::remove(here.path / "late.json");
  here.write("late.json", {{"type", "star"}, {"latency", "2ms"}});
  const auto again = here.laconic({"sweep", "s.json", "--out", "r"});
  CHECK(again.code == 0);
  CHECK(again.err.find("finished runs in r/points are of other data") != std::string::npos);
  CHECK(here.laconic({"sweep", "s.json", "--out", "whole"}).code == 0);
  CHECK(text_of(here.path / "r/trajectory.csv") == text_of(here.path / "whole/trajectory.csv"));
}

namespace {

// Damages each value of `at`, which lies in `whole`: it is taken away or replaced, and then put back.
template <class Try>
void damage_each(json& at, const std::string& pointer, std::size_t& turn, const Try& look) {
  const json others[] = {nullptr, -1, 1e300, "", json::array(), json::object(), true};
  std::vector<std::string> keys;
  for (const auto& [key, value] : at.items()) keys.push_back(key);
  for (const auto& key : keys) {
    json& value = at.is_object() ? at[key] : at[static_cast<std::size_t>(std::stoul(key))];
    const json kept = value;
    const std::string place = pointer + '/' + key;
    for (int i = 0; i < 2; ++i) {
      value = others[turn++ % std::size(others)];
      look(place);
    }
    value = kept;
    if (at.is_object()) {
      at.erase(key);
      look(place);
      at[key] = kept;
    }
    json& again = at.is_object() ? at[key] : at[static_cast<std::size_t>(std::stoul(key))];
    if (again.is_structured()) damage_each(again, place, turn, look);
  }
}

}  // namespace

TEST_CASE("fault: a damaged run.json is refused in a line that names the place, whatever the damage") {
  const Faults here;
  json source = small(3, 1);
  source["platform"] = {{"type", "star"}};
  here.write("s.json", source);
  REQUIRE(here.laconic({"run", "s.json", "--out", "r"}).code == 0);
  const std::string whole = text_of(here.path / "r/run.json");
  json damaged = json::parse(whole);
  std::size_t turn = 0;
  const auto look = [&](const std::string& place) {
    here.write("r/run.json", damaged);
    const auto run = here.laconic({"replay", "r", "--out", "q", "--force"});
    INFO(place << ": " << run.err);
    if (place.starts_with("/scenario") || place == "/file") {
      REQUIRE((run.code == 0 || run.code == 2));
      CHECK(std::count(run.err.begin(), run.err.end(), '\n') == (run.code == 0 ? 0 : 1));
    } else {
      REQUIRE((run.code == 0 || run.code == 2));
    }
    if (run.code == 2) CHECK(run.err.starts_with("r/run.json:"));
  };
  for (const char* key : {"scenario", "formats", "file", "status", "problem", "algorithms"}) {
    json only{{key, damaged[key]}};
    const auto in_place = [&](const std::string& place) {
      if (only.contains(key))
        damaged[key] = only[key];
      else
        damaged.erase(key);
      look(place);
      damaged[key] = json::parse(whole)[key];
    };
    damage_each(only, "", turn, in_place);
  }
  const auto refused = [&](const std::string& text, const std::vector<std::string>& words) {
    std::ofstream(here.path / "r/run.json", std::ios::binary) << text;
    check_refused(here.laconic({"replay", "r", "--out", "q", "--force"}), words);
  };
  refused("", {"r/run.json"});
  refused("null", {"r/run.json: /: expected", "null"});
  refused(whole.substr(0, whole.size() / 2), {"r/run.json:", "not JSON"});
  refused(whole.substr(0, 100) + std::string(100, '\0'), {"r/run.json:", "not JSON"});
  json bent = json::parse(whole);
  bent["scenario"] = nullptr;
  refused(bent.dump(), {"r/run.json: /scenario: expected", "got null"});
  bent = json::parse(whole);
  bent["scenario"]["stop"].erase("rounds");
  refused(bent.dump(), {"r/run.json: /scenario/stop", "rounds"});
  bent = json::parse(whole);
  bent["formats"]["json"] = 99;
  refused(bent.dump(), {"r/run.json: /formats/json: expected a whole number from 1 to", "99"});
}
