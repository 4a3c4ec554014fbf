#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/calibrate/fit_computing.hpp"
#include "sim/calibrate/fit_network.hpp"
#include "sim/calibrate/predict.hpp"

namespace laconic::calibrate {

struct CalibrateOptions {
  std::filesystem::path out;      ///< where the block goes; empty: to the standard output alone
  double hold_out = 0.3;          ///< the share of rounds that nothing is fitted to
  std::optional<double> latency;  ///< s, if it is known
  bool as_json = false;           ///< print the file's JSON, and nothing else
};

/// A platform and network that were fitted to deployed runs, and how well they predict the rounds that were held out.
struct Calibration {
  int workers = 0;
  NetworkFit network;
  ComputingFit computing;
  Estimate header;                     ///< bytes beside a message's payload; between its quantiles
  std::vector<HeldOutError> held_out;  ///< empty: no round was
  std::vector<std::string> remarks;    ///< what the data cannot tell, and what stands in its place

  FittedPlatform platform() const;
  /// {"platform": ..., "network": ..., "calibrated": ...}
  nlohmann::ordered_json told() const;
};

/// Throws InputError where the runs do not belong together, or cannot tell.
Calibration calibrate(const std::vector<DeployedRun>& deployed, const CalibrateOptions& options);

/// The command: reads result folders of deployed runs, prints what was found, and writes it. Returns the exit code.
int calibrate_runs(const std::vector<std::filesystem::path>& folders, const CalibrateOptions& options);

}  // namespace laconic::calibrate
