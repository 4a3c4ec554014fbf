#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "sim/job.hpp"
#include "sim/scenario.hpp"
#include "tests/bench/bench.hpp"

using namespace laconic;
using nlohmann::json;

namespace {

json scenario(int M, const json& platform, Round rounds) {
  return {{"name", "bench"},
          {"workers", M},
          {"problem", {{"type", "logistic"}}},
          {"data", {{"type", "gaussian"}, {"samples", 2 * M}, {"features", 100}}},
          {"platform", platform},
          {"algorithms", {{{"method", "gd"}}}},
          {"stop", {{"rounds", rounds}}},
          {"record", {{"every", rounds}, {"metrics", {"loss"}}}}};
}

// Seconds of a run, in a process of its own: a process has one SimGrid engine.
double seconds(const json& source) {
  const Scenario s = make_scenario(source, "bench", ".");
  int ends[2];
  if (pipe(ends) != 0) return 0;
  std::fflush(nullptr);  // or the child would print what stands in our buffer a second time
  if (fork() == 0) {
    std::FILE* null = std::fopen("/dev/null", "w");
    const double wall = run_job(s, 0, null, {}).wall_s;
    _exit(write(ends[1], &wall, sizeof wall) == sizeof wall ? 0 : 1);
  }
  close(ends[1]);
  double wall = 0;
  if (read(ends[0], &wall, sizeof wall) != sizeof wall) wall = 0;
  close(ends[0]);
  wait(nullptr);
  return wall;
}

}  // namespace

void bench_rounds() {
  const json even = {{"type", "star"}};
  const json uneven = {{"type", "star"},
                       {"worker_speed", {{"type", "uniform"}, {"min", "5Gf"}, {"max", "10Gf"}}},
                       {"bandwidth", {{"type", "uniform"}, {"min", "50Mbps"}, {"max", "100Mbps"}}},
                       {"latency", {{"type", "uniform"}, {"min", "1ms"}, {"max", "2ms"}}}};
  std::printf("host time of a round of gd, d = 100, us per worker and round, median of 5 (least, most)\n");
  std::printf("  %6s  %-24s %-24s %-30s\n", "M", "lockstep", "star, equal workers", "star, unequal workers");
  for (const int M : {10, 100, 1000}) {
    const Round rounds = std::max(20, 40000 / M / (M >= 1000 ? 4 : 1));
    std::printf("  %6d  ", M);
    double lockstep = 0;
    for (const json& platform : {json{{"type", "none"}}, even, uneven}) {
      const json source = scenario(M, platform, rounds);
      std::vector<double> us;
      for (int i = 0; i < 5; ++i) us.push_back(1e6 * seconds(source) / static_cast<double>(rounds * M));
      std::sort(us.begin(), us.end());
      if (lockstep == 0) lockstep = us[2];
      std::printf("%6.2f (%.2f, %.2f) %s", us[2], us[0], us[4], us[2] == lockstep ? "   " : "");
      if (us[2] != lockstep) std::printf("+%-8.2f", us[2] - lockstep);
    }
    std::printf("\n");
    std::fflush(stdout);
  }
}
