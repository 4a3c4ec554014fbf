#include "tests/faults/processes.hpp"
#include "tests/sim/deploy/mpi.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

json two_gradients(int rounds) {
  return {{"name", "deployed"},
          {"workers", 4},
          {"problem", {{"type", "toy"}, {"function", "quadratic"}, {"dimension", 2}}},
          {"platform", {{"type", "star"}, {"bandwidth", "1Mbps"}, {"latency", "1ms"}}},
          {"algorithms", {{{"method", "gd"}, {"step", 0.01}, {"label", "first"}}, {{"method", "gd"}, {"step", 0.02}}}},
          {"stop", {{"rounds", rounds}}}};
}

std::vector<std::vector<std::string>> table(const fs::path& file) {
  std::vector<std::vector<std::string>> out;
  std::ifstream in(file);
  for (std::string line, field; std::getline(in, line);) {
    out.emplace_back();
    for (std::istringstream fields(line); std::getline(fields, field, ',');) out.back().push_back(field);
    if (line.ends_with(',')) out.back().emplace_back();
  }
  return out;
}

// The processes that are ranks, in the order in which they were started: those of 0, 1, ...
std::vector<pid_t> ranks_of(pid_t launcher) {
  std::vector<pid_t> out;
  for (const pid_t pid : descendants(launcher)) {
    const std::string words = text_of(fmt::format("/proc/{}/cmdline", pid));
    if (words.find("--as-rank") != words.npos && words.find("mpirun") == words.npos) out.push_back(pid);
  }
  return out;
}

std::size_t rows_in(const fs::path& folder) {
  std::size_t out = 0;
  for (const auto& name : fs::exists(folder) ? names_in(folder) : std::vector<std::string>())
    if (name.find("rows-0") != name.npos) {
      const std::string text = text_of(folder / name);
      out += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }
  return out;
}

void check_whole_rows(const fs::path& file) {
  const auto rows = table(file);
  REQUIRE(rows.size() > 1);
  CHECK(text_of(file).ends_with('\n'));
  for (const auto& row : rows) REQUIRE(row.size() == rows[0].size());
}

}  // namespace

TEST_CASE("a deployed run writes every message and computation, and who was there") {
  if (!has_mpi()) return;
  const Faults here;
  here.write("s.json", two_gradients(5));
  const Finished run = here.laconic({"deploy", "s.json", "--ranks", "3", "--out", "d"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK(run.err == "s.json: the platform is not used: times are measured\n");
  CHECK(names_in(here.path / "d") ==
        std::vector<std::string>{"deploy.csv", "run.json", "run.trace", "summary.csv", "trajectory.csv"});
  const auto rows = table(here.path / "d/deploy.csv");
  REQUIRE(rows[0] == std::vector<std::string>{"algorithm", "seed", "round", "kind", "from", "to", "direction", "bits",
                                              "bytes", "flops", "start_s", "end_s"});
  std::map<std::string, int> counts;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& row = rows[i];
    REQUIRE(row.size() == rows[0].size());
    ++counts[row[3] + row[6]];
    if (row[3] == "compute") CHECK(std::stod(row[11]) >= std::stod(row[10]));  // by one clock
    if (row[6] == "up") CHECK(row[7] == "64");                                 // two numbers of 32 bits
    if (row[6] == "up") CHECK(row[8] == "72");                                 // and 64 bytes before them
  }
  CHECK(counts == std::map<std::string, int>{{"compute", 40}, {"messagedown", 40}, {"messageup", 40}});
  const json deployed = told(here.path / "d/run.json")["deployed"];
  CHECK(deployed["ranks"] == 3);
  CHECK(deployed["hosts"].size() == 3);
  CHECK(deployed["rank_of"] == json{{"server", 0}, {"worker-0", 1}, {"worker-1", 1}, {"worker-2", 2}, {"worker-3", 2}});
  REQUIRE(deployed["clock"].size() == 3);
  CHECK(deployed["clock"][2]["uncertainty_s"] > 0);
  const Finished replayed = here.laconic({"replay", "d", "--out", "r", "--progress", "never"});
  INFO(replayed.err);
  CHECK(replayed.code == 0);
  CHECK_FALSE(told(here.path / "r/run.json").contains("deployed"));
}

TEST_CASE("fault: a rank that has other data is refused by name, unless rank 0 sends them") {
  if (!has_mpi()) return;
  const Faults here;
  json source = two_gradients(3);
  source["workers"] = 2;
  source["problem"] = {{"type", "logistic"}, {"l2", 0.1}};
  source["data"] = {{"type", "csv"}, {"path", "own.csv"}, {"skip_lines", 1}};
  for (const char* folder : {"s", "w0", "w1"}) fs::create_directory(here.path / folder);
  here.write("s/s.json", source);
  const std::string data = text_of(here.path / "d.csv");
  std::ofstream(here.path / "w0/own.csv") << data;
  std::ofstream(here.path / "w1/own.csv") << data << "0.5,0.5,1\n";
  const std::string as_root = geteuid() == 0 ? "--allow-run-as-root" : "";
  const auto deployed = [&](const std::string& option) {
    const std::string rank = fmt::format("{} deploy ../s/s.json --out ../d {}", LACONIC_BINARY, option);
    const int status =
        std::system(fmt::format("cd {} && mpirun --quiet --oversubscribe {} -n 1 -wdir w0 {} : -n 1 -wdir "
                                "w1 {} >.out 2>.err </dev/null",
                                here.path.string(), as_root, rank, rank)
                        .c_str());
    return Finished{WEXITSTATUS(status), text_of(here.path / ".out"), text_of(here.path / ".err")};
  };
  const Finished refused = deployed("");
  INFO(refused.err);
  CHECK(refused.code == 2);
  CHECK(refused.err.find("../s/s.json: /data: rank 1 (") != std::string::npos);
  CHECK(refused.err.find(", workers 0 to 1) has read other data") != std::string::npos);
  CHECK_FALSE(fs::exists(here.path / "d"));
  const Finished sent = deployed("--send-data");
  INFO(sent.err);
  CHECK(sent.code == 0);
  CHECK(told(here.path / "d/run.json")["deployed"]["ranks"] == 2);
}

TEST_CASE("fault: a rank that is killed ends a deployed run with its name, and what is complete is kept") {
  if (!has_mpi()) return;
  const Faults here;
  here.write("s.json", two_gradients(100'000'000));
  for (const std::size_t victim : {2, 0}) {
    INFO("rank " << victim);
    const std::string out = fmt::format("d{}", victim);
    const pid_t pid = here.start({"deploy", "s.json", "--ranks", "3", "--out", out});
    until([&] { return rows_in(here.path / out) > 3; });
    const auto ranks = ranks_of(pid);
    REQUIRE(ranks.size() == 3);
    kill(ranks[victim], SIGKILL);
    const Finished run = ended(here, pid);
    CHECK(run.code == 3);
    INFO(run.err);
    if (victim == 2) CHECK(run.err.find("rank 2 (") != run.err.npos);
    if (victim == 2) CHECK(run.err.find(", workers 2 to 3) was lost") != run.err.npos);
    CHECK(run.err.find("/algorithms/0 (first) and the 1 behind it: failed: ") != run.err.npos);
    check_whole_rows(here.path / out / "trajectory.csv");
    check_whole_rows(here.path / out / "deploy.csv");
    CHECK(told(here.path / out / "run.json")["status"] == "failed");
    for (const pid_t one : ranks) until([&] { return !alive(one); });
  }
}

TEST_CASE("fault: an interrupt ends a deployed run, and so does the end of who started it") {
  if (!has_mpi()) return;
  const Faults here;
  here.write("s.json", two_gradients(100'000'000));
  for (const int signal : {SIGTERM, SIGINT, SIGKILL}) {
    INFO(signal);
    const std::string out = fmt::format("d{}", signal);
    const pid_t pid = here.start({"deploy", "s.json", "--ranks", "3", "--out", out});
    until([&] { return rows_in(here.path / out) > 3; });
    const auto ranks = ranks_of(pid);
    REQUIRE(ranks.size() == 3);
    kill(pid, signal);
    if (signal == SIGKILL)
      waitpid(pid, nullptr, 0);
    else
      CHECK(ended(here, pid).code == 3);
    for (const pid_t one : ranks) until([&] { return !alive(one); });
    if (signal == SIGKILL) continue;
    check_whole_rows(here.path / out / "trajectory.csv");
    CHECK(told(here.path / out / "run.json")["status"] == "interrupted");
    CHECK(text_of(here.path / out / "summary.csv").find(",interrupted") != std::string::npos);
  }
}

TEST_CASE("fault: what only a simulation has is refused by laconic deploy, in a line") {
  if (!has_mpi()) return;
  const Faults here;
  const auto refused = [&](const json& source, std::vector<std::string> options,
                           const std::vector<std::string>& words) {
    here.write("s.json", source);
    options.insert(options.begin(), {"deploy", "s.json"});
    check_refused(here.laconic(options), words);
  };
  json source = two_gradients(5);
  refused(source, {}, {"--ranks N", "mpirun"});
  refused(source, {"--ranks", "6"}, {"--ranks", "at most 5", "got 6"});
  refused(source, {"--ranks", "0"}, {"--ranks", "1 to 4096"});
  source["collective"] = "ring-allreduce";
  refused(source, {"--ranks", "2"}, {"s.json: /algorithms/0", "parameter server"});
  source = two_gradients(5);
  source["conditions"] = {{"failures", {{{"workers", {0}}, {"mtbf", "1s"}, {"mttr", "1s"}}}}};
  refused(source, {"--ranks", "2"}, {"s.json: /conditions/failures"});
  source = two_gradients(5);
  source["tune"] = {{"grid", {{"step", {0.1, 0.2}}}}};
  source["algorithms"] = {{{"method", "gd"}}};
  refused(source, {"--ranks", "2"}, {"s.json: /tune", "tuned.json"});
}
