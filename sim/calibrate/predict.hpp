#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/calibrate/star_flows.hpp"

namespace laconic::calibrate {

struct DeployedRun;
struct Activity;

/// A platform and a network as they were fitted, which predict what was measured.
struct FittedPlatform {
  FittedStar star;
  std::vector<double> speed;  ///< workers', flop/s; empty: computations take no time
  double server_speed = std::numeric_limits<double>::infinity();
  double header = 0;  ///< bytes beside a message's payload
};

/// How far predictions are from what was measured, for one algorithm of one run.
struct HeldOutError {
  std::string algorithm;
  bool rounds = true;     ///< whether whole rounds were predicted, or, where they overlap, messages and computations
  std::size_t count = 0;  ///< how many
  double median = 0;      ///< of the magnitudes of relative errors
  double shift = 0;       ///< median of relative errors; negative: predicted too fast
  double worst = 0;       ///< the greatest magnitude
};

/// How long a round takes, s: its activities follow each other as they did when they were measured (each begins when
/// all that reached its host before it has been predicted to be there), and take the time that the platform says.
double predict_round(const FittedPlatform& platform, const std::vector<const Activity*>& activities);

/// The errors over all rounds that are `held_out`, an entry for each algorithm.
std::vector<HeldOutError> held_out_errors(const FittedPlatform& platform, const DeployedRun& deployed,
                                          const std::function<bool(std::uint64_t round)>& held_out);

}  // namespace laconic::calibrate
