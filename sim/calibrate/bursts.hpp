#pragma once

#include <functional>
#include <vector>

#include "sim/calibrate/deployed.hpp"
#include "sim/calibrate/star_flows.hpp"

namespace laconic::calibrate {

/// Messages of one run that met: each overlaps in time with another one that has its sender or its receiver. One that
/// met nobody is a burst by itself. A chain of more than 64 is cut there.
struct Burst {
  std::vector<Sending> messages;        ///< starts from the first one's, s
  std::vector<double> ends;             ///< as measured, from then
  std::vector<std::size_t> activities;  ///< their numbers in the run's list
  std::size_t block = 0;                ///< its round's number among all rounds
};

/// The bursts among those messages of a run that are `wanted`.
std::vector<Burst> bursts_of(const DeployedRun& deployed, const std::function<bool(const Activity&)>& wanted);

/// The rounds that are kept out of a fit: so large a share of them, evenly spread.
class HeldOut {
 public:
  explicit HeldOut(double share) : share_(share) {}
  bool operator()(std::uint64_t round) const;

 private:
  double share_;
};

}  // namespace laconic::calibrate
