#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/calibrate/bursts.hpp"
#include "sim/calibrate/robust_fit.hpp"

namespace laconic::calibrate {

/// No link is fitted a larger bandwidth, byte/s.
inline constexpr double most_bandwidth = 1e12;

/// What was found of a network's links.
struct NetworkFit {
  std::vector<Estimate> latency;    ///< s; one: all workers are alike, else one for each
  std::vector<Estimate> bandwidth;  ///< byte/s; likewise
  Estimate server_bandwidth;        ///< byte/s
  bool own_told = true;             ///< whether a worker's link was ever the narrowest place
  bool server_told = true;          ///< whether the server's was
  bool one_by_one = false;  ///< whether messages that meet arrive one after another, and the last one was fitted
  std::size_t messages = 0, met = 0;  ///< that were fitted, and how many of them met others
  double scale = 0;                   ///< of the residuals, which are logarithms of times
  std::vector<std::string> remarks;

  FittedStar star(int workers) const;
};

/// Fits links of a star to messages, whose times are compared as logarithms. Where they meet they share links as the
/// simulator has it; if they arrive one after another instead, the last of them is fitted, whose arrival is the same
/// for both. Links are alike unless a worker's differs by more than 10 % from the median of all, which is not in its
/// 95 % interval. `latency`: what it is known to be, s. Throws InputError "<where>: ..." if the data cannot tell
/// latency from bandwidth.
NetworkFit fit_network(std::vector<Burst> bursts, int workers, std::optional<double> latency, const std::string& where);

/// Whether one of these differs by more than 10 % from the median of all, and its interval leaves that out.
bool differ(std::span<const Estimate> own);

}  // namespace laconic::calibrate
