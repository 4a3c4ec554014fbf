#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "algorithms/problems/logistic.hpp"
#include "sim/run/job.hpp"
#include "sim/scenario/scenario.hpp"
#include "tests/bench/bench.hpp"
#include "tests/real_data.hpp"
#include "tests/rooms.hpp"

// Peers do the same jobs on the same data to the same final loss: in Laconic with a simulated network, every message
// encoded and decoded; in NumPy and PyTorch as one would write them for a paper's plots; and as plain loops over Eigen.

using namespace laconic::tests;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

struct Timing {
  double seconds = 0, loss = 0;
};
using Timings = std::map<std::string, Timing>;  // by job

const std::vector<std::string> jobs{"gd", "le-signgd", "lasg-wk2", "top-k amsgrad"};

json scenario_with(const json& data, Round rounds) {
  return {{"name", "bench"},
          {"workers", 10},
          {"batches", "cyclic"},
          {"problem", {{"type", "logistic"}, {"l2", 0.001}, {"objective", "mean"}, {"reduction", "mean"}}},
          {"data", data},
          {"platform", {{"type", "star"}, {"latency", "1ms"}, {"bandwidth", "1Gbps"}}},
          {"network", {{"wire", "float64"}}},
          {"algorithms",
           {{{"method", "gd"}, {"label", "gd"}, {"step", "1/L"}},
            {{"method", "le-signgd"}, {"label", "le-signgd"}, {"step", "1/L"}, {"D", 10}},
            {{"method", "lasg-wk2"}, {"label", "lasg-wk2"}, {"step", "1/L"}, {"batch", 100}, {"D", 100}, {"d_max", 10}},
            {{"method", "spars-ams"}, {"label", "top-k amsgrad"}, {"step", 0.001}, {"batch", 100}, {"k", 0.1}}}},
          {"stop", {{"rounds", rounds}}},
          {"record", {{"every", rounds}, {"metrics", {"loss"}}}}};
}

void write_doubles(const fs::path& path, const double* values, Index count) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(values), static_cast<std::streamsize>(count) * 8);
  if (!out) throw std::runtime_error(fmt::format("{}: cannot write", path.string()));
}

// What the peers read: the samples as Laconic's workers hold them, and the jobs' numbers.
void write_spec(const Scenario& s, const fs::path& folder, int threads) {
  Index n = 0;
  std::vector<Index> sizes;
  for (const auto& worker : s.problem.workers) n += sizes.emplace_back(worker->samples());
  RowMatrix x(n, s.problem.d);
  Vector y(n);
  Index first = 0;
  for (const auto& worker : s.problem.workers) {
    const auto& f_m = dynamic_cast<const LinearOracle<LogisticLoss, double>&>(*worker);
    x.middleRows(first, f_m.samples()) = std::visit([](const auto& rows) { return RowMatrix(rows); }, f_m.rows());
    y.segment(first, f_m.samples()) = f_m.labels();
    first += f_m.samples();
  }
  write_doubles(folder / "x", x.data(), x.size());
  write_doubles(folder / "y", y.data(), y.size());
  const double step = 1 / s.problem.L;
  const auto kept = static_cast<Index>(std::ceil(0.1 * static_cast<double>(s.problem.d)));
  const json spec = {
      {"x", folder / "x"},
      {"y", folder / "y"},
      {"n", n},
      {"d", s.problem.d},
      {"workers", sizes.size()},
      {"sizes", sizes},
      {"l2", 0.001},
      {"rounds", s.record.rounds},
      {"threads", threads},
      {"jobs",
       {{{"name", "gd"}, {"parameters", {{"step", step}}}},
        {{"name", "le-signgd"}, {"parameters", {{"step", step}, {"D", 10}}}},
        {{"name", "lasg-wk2"}, {"parameters", {{"step", step}, {"batch", 100}, {"D", 100}, {"d_max", 10}}}},
        {{"name", "top-k amsgrad"}, {"parameters", {{"step", 0.001}, {"batch", 100}, {"kept", kept}}}}}}};
  std::ofstream(folder / "spec.json") << spec.dump(1);
}

Timings laconic_run(const Scenario& s, int threads) {
  Timings out;
  for (std::size_t i = 0; i < s.algorithms.size(); ++i) {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("cannot make a pipe");
    std::fflush(nullptr);
    const pid_t pid = fork();
    if (pid == 0) {  // a process has one SimGrid engine
      std::FILE* null = std::fopen("/dev/null", "w");
      const JobResult result = run_job(s, i, null, {}, {.threads = [=] { return threads; }});
      const Timing t{result.wall_s, result.last.metrics[0].value_or(NAN)};
      _exit(write(ends[1], &t, sizeof t) == sizeof t ? 0 : 1);
    }
    close(ends[1]);
    Timing t;
    if (read(ends[0], &t, sizeof t) == sizeof t) out[s.algorithms[i].label] = t;
    close(ends[0]);
    waitpid(pid, nullptr, 0);
  }
  return out;
}

Timings peer_run(const std::string& command) {
  Timings out;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return out;
  char name[64];
  Timing t;
  while (std::fscanf(pipe, "%63[^,],%lf,%lf\n", name, &t.seconds, &t.loss) == 3) out[name] = t;
  pclose(pipe);
  return out;
}

void compare(Log& log, const BenchOptions& options, const std::string& what, const json& data, Round rounds) {
  const auto cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  const json source = scenario_with(data, rounds);
  const Scenario s = make_scenario(source, "bench", ".");
  const fs::path folder = fs::temp_directory_path() / fmt::format("laconic-bench-{}", getpid());
  fs::create_directories(folder);
  json plain = source;
  plain["network"]["wire"] = "float32";  // whose oracles remember nothing
  write_spec(make_scenario(plain, "bench", "."), folder, cores);
  const auto spec = (folder / "spec.json").string(), peers = std::string(LACONIC_SOURCE_DIR) + "/tests/bench/peers/";
  const std::map<std::string, std::string> commands{
      {"NumPy", fmt::format("/usr/bin/python3 {}numpy_peer.py {} 2>/dev/null", peers, spec)},
      {"PyTorch", fmt::format("/usr/bin/python3 {}torch_peer.py {} 2>/dev/null", peers, spec)},
      {"Eigen", fmt::format("{} {}", LACONIC_EIGEN_PEER, spec)}};

  std::map<std::string, std::map<std::string, std::vector<Timing>>> timings;  // by peer and job
  for (int turn = 0; turn < options.turns; ++turn) {
    for (const auto& [job, t] : laconic_run(s, cores)) timings["Laconic"][job].push_back(t);
    for (const auto& [peer, command] : commands)
      for (const auto& [job, t] : peer_run(command)) timings[peer][job].push_back(t);
  }
  fs::remove_all(folder);

  log.title(fmt::format("{}, {} workers, {} rounds: seconds; ratio of Laconic's time, network and all, to the peer's",
                        what, s.problem.M(), rounds));
  for (const auto& job : jobs) {
    const auto& ours = timings["Laconic"][job];
    for (const auto& [peer, by_job] : timings) {
      const auto found = by_job.find(job);
      if (found == by_job.end()) {
        log.note(fmt::format("{}, {}: did not run (is it installed?)", job, peer));
        continue;
      }
      std::vector<double> seconds, ratios;
      double off = 0;
      for (std::size_t i = 0; i < found->second.size(); ++i) {
        const Timing& t = found->second[i];
        seconds.push_back(t.seconds);
        if (peer != "Laconic" && i < ours.size()) {
          ratios.push_back(ours[i].seconds / t.seconds);
          off = std::max(off, std::abs(t.loss - ours[i].loss) / ours[i].loss);
        }
      }
      log.row("peers", fmt::format("{}, {}, {}", what, job, peer), "s", seconds, peer, ratios);
      if (!(off <= 1e-6)) log.note(fmt::format("NOT THE SAME JOB: final losses differ by {:.2g} of themselves", off));
    }
  }
}

}  // namespace

void bench_peers(Log& log, const BenchOptions& options) {
  const Round rounds = options.quick ? 50 : 500;
  compare(log, options, "20000 x 1000", {{"type", "gaussian"}, {"samples", 20000}, {"features", 1000}}, rounds);
  const auto ijcnn1 = real_data() / "ijcnn1/ijcnn1.trn.bz2";
  if (fs::exists(ijcnn1))
    compare(log, options, "ijcnn1", {{"type", "libsvm"}, {"path", ijcnn1}}, rounds);
  else
    log.note("ijcnn1 is not there: LACONIC_DATA names the folder of data");
}
