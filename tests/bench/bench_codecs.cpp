#include <cstdio>
#include <cstring>

#include "algorithms/methods/registry.hpp"
#include "algorithms/problems/logistic.hpp"
#include "tests/bench/bench.hpp"

using namespace laconic;

void bench_codecs() {
  constexpr Index d = 1'000'000;
  constexpr double gigabytes = d * sizeof(double) / 1e9;
  Vector v(d), copy(d);
  Rng rng(1, Purpose::data);
  for (double& x : v) x = rng.normal();
  const auto copying = timed(9, [&] { std::memcpy(copy.data(), v.data(), d * sizeof(double)); });
  std::printf("\ncodecs, d = 10^6, GB/s of doubles in and out (median of 9); a plain copy of the vector: %.1f\n",
              gigabytes / copying.median);
  std::printf("  %-14s %-8s %8s %8s\n", "compressor", "wire", "encode", "decode");

  Dataset data{RowMatrix::Ones(1, 1), Vector::Ones(1), ""};
  Problem problem = make_logistic({data}, {});
  problem.d = d;
  const nlohmann::json parameters = {{"k", 0.01}, {"bits", 4}};
  for (const auto& entry : compressors()) {
    for (const Wire wire : {Wire::float32, Wire::float64}) {
      Params in(parameters, "", "");
      const auto c = entry.make(Setup{problem, {.d = d, .wire = wire}, "", {}}, in)(0);
      Message message;
      const auto encode = timed(9, [&] {
        Rng stream(1, Purpose::compressor);
        BitWriter out(message, wire);
        c->encode(v, stream, out);
      });
      const auto decode = timed(9, [&] {
        Rng stream(1, Purpose::compressor);
        BitReader reader(message, wire);
        c->decode(reader, stream, copy);
      });
      std::printf("  %-14s %-8s %8.2f %8.2f\n", entry.name, wire == Wire::float32 ? "float32" : "float64",
                  gigabytes / encode.median, gigabytes / decode.median);
    }
  }
}
