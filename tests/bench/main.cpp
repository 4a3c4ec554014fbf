#include "tests/bench/bench.hpp"

int main() {
  bench_rounds();
  bench_libsvm();
  bench_codecs();
}
