#include <fmt/format.h>

#include <array>
#include <cstring>
#include <string>

#include "algorithms/methods/registry.hpp"
#include "algorithms/problems/logistic.hpp"
#include "tests/bench/bench.hpp"
#include "tests/rooms.hpp"

using namespace laconic::tests;

void bench_codecs(Log& log, const BenchOptions& options) {
  constexpr Index d = 1'000'000;
  constexpr double gigabytes = d * sizeof(double) / 1e9;
  const int turns = options.quick ? options.turns : 3 * options.turns;
  std::vector<double> large(20'000'000, 1.0);  // too large for a cache
  Vector v(d), copy(d);
  Rng rng(1, Purpose::data);
  for (double& x : v) x = rng.normal();
  log.title(
      "codecs, d = 10^6: GB/s of the vector's doubles; the ratio is the time over that of reading 8 MB from memory");

  Dataset data{RowMatrix::Ones(1, 1), Vector::Ones(1), ""};
  Problem problem = make_logistic({data}, {});
  problem.d = d;
  const nlohmann::json parameters = {{"k", 0.01}, {"bits", 4}};
  const auto measure = [&](const std::string& what, auto&& work) {
    std::vector<double> rates, ratios;
    work();
    for (int i = 0; i < turns; ++i) {
      const double read = streaming_read(large.data(), large.size()) / 20, taken = seconds_of(work);
      rates.push_back(gigabytes / taken);
      ratios.push_back(taken / read);
    }
    log.row("codecs", what, "GB/s", rates, "read", ratios);
  };
  measure("a plain copy", [&] { std::memcpy(copy.data(), v.data(), d * sizeof(double)); });
  volatile double norm = 0;                                  // or nobody would need to read
  measure("two readings and 32 random bits an entry", [&] {  // which QSGD must do, if no level and no bit took time
    std::array<std::uint32_t, 512> words;
    norm = v.norm();
    norm = v.norm();
    Rng stream(1, Purpose::compressor);
    for (Index i = 0; i < d; i += 512) stream.words(words);
  });
  for (const auto& entry : methods::compressors()) {
    for (const Wire wire : {Wire::float32, Wire::float64}) {
      if (options.quick && wire == Wire::float64) continue;
      Params in(parameters, "", "");
      const auto c = entry.make(Setup{problem, {.d = d, .wire = wire}, "", {}}, in)(0);
      const std::string name = fmt::format("{}, {}", entry.name, wire == Wire::float32 ? "float32" : "float64");
      Message message;
      measure(name + ", encode", [&] {
        Rng stream(1, Purpose::compressor);
        BitWriter out(message, wire);
        c->encode(v, stream, out);
      });
      measure(name + ", decode", [&] {
        Rng stream(1, Purpose::compressor);
        BitReader reader(message, wire);
        c->decode(reader, stream, copy);
      });
    }
  }
}
