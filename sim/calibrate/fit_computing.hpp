#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "sim/calibrate/deployed.hpp"
#include "sim/calibrate/robust_fit.hpp"

namespace laconic::calibrate {

/// What was found of processors.
struct ComputingFit {
  std::vector<Estimate> speed;           ///< workers', flop/s; one: they are alike; none: nobody computed
  std::optional<Estimate> server_speed;  ///< flop/s
  std::optional<Estimate> overhead;      ///< s that each computation takes beside its flops, where the data want it
  std::size_t computations = 0;
};

/// Fits speeds to those computations of the runs that are `wanted` and have flops. Workers are alike as links are
/// (fit_network.hpp).
ComputingFit fit_computing(const std::vector<DeployedRun>& deployed, int workers,
                           const std::function<bool(const Activity&)>& wanted);

}  // namespace laconic::calibrate
