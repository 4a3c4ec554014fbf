#pragma once

#include <filesystem>

#include "algorithms/base/error.hpp"
#include "algorithms/base/random.hpp"
#include "algorithms/problems/neural.hpp"
#include "tests/catch.hpp"

namespace laconic::tests {

/// Normal numbers, labels 0 .. classes - 1 in turn, of a shape.
inline Dataset labelled(Index n, std::vector<Index> shape, int classes, std::uint64_t seed = 1) {
  Index d = 1;
  for (const Index size : shape) d *= size;
  Rng rng(seed, Purpose::data);
  Dataset data{RowMatrix(n, d), Vector(n), "random", std::move(shape)};
  for (double& x : std::get<RowMatrix>(data.x).reshaped()) x = rng.normal();
  for (Index i = 0; i < n; ++i) data.y[i] = static_cast<double>(i % classes);
  return data;
}

/// The problem of a block, all samples one worker's.
inline Problem neural_of(const nlohmann::json& block, Dataset data, const std::filesystem::path& folder = {}) {
  Params in(block, "s.json", "/problem");
  in.ignore("type");
  const ProblemPlan plan = neural(in, {7, folder});
  in.finish("the neural problem");
  plan.prepare(data, nullptr);
  std::vector<Dataset> shards;
  shards.push_back(std::move(data));
  return plan.make({std::move(shards), {}}, false);
}

inline std::string neural_error(const nlohmann::json& block, Dataset data, const std::filesystem::path& folder = {}) {
  try {
    neural_of(block, std::move(data), folder);
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

inline Batch all_of(const Oracle& f) { return {{}, f.samples(), true}; }

inline double distance(const Vector& a, const Vector& b) { return (a - b).norm() / b.norm(); }

}  // namespace laconic::tests
