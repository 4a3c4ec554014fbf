#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

// Measurements, not tests: nothing here gates on an absolute time.

/// MB/s of each format, and of decompression.
void bench_loading();
/// A sparse gradient at Reuters' shape, beside scipy's products.
void bench_sparse();
/// Encoding and decoding, GB/s of the vector's doubles.
void bench_codecs();
/// Host time of a simulated round against the same round in lockstep.
void bench_rounds();
/// A sweep over 400 networks by replay, against live runs.
void bench_sweep();
/// Stars of 1000 to 100000 workers.
void bench_scale();

struct Spread {
  double median, least, most;
};

/// Seconds of one call of `work`: median, least and most of `repeats` calls after one to warm up.
template <class Work>
Spread timed(int repeats, Work&& work) {
  work();
  std::vector<double> seconds;
  for (int i = 0; i < repeats; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(seconds.begin(), seconds.end());
  return {seconds[seconds.size() / 2], seconds.front(), seconds.back()};
}
