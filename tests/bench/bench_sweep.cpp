#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sim/processes/pool.hpp"
#include "sim/scenario/json_input.hpp"
#include "sim/scenario/sweep_points.hpp"
#include "sim/sweep/sweep.hpp"
#include "tests/bench/bench.hpp"
#include "tests/rooms.hpp"

using namespace laconic::tests;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

json quickstart_on_400_networks() {
  json source = read_json(fs::path(LACONIC_SOURCE_DIR) / "scenarios/quickstart.json");
  source["stop"] = {{"rounds", 500}};
  json latencies, bandwidths;
  for (int i = 1; i <= 20; ++i) {
    latencies.push_back(1e-3 * i);
    bandwidths.push_back(1e6 * i);
  }
  source["sweep"] = {{"/platform/latency", latencies}, {"/platform/bandwidth", bandwidths}};
  return source;
}

}  // namespace

void bench_sweep(Log& log, const BenchOptions&) {
  constexpr std::size_t every = 20;
  const json source = quickstart_on_400_networks();
  std::string folder = (fs::temp_directory_path() / "laconic-bench-").string() + std::string(6, 'X');  // mkdtemp's
  if (!mkdtemp(folder.data())) return;
  const fs::path file = fs::path(folder) / "s.json";
  std::ofstream(file) << source.dump();

  RunOptions options;
  options.out = fs::path(folder) / "r";
  options.progress = Progress::never;
  options.quiet = true;
  const double swept = seconds_of([&] { run_sweep(file, {}, options); });

  const Sweep sweep(source, file.string());
  const auto processes = static_cast<std::size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  std::size_t points = 0;
  const double live = seconds_of([&] {
    Pool pool(processes);
    for (std::size_t n = 0; n < sweep.size(); n += every, ++points) {
      const Scenario s = make_scenario(sweep.source(n), file.string(), folder);
      for (std::size_t i = 0; i < s.algorithms.size(); ++i)
        pool.start(
            [&s, i] {
              std::FILE* rows = std::tmpfile();
              run_job(s, i, rows, {});
            },
            [](const std::string& why) { std::printf("  failed: %s\n", why.c_str()); });
      pool.finish();
    }
  });
  const double all = live * static_cast<double>(sweep.size()) / static_cast<double>(points);
  log.title(fmt::format("Sweep: quickstart, 5 methods, 500 rounds, 400 networks, {} processes", processes));
  log.row("sweep", "replayed, tables written", "s", {swept});
  log.row("sweep", fmt::format("live, estimated from {} networks", points), "s", {all}, "replayed", {all / swept});
  log.note("live runs, too, time each distinct round once");
  fs::remove_all(folder);
}
