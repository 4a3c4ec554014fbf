#pragma once

#include <filesystem>
#include <fstream>

#include "algorithms/base/error.hpp"
#include "tests/sim/runs.hpp"

namespace laconic::tests {

using nlohmann::json;

// Powers of two, so that clocks are exact: a message takes 0.25 s of latency and 0.25 s for its 40 bytes, a gradient
// takes 1 s, and a round 2 s.
inline json clockwork(int M = 1, const json& entry = {{"method", "gd"}}) {
  json source = small_scenario(entry);
  source["workers"] = M;
  source["data"]["samples"] = 64 * M;
  source["platform"] = {{"type", "star"},
                        {"worker_speed", 4 * 64 * 5},
                        {"bandwidth", 160},
                        {"latency", "250ms"},
                        {"server_bandwidth", "1GBps"}};
  source["network"]["header"] = 0;
  source["stop"]["rounds"] = 3;
  return source;
}

struct Files {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("laconic-conditions-" + std::to_string(getpid()));
  Files() { std::filesystem::create_directories(folder); }
  ~Files() { std::filesystem::remove_all(folder); }
  std::string write(const char* name, const std::string& text) const {
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  }
};

using Rows = std::vector<std::vector<std::string>>;

inline std::string text_of(const json& source) {
  return in_child([&] { return rows_of(scenario_of(source)); });
}

inline Rows rows_with(json source, const char* pointer, const json& value) {
  source[json::json_pointer(pointer)] = value;
  const std::string text = text_of(source);
  INFO(text);
  REQUIRE_FALSE(text.starts_with("threw"));
  return csv(text);
}

inline std::vector<double> column(const Rows& rows, Column which) {
  std::vector<double> out;
  for (const auto& row : rows) out.push_back(std::stod(row[which]));
  return out;
}

inline std::vector<std::string> words(const Rows& rows, Column which) {
  std::vector<std::string> out;
  for (const auto& row : rows) out.push_back(row[which]);
  return out;
}

// The clock after each round.
inline void check_times(const Rows& rows, std::vector<double> expected) {
  expected.insert(expected.begin(), 0);
  REQUIRE(rows.size() == expected.size());
  for (std::size_t k = 0; k < rows.size(); ++k) {
    INFO("round " << k);
    CHECK(std::stod(rows[k][sim_time]) == Approx(expected[k]).epsilon(1e-6));
  }
}

inline std::string error(json source, const char* pointer, const json& value,
                         const std::filesystem::path& folder = ".") {
  source[json::json_pointer(pointer)] = value;
  try {
    make_scenario(source, "s.json", folder);
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace laconic::tests
