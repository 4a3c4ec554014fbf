#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platforms/platform.hpp"
#include "platforms/simgrid/versions.hpp"

namespace laconic::platforms {

/// The equal nodes of a fat tree, torus or dragonfly, numbered from 0: the server stands on one of them, the workers on
/// the first others, in order, and the rest idle.
class Nodes {
 public:
  /// Reads worker_speed, server_speed, and bandwidth and latency of every link.
  Nodes(Params& in, int M);

  double bandwidth = 0, latency = 0;

  /// Reads "server", now that the number of nodes is known. `shape` is the key that says it.
  /// Throws InputError if the nodes do not hold the server and the M workers.
  void place(Params& in, const char* shape, double nodes);

  /// Makes the node's host and notes in `out` who lives on it.
  sg::MakeHost maker(Deployment& out) const;

 private:
  std::vector<double> speed_;
  double server_speed_ = 0;
  std::size_t server_ = 0;
};

/// Reads a list of whole numbers, 1 or more, at most `most` long; `fallback` if absent, described by `fallback_words`.
std::vector<unsigned> counts(Params& in, const std::string& key, std::optional<std::vector<unsigned>> fallback,
                             const char* fallback_words, std::size_t most, const char* meaning);

}  // namespace laconic::platforms
