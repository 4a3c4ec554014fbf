#include "tests/bench/bench.hpp"

#include <cstdio>
#include <cstring>
#include <utility>

// Names of benchmarks choose some; without, all are run.
int main(int argc, char** argv) {
  constexpr std::pair<const char*, void (*)()> all[] = {
      {"rounds", bench_rounds}, {"sweep", bench_sweep},   {"scale", bench_scale},
      {"loading", bench_loading}, {"sparse", bench_sparse}, {"codecs", bench_codecs}};
  for (const auto& [name, run] : all) {
    bool wanted = argc == 1;
    for (int i = 1; i < argc; ++i) wanted = wanted || std::strcmp(argv[i], name) == 0;
    if (wanted) run();
  }
}
