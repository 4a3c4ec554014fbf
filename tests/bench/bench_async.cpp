#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/run/job.hpp"
#include "sim/scenario/scenario.hpp"
#include "tests/bench/bench.hpp"
#include "tests/rooms.hpp"

// An asynchronous server's updates on uneven stars, where a gradient costs next to nothing: the host's time is that of
// events and messages. The peer is the same method in NumPy with a heap of events, without a network or messages.

using namespace laconic::tests;
using nlohmann::json;

namespace {

json scenario_on(int M, Round updates, const char* solver) {
  return {{"name", "bench"},
          {"workers", M},
          {"network", {{"wire", "float64"}, {"solver", solver}}},
          {"problem", {{"type", "toy"}, {"function", "quadratic"}, {"dimension", 10}}},
          {"platform",
           {{"type", "star"},
            {"worker_speed", {{"type", "log-normal"}, {"median", "1Mf"}, {"sigma", 1}}},
            {"latency", "1ms"},
            {"bandwidth", "100Mbps"},
            {"server_bandwidth", "1Gbps"}}},
          {"algorithms", {{{"method", "async-sgd"}, {"step", 0.1 / M}, {"start", 1}}}},
          {"stop", {{"rounds", updates}}},
          {"record", {{"every", updates}, {"metrics", {"loss"}}}}};
}

// Host microseconds of an update.
double microseconds(int M, Round updates, const char* solver) {
  const Scenario s = make_scenario(scenario_on(M, updates, solver), "bench", ".");
  int ends[2];
  if (pipe(ends) != 0) return 0;
  std::fflush(nullptr);  // or the child would print what stands in our buffer a second time
  const pid_t pid = fork();
  if (pid == 0) {  // a process has one SimGrid engine
    const double taken = run_job(s, 0, nullptr, {}).wall_s;
    _exit(write(ends[1], &taken, sizeof taken) == sizeof taken ? 0 : 1);
  }
  close(ends[1]);
  double taken = 0;
  if (read(ends[0], &taken, sizeof taken) != sizeof taken) taken = 0;
  close(ends[0]);
  waitpid(pid, nullptr, 0);
  return 1e6 * taken / static_cast<double>(updates);
}

double peer_microseconds(int M, Round updates) {
  const auto command = fmt::format("/usr/bin/python3 {}/tests/bench/peers/async_peer.py {} {} 2>/dev/null",
                                   LACONIC_SOURCE_DIR, M, updates);
  std::FILE* pipe = popen(command.c_str(), "r");
  double out = 0;
  if (!pipe) return out;
  if (std::fscanf(pipe, "%lf", &out) != 1) out = 0;
  pclose(pipe);
  return out;
}

}  // namespace

void bench_async(Log& log, const BenchOptions& options) {
  log.title("an asynchronous server's host time, us per update: async-sgd, d = 10, workers of log-normal speeds");
  for (const int M : {10, 100, 1000, 10000}) {
    const Round updates = (options.quick ? 20000 : 100000) + 5 * M;
    const auto measure = [&](const char* what, int turns, const auto& one) {
      std::vector<double> us;
      for (int i = 0; i < turns; ++i) us.push_back(one());
      log.row("async", fmt::format("M = {}, {}", M, what), "us", us);
    };
    measure("closed events", options.turns, [&] { return microseconds(M, updates, "auto"); });
    const Round simulated = std::min<Round>(updates, 10000) + M;
    if (M < 10000 || !options.quick) measure("in SimGrid", 1, [&] { return microseconds(M, simulated, "simgrid"); });
    measure("NumPy and a heap", options.turns, [&] { return peer_microseconds(M, updates); });
  }
}
