#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/sim/runs.hpp"

namespace laconic::tests {

/// Where the golden cases of methods beyond the synchronous server are.
inline const std::filesystem::path beyond = std::filesystem::path(LACONIC_SOURCE_DIR) / "tests" / "golden" / "beyond";

/// Lines of a case's trajectory, the header first.
inline std::vector<std::vector<std::string>> golden_rows(const std::string& file) {
  std::ifstream in(beyond / file);
  REQUIRE(in);
  std::stringstream text;
  text << in.rdbuf();
  return csv(text.str());
}

/// The scenario of one of the cases, on the star that all of them have.
inline nlohmann::json scenario_of_case(const nlohmann::json& golden, const nlohmann::json& one, std::size_t rounds) {
  return {{"name", "golden"},
          {"workers", golden["partition"]["sizes"].size()},
          {"problem", golden["problem"]},
          {"data",
           {{"type", "libsvm"},
            {"path", golden["data"]},
            {"features", golden["features"]},
            {"partition", golden["partition"]}}},
          {"platform", golden["star"]},
          {"network", {{"wire", golden["wire"]}, {"header", golden["header"]}}},
          {"batches", golden["batches"]},
          {"algorithms", {one["algorithm"]}},
          {"stop", {{"rounds", rounds}}}};
}

}  // namespace laconic::tests
