#pragma once

#include "algorithms/core/setup.hpp"
#include "algorithms/problems/logistic.hpp"
#include "tests/catch.hpp"

namespace laconic {

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
  static const nlohmann::json parameters = {{"H", 2}};
  return parameters;
}

/// The same for a method.
inline const nlohmann::json& method_parameters() {
  static const nlohmann::json parameters = {{"step", 0.05}, {"batch", 4}};
  return parameters;
}

}  // namespace laconic
