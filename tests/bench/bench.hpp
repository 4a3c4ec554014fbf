#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

// Measurements, not tests: nothing here gates on an absolute time. What is compared runs in turns, and each turn gives
// one ratio, so that a machine that is busy with other things disturbs both sides alike.

struct Spread {
  double median, least, most;
};
inline Spread spread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {values[values.size() / 2], values.front(), values.back()};
}

/// Where results go: a line on the terminal and a row of a CSV file each.
class Log {
 public:
  /// `path` of the CSV file; throws std::runtime_error if it cannot be written.
  explicit Log(const std::string& path);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// Starts a table.
  void title(const std::string& text);
  /// One row. `ratios`, if any, are to `against`, a turn each.
  void row(const std::string& group, const std::string& what, const std::string& unit,
           const std::vector<double>& values, const std::string& against = "", const std::vector<double>& ratios = {});
  void note(const std::string& text);

 private:
  std::FILE* csv_;
};

struct BenchOptions {
  bool quick = false;
  int turns = 5;
};

/// Gradient and loss against a streaming read of the same data.
void bench_gradients(Log& log, const BenchOptions& options);
/// Encoding and decoding against a streaming read of the vector.
void bench_codecs(Log& log, const BenchOptions& options);
/// MB/s of each format, and of decompression.
void bench_loading(Log& log, const BenchOptions& options);
/// A sparse gradient at Reuters' shape, beside scipy's products.
void bench_sparse(Log& log, const BenchOptions& options);
/// Host time of a simulated round, of a remembered one, and of one without a network.
void bench_rounds(Log& log, const BenchOptions& options);
/// Host time of an asynchronous server's update, beside NumPy with a heap of events.
void bench_async(Log& log, const BenchOptions& options);
/// A sweep over 400 networks by replay, against live runs.
void bench_sweep(Log& log, const BenchOptions& options);
/// Stars of 1000 to 100000 workers.
void bench_scale(Log& log, const BenchOptions& options);
/// Whole runs against NumPy, PyTorch and plain loops over Eigen.
void bench_peers(Log& log, const BenchOptions& options);

/// Seconds of one call.
template <class Work>
double seconds_of(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Seconds to read `count` doubles once, from where they lie, on one core; adds them up meanwhile.
double streaming_read(const double* data, std::size_t count);
