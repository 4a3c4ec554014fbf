#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/rounds/ledger.hpp"
#include "sim/scenario/scenario.hpp"
#include "tests/bench/bench.hpp"
#include "tests/rooms.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

json scenario_on(int M, const json& platform, const char* solver) {
  return {{"name", "bench"},
          {"workers", M},
          {"network", {{"solver", solver}}},
          {"problem", {{"type", "toy"}, {"function", "quadratic"}}},
          {"platform", platform},
          {"algorithms", {{{"method", "gd"}}}},
          {"stop", {{"rounds", 1}}}};
}

// Host seconds of `rounds` rounds after the first, in which everybody computes and uploads 100 numbers; no learning.
// `alike`: all rounds are one to the network, which remembers it.
double seconds(const json& source, int M, Round rounds, bool alike) {
  const ClusterPlan cluster = read_cluster(source, "bench", ".");
  int ends[2];
  if (pipe(ends) != 0) return 0;
  std::fflush(nullptr);  // or the child would print what stands in our buffer a second time
  const pid_t pid = fork();
  if (pid == 0) {  // a process has one SimGrid engine
    RoundPlan plan;
    plan.broadcast_bits = 3200;
    for (int m = 0; m < M; ++m) plan.shares.push_back({m, 1e5, 3200});
    const auto plan_round = [&](Round k) -> const RoundPlan& {
      if (!alike) plan.server_flops = 1 + static_cast<double>(k);
      return plan;
    };
    std::chrono::steady_clock::time_point start;
    double taken = 0;
    const auto after_round = [&](Round k, double, const Ledger&) {
      if (k == 1) start = std::chrono::steady_clock::now();
      taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      return k < rounds + 1;
    };
    simulate_rounds({static_cast<std::size_t>(M), plan_round}, cluster, after_round);
    _exit(write(ends[1], &taken, sizeof taken) == sizeof taken ? 0 : 1);
  }
  close(ends[1]);
  double taken = 0;
  if (read(ends[0], &taken, sizeof taken) != sizeof taken) taken = 0;
  close(ends[0]);
  waitpid(pid, nullptr, 0);
  return taken;
}

}  // namespace

void bench_rounds(Log& log, const BenchOptions& options) {
  const json speeds = {{"type", "uniform"}, {"min", "5Gf"}, {"max", "10Gf"}};
  const json even = {{"type", "star"}}, uneven_speeds = {{"type", "star"}, {"worker_speed", speeds}};
  const json uneven = {{"type", "star"},
                       {"worker_speed", speeds},
                       {"bandwidth", {{"type", "uniform"}, {"min", "50Mbps"}, {"max", "100Mbps"}}},
                       {"latency", {{"type", "uniform"}, {"min", "1ms"}, {"max", "2ms"}}}};
  const std::pair<const char*, json> kinds[] = {
      {"equal", even}, {"unequal speeds", uneven_speeds}, {"unequal in all", uneven}};
  log.title("the network's host time, us per worker and round: everybody uploads, no learning");
  for (const int M : {10, 100, 1000, 10000}) {
    for (const auto& kind : kinds) {
      const bool alike = &kind == &kinds[0];
      const bool minutes = M == 10000 && !alike;  // in SimGrid
      const Round rounds = std::max(2, (M <= 100 ? 40000 : 10000) / M) / (options.quick ? 4 : 1) + 1;
      const auto measure = [&](const char* what, const char* solver, int turns, Round count, bool one) {
        std::vector<double> us;
        for (int i = 0; i < turns; ++i)
          us.push_back(1e6 * seconds(scenario_on(M, kind.second, solver), M, count, one) / static_cast<double>(count) /
                       M);
        log.row("rounds", fmt::format("M = {}, {}, {}", M, kind.first, what), "us", us);
      };
      measure("found outright", "auto", options.turns, rounds, false);
      if (!minutes || !options.quick)
        measure("in SimGrid", "simgrid", M == 10000 ? 1 : options.turns, minutes ? 1 : rounds, false);
      measure("remembered", "auto", options.turns, 20 * rounds, true);
    }
  }
}
