#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "sim/run/job.hpp"
#include "tests/bench/bench.hpp"
#include "tests/rooms.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

using Clock = std::chrono::steady_clock;

double megabytes() {
  long pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

// Prints a line, from a process of its own.
void measure_star(int M) {
  constexpr Round last = 12;
  const Scenario s = make_scenario({{"name", "scale"},
                                    {"workers", M},
                                    {"problem", {{"type", "toy"}, {"function", "quadratic"}, {"dimension", 100}}},
                                    {"platform", {{"type", "star"}}},
                                    {"algorithms", {{{"method", "gd"}, {"step", 0.1}}}},
                                    {"stop", {{"rounds", last}}}},
                                   "bench", ".");
  std::fflush(stdout);
  if (fork() == 0) {
    const double empty = megabytes();
    Method method = s.make_method(0);
    const double with_method = megabytes();
    Learner learner(method);
    auto before = Clock::now();
    double learning = 0, built = 0, first = 0, remembered = 0, peak = 0;
    const auto plan_round = [&](Round k) -> const RoundPlan& {
      const auto start = Clock::now();
      const RoundPlan& plan = learner.round(k);
      if (k > 0) learning += std::chrono::duration<double>(Clock::now() - start).count();
      return plan;
    };
    simulate_rounds({static_cast<std::size_t>(M), plan_round}, s.cluster, [&](Round rounds, double, const Ledger&) {
      const auto now = Clock::now();
      const double taken = std::chrono::duration<double>(now - before).count();
      (rounds == 0 ? built : rounds == 1 ? first : remembered) += taken;
      before = now;
      if (rounds == 1) peak = megabytes();
      return rounds < last;
    });
    std::printf("  %7d %9.2f %9.3f (%6.1f) %11.4f (%5.2f) %11.4f %8.1f %8.1f\n", M, built, first, 1e6 * first / M,
                remembered / (last - 1), 1e6 * remembered / (last - 1) / M, learning / (last - 1),
                1e3 * (with_method - empty) / M, 1e3 * (peak - with_method) / M);
    std::fflush(stdout);
    _exit(0);
  }
  wait(nullptr);
}

}  // namespace

void bench_scale(Log& log, const BenchOptions& options) {
  log.title(
      "Scale: star, gd, d = 100: host seconds (us per worker); kB per worker of the method, and of the simulation");
  std::printf("  %7s %9s %18s %19s %11s %8s %8s\n", "M", "platform", "first round", "a remembered one", "of it maths",
              "method", "simul.");
  for (const int M : {1000, 10000, 100000})
    if (!options.quick || M <= 10000) measure_star(M);
}
