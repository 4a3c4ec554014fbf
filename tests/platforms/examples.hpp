#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "platforms/built/survey.hpp"
#include "platforms/platform.hpp"
#include "tests/sim/runs.hpp"

namespace laconic::tests {

/// Three hosts of a server's and workers' ilk in SimGrid's XML: lines of 1 MB/s and 10 ms around a router.
inline constexpr char small_xml[] = R"(<?xml version="1.0"?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <cluster id="c" prefix="node-" suffix="" radical="0-11" speed="1Mf" bw="1MBps" lat="10ms"/>
</platform>
)";

/// A folder of files for one test.
struct PlatformFiles {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("laconic-platforms-" + std::to_string(getpid()));
  PlatformFiles() { std::filesystem::create_directories(folder); }
  ~PlatformFiles() { std::filesystem::remove_all(folder); }
  PlatformFiles(const PlatformFiles&) = delete;
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  }
};

/// A platform block of each topology, with room for 4 workers: 1 MB/s, 10 ms, 1 Mflop/s and no more keys than that
/// takes.
inline nlohmann::json platform_example(const std::string& type, const PlatformFiles& files) {
  nlohmann::json block = {{"type", type}};
  if (type == "file") {
    block["file"] = files.write("small.xml", small_xml);
    return block;
  }
  block["worker_speed"] = "1Mf";
  block["bandwidth"] = "1MBps";
  if (type != "wifi") block["latency"] = "10ms";
  if (type == "dragonfly") block.update({{"groups", 2}, {"chassis", 1}, {"routers", 2}, {"nodes", 2}});
  if (type == "fat-tree") block.update({{"down", {2, 3}}, {"up", {1, 2}}});
  if (type == "torus") block["dimensions"] = {3, 2};
  if (type == "two-tier") block["racks"] = 2;
  if (type == "wan") block["sites"] = {"A", "B", "C"};
  return block;
}

/// What SimGrid built of a scenario's platform.
inline Survey survey_of(const Scenario& s) { return survey(s.cluster.platform, *s.cluster.network, "test"); }

}  // namespace laconic::tests
