#pragma once

#include <optional>

#include "algorithms/core/coding.hpp"
#include "algorithms/core/endpoints.hpp"
#include "algorithms/core/schedule.hpp"

namespace laconic {

/// H gradient steps on a copy of the model; what a worker then has to say is how far it moved, theta - x.
struct LocalSteps {
  Round H = 1;
  Schedule gamma;
  double rho = 0;  ///< the steps are on f_m(x) + (rho/2) ||x - theta||^2, theta the model they start from
};

/// What a worker makes of the gradient of a local step. Its state stays with the worker between rounds.
class LocalUpdate {
 public:
  virtual ~LocalUpdate() = default;
  /// A step of size gamma from x, where the gradient is g: adds to `moved` how much x falls by. All have d entries.
  virtual void step(double gamma, const Vector& x, const Vector& g, Vector& moved) = 0;
  /// Whether it divides the gradient by its own size.
  virtual bool normalises() const { return false; }
};

struct WorkerParts {
  const Oracle* oracle;
  std::unique_ptr<Sampler> sampler;
  std::optional<LocalSteps> local;            ///< absent: one gradient
  std::unique_ptr<LocalUpdate> local_update;  ///< needed where there are local steps
  double momentum = 0;                        ///< beta: v = beta v + (1 - beta) g is sent in place of g
  std::unique_ptr<Memory> memory;
  std::unique_ptr<Trigger> trigger;
  std::unique_ptr<Compressor> compressor;
  std::vector<std::unique_ptr<SideValues>> side_values;
  std::unique_ptr<Compressor> downlink;  ///< nullptr: a vote comes down, and the two below are needed
  bool scaled_vote = false;
  std::unique_ptr<Update> update;
};

/// A worker of the generic round: decodes the model, takes a gradient or local steps, adds momentum and what its memory
/// keeps, asks its trigger, encodes. `start` is theta^0, which every worker knows.
std::unique_ptr<Worker> make_worker(int m, WorkerParts parts, const Vector& start, const RoundOptions& options);

}  // namespace laconic
