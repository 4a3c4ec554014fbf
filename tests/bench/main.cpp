#include "tests/bench/bench.hpp"

int main() {
  bench_rounds();
  bench_loading();
  bench_sparse();
  bench_codecs();
}
