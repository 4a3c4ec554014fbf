#pragma once

#include "algorithms/problems/models.hpp"
#include "algorithms/problems/registry.hpp"

namespace laconic::problems {

/// A training step of which only sizes and times are known: nothing is learned.
struct WorkloadOptions {
  std::vector<ModelLayer> layers;
  Index batch = 1;               ///< samples of a worker's step
  double seconds = 0;            ///< of a step; 0: as long as its flops take
  std::vector<double> backward;  ///< each layer's time of it, in any unit; empty: by flops
  double forward = 1.0 / 3;      ///< share of the step before the backward pass
};

Problem make_workload(int M, const WorkloadOptions& options);

/// Reads "model" or "layers", "batch", "image", "sequence" and "step_time".
ProblemPlan workload(Params& in, const ProblemContext& context);

}  // namespace laconic::problems
