#pragma once

#include <cmath>

#include "algorithms/core/setup.hpp"
#include "algorithms/methods/registry.hpp"
#include "algorithms/problems/logistic.hpp"
#include "tests/catch.hpp"

namespace laconic::tests {

/// What a part's maker needs, around a problem that is never evaluated.
struct TestSetup {
  explicit TestSetup(Index d, Wire wire = Wire::float64) {
    Dataset data{RowMatrix::Ones(2, d), Vector::Ones(2), "test"};
    problem = make_logistic({data, data}, {});
    setup.round = {.d = d, .wire = wire, .seed = 1};
  }
  TestSetup(const TestSetup&) = delete;
  Problem problem;
  Setup setup{problem, {}, "uniform", Schedule{}};
};

/// Values for whatever parameter a part requires.
inline const nlohmann::json& part_parameters() {
  static const nlohmann::json parameters = {{"H", 2}, {"k", 3}, {"bits", 4}, {"b0", 1}, {"clients", 2}, {"alpha", 0.5}};
  return parameters;
}

/// The constants of the formulas in the registries' "bits", with the parameters above.
inline Constants bit_constants(Index d, Wire wire) {
  const double n = static_cast<double>(d);
  return {{"w", static_cast<double>(bits_of(wire))},
          {"d", n},
          {"b", 4},
          {"k", std::min(3.0, n)},
          {"i", std::ceil(std::log2(n))},
          {"x", wire == Wire::float32 ? 8 : 11},
          {"r", 1},
          {"p", std::ceil(std::sqrt(n))},
          {"q", std::ceil(n / std::ceil(std::sqrt(n)))}};
}

/// A compressor of the registry, with parameters for whatever it requires.
inline std::unique_ptr<Compressor> made(const PartEntry<Compressor>& entry, const TestSetup& s,
                                        const nlohmann::json& parameters = part_parameters()) {
  Params in(parameters, "", "");
  return entry.make(s.setup, in)(0);
}

inline std::unique_ptr<Compressor> made(const char* name, const TestSetup& s, const nlohmann::json& parameters) {
  return made(*find(methods::compressors(), name), s, parameters);
}

inline Message encoded(const Compressor& c, const Vector& v, Wire wire, std::uint64_t seed = 1) {
  Message message;
  Rng rng(seed, Purpose::compressor);
  BitWriter out(message, wire);
  c.encode(v, rng, out);
  return message;
}

/// Throws if the message does not end where decode does.
inline Vector decoded(const Compressor& c, const Message& message, Wire wire, std::uint64_t seed = 1) {
  Rng rng(seed, Purpose::compressor);
  BitReader in(message, wire);
  Vector v;
  c.decode(in, rng, v);
  if (!in.at_end()) throw std::out_of_range("longer");
  return v;
}

/// Values for whatever parameter a method requires.
inline const nlohmann::json& method_parameters() {
  static const nlohmann::json parameters = {{"step", 0.05},  {"batch", 2}, {"H", 2},       {"k", 3},
                                            {"b0", 1},       {"c", 10},    {"clients", 2}, {"p", 0.5},
                                            {"warm_up", 20}, {"B", 3},     {"s", 1},       {"r", 1}};
  return parameters;
}

}  // namespace laconic::tests
