#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "tests/bench/bench.hpp"

namespace {

struct Group {
  const char* name;
  void (*run)(Log& log, const BenchOptions& options);
};
constexpr Group groups[] = {{"gradients", bench_gradients}, {"sparse", bench_sparse}, {"codecs", bench_codecs},
                            {"rounds", bench_rounds},       {"peers", bench_peers},   {"loading", bench_loading},
                            {"sweep", bench_sweep},         {"scale", bench_scale},   {"async", bench_async}};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Laconic's benchmarks: a table on the terminal and bench.csv"};
  app.name("laconic bench");
  BenchOptions options;
  std::vector<std::string> names, chosen;
  for (const auto& group : groups) names.emplace_back(group.name);
  std::string out = "results/bench";
  app.add_flag("--quick", options.quick, "fewer turns and smaller cases: a minute or two");
  app.add_option("--out", out, "the folder for bench.csv (default: results/bench)")->type_name("DIR");
  app.add_option("GROUP", chosen,
                 "which of them (default: all): gradients, sparse, codecs, rounds, peers, loading, sweep, scale, async")
      ->check(CLI::IsMember(names));
  CLI11_PARSE(app, argc, argv);
  if (options.quick) options.turns = 3;
  try {
    std::filesystem::create_directories(out);
    Log log(out + "/bench.csv");
    for (const auto& group : groups)
      if (chosen.empty() || std::find(chosen.begin(), chosen.end(), group.name) != chosen.end())
        group.run(log, options);
    fmt::print("\nrows in {}/bench.csv\n", out);
  } catch (const std::exception& e) {
    fmt::print(stderr, "laconic bench: {}\n", e.what());
    return 1;
  }
}
