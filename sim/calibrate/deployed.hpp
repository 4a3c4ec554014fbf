#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace laconic::calibrate {

/// The server among the hosts; workers are numbers from 0.
inline constexpr int the_server = -1;

/// A row of deploy.csv: a message, or a computation of one host.
struct Activity {
  bool message = false;
  int from = the_server, to = the_server;  ///< alike for a computation
  std::size_t run = 0;                     ///< number in DeployedRun::runs
  std::uint64_t round = 0;
  std::optional<std::uint64_t> bits;  ///< a message's payload as encoded; nothing: it has none
  double bytes = 0;                   ///< of a message, as it was sent
  double flops = 0;                   ///< what the simulation would charge for a computation
  double start = 0, end = 0;          ///< s; a message: at its sender, at its receiver

  double seconds() const { return end - start; }
};

/// What a deployed run has left.
struct DeployedRun {
  struct Run {
    std::string algorithm;
    std::uint64_t seed;
    bool operator==(const Run&) const = default;
  };
  std::filesystem::path folder;
  nlohmann::json scenario;
  int workers = 0;
  double clock_uncertainty = 0;  ///< s, by which two hosts' clocks may differ
  std::vector<Run> runs;
  std::vector<Activity> activities;
};

/// Reads the result folder of a deployed run. Throws InputError "<file>: ..." or "<file>:line: ..." for what is none:
/// no "deployed" in run.json, a column that is missing or stands twice, a row with another number of fields, that was
/// cut short, or that cannot be.
DeployedRun read_deployed(const std::filesystem::path& folder);

/// A host's name in deploy.csv.
std::string host_name(int host);

}  // namespace laconic::calibrate
